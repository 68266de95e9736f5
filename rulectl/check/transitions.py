"""Rules that judge a step rather than a difference: what is weaker about them, as a note."""

from __future__ import annotations

from collections.abc import Iterator

from rulectl.plan.compiler import Compilation
from rulectl.problem import Problem, Severity

CODE = "RC603"
_MESSAGE = (
    "a step is judged, so a state that came and went while rulectl was down, or between two looks, is not compared"
)
_HINT = "a difference that is at rest is never lost; watch the value itself if every change of it matters"


def transition_notes(compilation: Compilation) -> Iterator[Problem]:
    """A note for each `from` or `to`, and for each term of a `changed` rule that looks at `old`, of good rules."""
    good = {rule.name for rule in compilation.plan.rules}
    for rule in compilation.written:
        for field in rule.changed.fields if rule.changed is not None and rule.name in good else ():
            if field.old is not None or field.new is not None:
                path = field.expression.path
                yield rule.document.problem(CODE, _MESSAGE, path, hint=_HINT, severity=Severity.NOTE, rule=rule.name)
    for located in compilation.expressions:
        if located.rule.name in good and "when" in located.path and "old" in located.expression.roots:
            span = (0, len(located.expression.text))
            yield located.problem(CODE, _MESSAGE, span, hint=_HINT, severity=Severity.NOTE)
