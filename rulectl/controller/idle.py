"""Conditions that did not hold and still do not: the updates that need no worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from rulectl.controller.evaluation import Evaluator
from rulectl.expression import BUILTIN, EvaluationError, Expression, Template
from rulectl.kube.object import KubeObject
from rulectl.plan.model import RulePlan
from rulectl.predicate.fusion import can_fuse
from rulectl.predicate.term import Term, expressions
from rulectl.state.ledger import Ledger
from rulectl.state.record import Record
from rulectl.value import Value


class Glance(threading.local):
    """The value of the object that a reader's thread looked at last: many rules look at the same one in a row."""

    def __init__(self) -> None:
        self._object: KubeObject | None = None
        self._value: Mapping[str, Value] = {}

    def value(self, item: KubeObject) -> Mapping[str, Value]:
        """``item.value()``."""
        if item is not self._object:
            self._object, self._value = item, item.value()
        return self._value


@dataclass(slots=True)
class Idle:
    """Judges on the reader's thread what most updates come to: nothing.

    Only for rules where that is quick and hides nothing: their terms need no lookups, no time and no plugin's
    functions, and nobody reads `old`, which is otherwise kept up to date with every look.
    """

    evaluator: Evaluator
    ledger: Ledger
    glance: Glance = field(default_factory=Glance)

    @classmethod
    def of(cls, evaluator: Evaluator, ledger: Ledger, glance: Glance) -> Idle | None:
        """For the evaluator's rule; None: a worker has to look at every update."""
        return cls(evaluator, ledger, glance) if _is_plain(evaluator.rule) else None

    def fails(self, new: KubeObject) -> bool:
        """Whether the terms do not hold for `new`, which a record that rests leaves as it is."""
        try:
            return not self.evaluator.holds(self.glance.value(new), 0.0)  # the time makes no difference
        except EvaluationError:
            return False  # to be told by whoever looks

    def rests(self, uid: str) -> bool:
        """Whether the object's record stays as it is while the terms do not hold.

        Ask only while no worker is at work on the object: a record says nothing of what is being decided.
        """
        record = self.ledger.record(self.evaluator.rule.name, uid)
        return record is not None and is_idle(record)

    def fusible(self) -> Term | None:
        """The terms, where they can be judged together with those of other rules."""
        rule = self.evaluator.rule
        return None if rule.when is None or not can_fuse(rule.when) else rule.when


_state = attrgetter(
    *("settled", "seen_false", "true_since", "false_since", "owed", "run", "fired", "known_paths", "tried"),
    *("muted", "gone", "held", "released", "rescoped"),
)
_IDLE = (True, True, None, None, None, None, None, None, (), False, False, False, False, False)


def is_idle(record: Record) -> bool:
    """Whether the record is one that stays as it is while the terms do not hold."""
    return bool(_state(record) == _IDLE) and (record.failed is None or record.failed.stage == "resolve")


def _is_plain(rule: RulePlan) -> bool:
    if rule.form != "condition" or rule.when is None or rule.lookups:
        return False
    terms = [*expressions(rule.when), *(let for _, let in rule.lets)]
    return all(
        not term.uses_time and term.roots <= {"object", "let", "env", "rule"} and term.functions is BUILTIN
        for term in terms
    ) and not any("old" in reader.roots for reader in _readers(rule))


def _readers(rule: RulePlan) -> Iterator[Expression | Template]:
    for action in (*rule.actions, *rule.resolved):
        yield action.parameters
        if action.condition is not None:
            yield action.condition
    if rule.since is not None:
        yield rule.since
    target = rule.for_each
    if target is not None:
        parts = (target.references, target.namespace, target.object_name, target.label_selector, target.where)
        yield from (part for part in parts if part is not None)
