"""Collecting the problems of one rule while it is compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rulectl.expression import ExpressionError
from rulectl.plan.roots import ALL_ROOTS, STEP_ROOTS, Place, why_not
from rulectl.problem import Problem, Severity
from rulectl.rule.model import Rule, Written
from rulectl.rule.node import Path

_COMMENT = re.compile(r"\s+#")


class Faults:
    """The problems of `rule`, in the order in which they were found."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.problems: list[Problem] = []

    def add(
        self,
        code: str,
        message: str,
        path: Path,
        *,
        key: bool = False,
        span: tuple[int, int] | None = None,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """A problem with the value (or its `key`, or the part `span` of its text) at `path`."""
        offset, end = span if span is not None else (None, None)
        self.problems.append(
            self.rule.document.problem(
                code, message, path, key=key, offset=offset, end=end, hint=hint, severity=severity, rule=self.rule.name
            )
        )

    def about_whole(self, code: str, message: str, path: Path, hint: str = "", *, key: bool = False) -> None:
        """A problem with what the rule says as a whole: not told where faulty parts were left out of it."""
        if self.rule.sound:
            self.add(code, message, path, hint=hint, key=key)

    def expression(self, error: ExpressionError, written: Written, place: Place | None) -> None:
        """Everything that a compilation of `written` found, each at its own place in the text."""
        for one in error.every():
            self._expression(one, written, place)

    def _expression(self, error: ExpressionError, written: Written, place: Place | None) -> None:
        path = (*written.path, *error.path)
        whole = _at(written.value, error.path)
        named = whole[error.start : error.end] if isinstance(whole, str) else ""
        code, message, hint = "RC401", error.message, error.hint
        if message.startswith("unknown root"):
            code = "RC402"
            if place is not None and named in ALL_ROOTS:
                code, message, hint = self._known_root(named, place)
        elif message.startswith("unknown function"):
            code = "RC403"
        elif _COMMENT.match(self.rule.document.rest_of_line(path)):
            hint = "to YAML ' #' begins a comment: quote the expression"
        if error.message.startswith("a key"):
            self.add(code, message, path, key=True, hint=hint)
            return
        self.add(code, message, path, span=(error.start, max(error.end, error.start + 1)), hint=hint)

    def _known_root(self, root: str, place: Place) -> tuple[str, str, str]:
        is_condition = self.rule.when is not None and self.rule.changed is None
        message, hint = why_not(root, place, is_condition=is_condition, has_for_each=self.rule.for_each is not None)
        if place is Place.ENABLED_IF:
            return "RC408", message, hint
        return ("RC407" if is_condition and root in STEP_ROOTS else "RC402"), message, hint


def _at(value: object, path: Path) -> object:
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list | tuple) and isinstance(step, int):
            value = value[step]
        else:
            return None
    return value
