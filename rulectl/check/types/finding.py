"""What is wrong in one expression, at offsets of its text: the same wherever that text stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from rulectl.expression.syntax import IndexExpression, Subexpression, Syntax
from rulectl.problem import Severity

_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of the part from `start` to `end` of an expression's text."""

    code: str
    message: str
    start: int
    end: int
    hint: str
    severity: Severity


@dataclass(slots=True)
class Findings:
    """Collects the faults of the expression `text`."""

    text: str
    found: list[Finding] = field(default_factory=list)

    def tell(self, code: str, message: str, node: Syntax, hint: str, severity: Severity = Severity.ERROR) -> None:
        """Adds a fault of the part `node`."""
        self.found.append(Finding(code, message, node.start, node.end, hint, severity))

    def written(self, node: Syntax) -> str:
        """The text of a part, cut where it is long."""
        text = " ".join(self.text[node.start : node.end].split())
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def last(node: Syntax) -> Syntax:
    """The end of a path: what is wrong with the path's value is shown there."""
    return last(node.steps[-1]) if isinstance(node, Subexpression | IndexExpression) else node
