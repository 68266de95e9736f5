"""Codes that a rule asks not to be told of, by its annotation `rulectl.dev/ignore`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rulectl.problem import Problem, Severity
from rulectl.rule.codes import CODES
from rulectl.rule.model import Rule
from rulectl.rule.node import Path
from rulectl.value import mapping

ANNOTATION = "rulectl.dev/ignore"
_PATH: Path = ("metadata", "annotations", ANNOTATION)
_WORD = re.compile(r"[^\s,]+")


@dataclass(frozen=True, slots=True)
class _Silence:
    """One code in the annotation of one rule, and where it stands there."""

    rule: Rule
    code: str
    start: int
    end: int

    def problem(self, message: str, hint: str) -> Problem:
        return self.rule.document.problem(
            "RC320",
            message,
            _PATH,
            offset=self.start,
            end=self.end,
            hint=hint,
            severity=Severity.WARNING,
            rule=self.rule.name,
        )


def silenced(loading: Iterable[Problem], checking: Iterable[Problem], rules: Sequence[Rule]) -> list[Problem]:
    """The problems without those that their rule silences, and a warning for each code that silences nothing.

    Args:
        loading: What was found when the rules were loaded. Errors among it stay: such a rule does not run.
        checking: What was found beyond that; all of it can be silenced.
        rules: All rules, as they are written.
    """
    fatal = [problem for problem in loading if problem.severity is Severity.ERROR]
    others = [*(problem for problem in loading if problem.severity is not Severity.ERROR), *checking]
    wanted = [silence for rule in rules for silence in _silences(rule)]
    if not wanted:
        return [*fatal, *others]
    pairs = {(one.rule.name, one.code) for one in wanted}
    used = {(problem.rule, problem.code) for problem in others}
    left = [problem for problem in others if (problem.rule, problem.code) not in pairs]
    unused = [one for one in wanted if (one.rule.name, one.code) not in used]
    faults = {(problem.rule, problem.code) for problem in fatal}
    return [*fatal, *left, *(_unused(one, is_error=(one.rule.name, one.code) in faults) for one in unused)]


def _silences(rule: Rule) -> Iterator[_Silence]:
    annotations = mapping(mapping(mapping(rule.document.value).get("metadata")).get("annotations"))
    written = annotations.get(ANNOTATION)
    if isinstance(written, str):
        for word in _WORD.finditer(written):
            yield _Silence(rule, word[0].upper(), word.start(), word.end())


def _unused(silence: _Silence, *, is_error: bool) -> Problem:
    code = silence.code
    if code not in CODES:
        return silence.problem(f"there is no code {code}", "`rulectl explain CODE` tells what each means")
    if is_error:
        return silence.problem(f"{code} cannot be silenced: with it the rule does not run", "correct it")
    return silence.problem(f"{code} silences nothing: this rule has no such problem", "remove it")
