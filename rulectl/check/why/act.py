"""What the actions of a rule would do for an object: which of them run, and with which parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rulectl.check.why.scope import Reader, Roots, Scope
from rulectl.check.why.show import Show
from rulectl.check.why.verdict import Act
from rulectl.expression import EvaluationError
from rulectl.plan.model import ActionPlan
from rulectl.predicate.term import truth
from rulectl.value import Value

_LATER = {"results": "results of earlier actions", "target": "the targets", "sources": "the targets"}
"""Roots that are known only when actions run."""


def acts_of(roots: Roots, actions: Iterable[ActionPlan], scope: Scope, show: Show) -> tuple[Act, ...]:
    """Each action in order, with its rendered parameters where they can be told before it runs."""
    return tuple(_acts(roots, actions, dict(scope), show))


def _acts(roots: Roots, actions: Iterable[ActionPlan], scope: Scope, show: Show) -> Iterator[Act]:
    for action in actions:
        readers: list[Reader] = [action.parameters, *([action.condition] if action.condition is not None else [])]
        try:
            roots.complete(scope, readers)
            yield _act(roots, action, scope, show)
        except EvaluationError as fault:
            yield Act(action.name, action.type.name, "unknown", str(fault))


def _act(roots: Roots, action: ActionPlan, scope: Scope, show: Show) -> Act:
    condition = action.condition
    if condition is not None:
        later = _later(condition.roots)
        if later:
            return Act(action.name, action.type.name, "unknown", f"if: {condition.text} depends on {later}")
        if not truth(condition.evaluate(scope, roots.now)):
            return Act(action.name, action.type.name, "no", f"if: {condition.text} does not hold")
    later = _later(action.parameters.roots)
    if later:
        return Act(action.name, action.type.name, "yes", f"with {later}, which are not known here")
    parameters: Value = action.parameters.render(scope, roots.now)
    return Act(action.name, action.type.name, "yes", show(parameters), None if show.masked else parameters)


def _later(roots: frozenset[str]) -> str:
    return next((words for root, words in _LATER.items() if root in roots), "")
