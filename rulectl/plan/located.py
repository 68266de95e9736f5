"""A compiled expression with the place in the rule where it is written: for checks that look into it."""

from __future__ import annotations

from dataclasses import dataclass

from rulectl.expression import Expression
from rulectl.plan.roots import Place
from rulectl.problem import Problem, Severity
from rulectl.rule.model import Rule
from rulectl.rule.node import Path


@dataclass(frozen=True, slots=True)
class Located:
    """`expression` begins at `offset` of the text at `path`; `place` is None for one relative to the object."""

    rule: Rule
    place: Place | None
    expression: Expression
    path: Path
    offset: int = 0

    def problem(
        self,
        code: str,
        message: str,
        span: tuple[int, int],
        *,
        hint: str = "",
        severity: Severity = Severity.WARNING,
    ) -> Problem:
        """A problem with the part `span` of the expression's text."""
        return self.rule.document.problem(
            code,
            message,
            self.path,
            offset=self.offset + span[0],
            end=self.offset + max(span[1], span[0] + 1),
            hint=hint,
            severity=severity,
            rule=self.rule.name,
        )
