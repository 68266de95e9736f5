"""Problems as people and machines read them: place, code, message, the line with a caret, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeAlias

from rulectl.problem import Problem, Severity, in_order
from rulectl.value import Value

_TAB_WIDTH = 4
_MAX_LINE = 200
Part: TypeAlias = Literal["place", "error", "warning", "note", "hint"]
Paint: TypeAlias = Callable[[str, Part], str]
"""Gives a text in the colour of its part; the text itself stays as it is."""


def _plain(text: str, part: Part) -> str:  # noqa: ARG001 - one of many paints
    return text


def text_report(
    problems: Iterable[Problem], *, rules: int | None = None, strict: bool = False, paint: Paint = _plain
) -> str:
    """The problems in the order of files and lines, each once, and a summary in the last line.

    ::

        rules/web.yaml:7:5: RC203 unknown key 'event' in spec
            |   event: [added]
            |   ^^^^^
            = did you mean 'events'?

    `rules` is how many rules were read, None when that is not known. Ends with a line break.
    """
    ordered = in_order(problems)
    blocks = [_block(problem, paint) for problem in ordered]
    return "".join(f"{block}\n" for block in blocks) + summary(ordered, rules=rules, strict=strict) + "\n"


def json_report(problems: Iterable[Problem], *, strict: bool = False) -> dict[str, Value]:
    """The same as one JSON object: ``problems`` in order, counts by severity, and whether all is ``ok``."""
    ordered = in_order(problems)
    return {
        "ok": not fails(ordered, strict=strict),
        "errors": _count(ordered, Severity.ERROR),
        "warnings": _count(ordered, Severity.WARNING),
        "notes": _count(ordered, Severity.NOTE),
        "problems": [_as_json(problem) for problem in ordered],
    }


def fails(problems: Iterable[Problem], *, strict: bool = False) -> bool:
    """Whether these problems make a check fail: errors do, with `strict` warnings too, notes never."""
    weighty = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return any(problem.severity in weighty for problem in problems)


def summary(problems: Sequence[Problem], *, rules: int | None = None, strict: bool = False) -> str:
    """One line: what was read, what was found, and whether that is fine."""
    counts = [
        _counted(_count(problems, severity), severity.value) for severity in Severity if _count(problems, severity)
    ]
    read = "" if rules is None else f"{_counted(rules, 'rule')}: "
    if not counts:
        return f"{read}no problems"
    warned = strict and not _count(problems, Severity.ERROR) and fails(problems, strict=True)
    return f"{read}{', '.join(counts)}" + (" (warnings fail with --strict)" if warned else "")


def _block(problem: Problem, paint: Paint) -> str:
    weight: Part = problem.severity.value
    kind = "" if problem.severity is Severity.ERROR else f"{weight}: "
    lines = [
        f"{paint(f'{problem.place}:', 'place')} {paint(f'{problem.code} {kind}'.rstrip(), weight)} {problem.message}"
    ]
    if problem.source.strip() and problem.place.line:
        line, caret = _marked(problem)
        gap = caret[: len(caret) - len(caret.lstrip())]
        lines += [f"    | {line}".rstrip(), f"    | {gap}{paint(caret.lstrip(), weight)}"]
    if problem.hint:
        lines.append(f"    = {paint(problem.hint, 'hint')}")
    return "\n".join(lines)


def _marked(problem: Problem) -> tuple[str, str]:
    """The line, tabs made visible as spaces, and carets under the place; a long line is cut around it."""
    source, start = problem.source, max(0, problem.place.column - 1)
    end = max(start + 1, problem.place.end_column - 1)
    cut = max(0, min(start - _MAX_LINE // 4, len(source) - _MAX_LINE))
    visible, start, end = source[cut : cut + _MAX_LINE], start - cut, min(end - cut, _MAX_LINE)
    before, marked = _width(visible[:start]), max(1, _width(visible[start:end]))
    line = visible.replace("\t", " " * _TAB_WIDTH)
    return line, " " * before + "^" * marked


def _width(text: str) -> int:
    return len(text) + text.count("\t") * (_TAB_WIDTH - 1)


def _as_json(problem: Problem) -> Value:
    place = problem.place
    found: dict[str, Value] = {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "endColumn": place.end_column,
        "code": problem.code,
        "severity": problem.severity.value,
        "message": problem.message,
        "hint": problem.hint,
        "rule": problem.rule,
    }
    return {key: value for key, value in found.items() if value not in (0, "")}


def _count(problems: Iterable[Problem], severity: Severity) -> int:
    return sum(problem.severity is severity for problem in problems)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
