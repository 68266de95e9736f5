"""Conditions judged together: who has something to do is called, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from rulectl.controller.controller import Controller
from rulectl.controller.idle import Glance
from rulectl.controller.panel import Panel
from rulectl.expression import compile_expression
from rulectl.informer.change import Updated
from rulectl.kube.object import PlainObject
from rulectl.predicate.term import Expr, Term
from rulectl.resource import ObjectKey
from rulectl.value import Value

KEY = ObjectKey("default", "a")


@dataclass
class Watching:
    """Stands for a controller and for its idle: a term, and whether the record of every object rests."""

    term: Term | None
    is_at_rest: bool = True

    @property
    def idle(self) -> Watching:
        return self

    def fusible(self) -> Term | None:
        return self.term

    def rests(self, _key: ObjectKey, _uid: str) -> bool:
        return self.is_at_rest


class Unreadable(PlainObject):
    def value(self) -> Mapping[str, Value]:
        raise RuntimeError("cannot be shown")


def watching(text: str, *, is_at_rest: bool = True) -> Watching:
    return Watching(Expr(compile_expression(text, roots=("object",), condition=True)), is_at_rest)


def panel_of(*rules: Watching) -> Panel:
    panel = Panel(Glance())
    for rule in rules:
        assert panel.join(cast(Controller, rule)) is not None
    return panel


def called(panel: Panel, phase: Value, seats: Sequence[int]) -> list[int]:
    item = PlainObject({"metadata": {"name": "a", "uid": "u"}, "status": {"phase": phase}})
    return list(panel.called(Updated(KEY, item, item), seats, sum(1 << seat for seat in seats)))


def test_only_those_are_called_whose_terms_hold_or_whose_record_does_not_rest() -> None:
    failed, running = watching("object.status.phase == 'Failed'"), watching("object.status.phase == 'Running'")
    restless = watching("object.status.phase == 'Failed'", is_at_rest=False)
    panel = panel_of(failed, running, restless)
    assert called(panel, "Failed", [0, 1, 2]) == [0, 2]
    assert called(panel, "Pending", [0, 1, 2]) == [2]
    assert called(panel, "Failed", [1]) == []


def test_a_term_without_an_answer_is_called_and_harms_no_other() -> None:
    panel = panel_of(watching("length(object.status.phase) > `3`"), watching("object.status.phase == 'x'"))
    assert called(panel, None, [0, 1]) == [0]


def test_a_rule_that_joins_later_is_judged_too() -> None:
    panel = panel_of(watching("object.status.phase == 'Failed'"))
    assert called(panel, "Running", [0]) == []
    panel.join(cast(Controller, watching("object.status.phase == 'Running'")))
    assert called(panel, "Running", [0, 1]) == [1]


def test_a_rule_that_cannot_be_judged_here_gets_no_seat() -> None:
    assert Panel(Glance()).join(cast(Controller, Watching(None))) is None


def test_if_nothing_can_be_judged_all_are_called() -> None:
    panel = panel_of(watching("object.a"), watching("object.b"))
    item = Unreadable({"metadata": {"name": "a", "uid": "u"}})
    assert list(panel.called(Updated(KEY, item, item), [0, 1], 3)) == [0, 1]
