"""What schedules of crashes once brought to light, each as a scenario of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rulectl.state.memory import MemoryStore
from rulectl.state.store import Edit, Put
from rulectl.testing.bench import Bench
from rulectl.testing.stores import CrashingStore
from rulectl.testing.transport import Crashed
from tests.scenarios.objects import POD, pod, rule, step

ON_BW = {"annotations": ["bw"]}
EVENTS = ["added", "modified", "deleted"]
RUNNING = ["object.status.phase == 'Running'"]


def crashed_after_the_action(**spec: Any) -> Bench:
    """A bench whose process ended after the action was done and before that was recorded."""
    bench = Bench(rule(changed=ON_BW, events=EVENTS, **spec))
    bench.store = CrashingStore(MemoryStore(is_durable=True), bench.crash)
    bench.cluster.apply(pod("another"))
    bench.restart()

    def crash_after_this(_call: object) -> None:
        bench.crash.at = bench.crash.passed

    bench.web.on_call = crash_after_this
    bench.cluster.apply(pod(bw="A"))
    try:
        bench.settle()
    except Crashed:
        bench.drop()
    bench.web.on_call = lambda _call: None
    bench.crash.at = None
    assert bench.crash.where == "after http PUT"
    return bench


def test_a_deletion_runs_for_what_had_begun_while_the_terms_held() -> None:
    bench = crashed_after_the_action(when=RUNNING)
    bench.cluster.delete(POD, "a", "default")
    bench.start()
    bench.pass_time(10)
    assert bench.bodies() == [step("added", None, "A"), step("deleted", "A", "A")]


def test_the_last_state_that_is_known_of_a_deleted_object_is_what_was_tried() -> None:
    bench = crashed_after_the_action()
    bench.cluster.delete(POD, "a", "default")
    bench.cluster.apply(pod(bw="B"))
    bench.start()
    bench.pass_time(10)
    assert bench.bodies() == [step("added", None, "A"), step("deleted", "A", "A"), step("added", None, "B")]


def test_a_deletion_that_failed_for_good_does_not_hold_up_the_next_object_of_that_name() -> None:
    bench = Bench(rule(changed=ON_BW, events=EVENTS))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.web.script.append(422)
    bench.cluster.delete(POD, "a", "default")
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    assert bench.bodies()[1:] == [step("deleted", "A", "A"), step("added", None, "B")]


def test_a_resolve_that_failed_for_good_for_a_deleted_object_is_not_run_again() -> None:
    bench = Bench(rule(changed=ON_BW, when=RUNNING, resolved=[{"name": "x", "http": {"url": "http://agent/x"}}]))
    bench.cluster.apply(pod("another"))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    bench.web.script.append(422)
    bench.cluster.delete(POD, "a", "default")
    bench.pass_time(100)
    bench.restart()
    bench.pass_time(100)
    assert [(one.event, one.outcome) for one in bench.runs()] == [("modified", "succeeded"), ("resolved", "failed")]


class WhileWriting(MemoryStore):
    """Does something while the next run is being written, as other threads would."""

    def __init__(self) -> None:
        super().__init__(is_durable=True)
        self.on_intent: Callable[[], object] = lambda: None

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:
        super().write(edits, durable=durable)
        if any(isinstance(edit, Put) and edit.record.run is not None for edit in edits):
            meanwhile, self.on_intent = self.on_intent, lambda: None
            meanwhile()


def test_the_end_of_an_object_is_not_forgotten_when_the_next_one_of_its_name_goes_before_it_was_recorded() -> None:
    store = WhileWriting()
    bench = Bench(
        f"{rule('first', changed=ON_BW, events=EVENTS)}\n---\n{rule(changed=ON_BW, events=EVENTS)}", store=store
    )
    bench.cluster.apply(pod("another"))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.cluster.delete(POD, "a", "default")
    bench.stop()
    bench.cluster.apply(pod(bw="B"))

    def delete_the_next() -> None:
        assert bench.engine is not None
        bench.cluster.delete(POD, "a", "default")
        assert bench.engine._factory.step()

    store.on_intent = delete_the_next
    bench.start()
    bench.pass_time(10)
    assert bench.bodies() == [step("added", None, "A")] * 2 + [step("deleted", "A", "A")] * 2


def test_a_run_shows_the_values_that_it_is_for_though_the_cache_moves_on_while_it_begins() -> None:
    store = WhileWriting()
    bench = Bench(rule(changed=ON_BW), store=store)
    bench.cluster.apply(pod(bw="A"))
    bench.settle()

    def change_again() -> None:
        assert bench.engine is not None
        bench.cluster.apply(pod(bw="C"))
        assert bench.engine._factory.step()

    store.on_intent = change_again
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    assert bench.bodies() == [step("modified", "A", "B"), step("modified", "B", "C")]
