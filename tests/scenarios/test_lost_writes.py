"""A process that is killed loses what its state had not made durable: what that may cost, and what it may not."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.state.memory import MemoryStore
from rulectl.testing.bench import Bench
from rulectl.testing.stores import LossyStore
from tests.scenarios.objects import POD, call, pod, rule, step
from tests.scenarios.seen import apply, events, records

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
ALL = ["added", "modified", "deleted"]
RUNNING = ["object.status.phase == 'Running'"]


class Lossy:
    """A bench whose state keeps for 5 s in memory what need not be durable."""

    def __init__(self, **spec: Any) -> None:
        self.bench = Bench(rule(**spec), start=False)
        self.store = LossyStore(MemoryStore(is_durable=True), self.bench.clock)
        self.bench.store = self.store
        self.bench.start()

    def kill(self) -> None:
        """Ends the process and what was not durable with it."""
        self.bench.drop()
        self.store.lose()


def restarted(lossy: Lossy) -> Bench:
    lossy.kill()
    lossy.bench.start()
    lossy.bench.pass_time(60)
    return lossy.bench


def test_a_success_that_was_lost_is_repeated_with_its_key() -> None:
    lossy = Lossy(changed=ON_BW, events=BOTH)
    apply(lossy.bench, pod(bw="A"))
    bench = restarted(lossy)
    assert events(bench) == ["added", "added"]
    assert len({one.key for one in bench.calls}) == 1


def test_of_several_actions_only_the_last_may_be_repeated() -> None:
    lossy = Lossy(changed=ON_BW, events=BOTH, actions=[call({"n": 1}, name="one"), call({"n": 2}, name="two")])
    apply(lossy.bench, pod(bw="A"))
    assert restarted(lossy).bodies() == [{"n": 1}, {"n": 2}, {"n": 2}]


@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_an_own_write_is_never_forgotten(first: bool) -> None:
    write = {"name": "fix", "annotate": {"set": {"bw": "fixed"}}}
    lossy = Lossy(changed=ON_BW, events=BOTH, actions=[write, call()] if first else [call(), write])
    apply(lossy.bench, pod(bw="A"))
    bench = restarted(lossy)
    assert len({one.key for one in bench.calls}) == 1
    assert len(bench.calls) == 1


def test_a_failure_for_good_is_never_forgotten() -> None:
    lossy = Lossy(changed=ON_BW, events=BOTH)
    lossy.bench.web.script.append(422)
    apply(lossy.bench, pod(bw="A"))
    assert len(restarted(lossy).calls) == 1


def test_going_back_after_a_success_that_was_lost_is_a_change_all_the_same() -> None:
    lossy = Lossy(changed=ON_BW)
    apply(lossy.bench, pod(bw="A"))
    lossy.bench.pass_time(6)
    apply(lossy.bench, pod(bw="B"))
    lossy.kill()
    lossy.bench.cluster.apply(pod(bw="A"))
    lossy.bench.start()
    assert lossy.bench.bodies() == [step("modified", "A", "B"), step("modified", "B", "A")]


def test_a_condition_whose_firing_was_lost_is_resolved_when_it_ends_meanwhile() -> None:
    lossy = Lossy(when=RUNNING, resolved=[call(name="clear")])
    apply(lossy.bench, pod(bw="A"))
    lossy.kill()
    lossy.bench.cluster.apply(pod(bw="A", phase="Failed"))
    lossy.bench.start()
    assert events(lossy.bench) == ["added", "resolved"]


def test_a_deletion_whose_success_was_lost_is_repeated_with_its_key() -> None:
    lossy = Lossy(changed=ON_BW, events=ALL)
    apply(lossy.bench, pod("other"), pod(bw="A"))
    lossy.bench.cluster.delete(POD, "a", "default")
    lossy.bench.settle()
    bench = restarted(lossy)
    assert events(bench) == ["added", "deleted", "deleted"]
    assert len({one.key for one in bench.calls}) == 2
    assert list(records(bench)) == ["other"]


def test_what_is_owed_and_was_not_durable_is_owed_again() -> None:
    lossy = Lossy(changed=ON_BW, events=BOTH, when=RUNNING)
    apply(lossy.bench, pod(bw="A"))
    lossy.bench.pass_time(6)
    apply(lossy.bench, pod(bw="B", phase="Pending"))
    lossy.kill()
    lossy.bench.start()
    apply(lossy.bench, pod(bw="B"))
    assert lossy.bench.bodies()[1:] == [step("modified", "A", "B")]


def test_objects_to_be_skipped_are_skipped_whatever_is_lost() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, existing="skip"), start=False)
    store = LossyStore(MemoryStore(is_durable=True), bench.clock)
    bench.store = store
    for number in range(5):
        bench.cluster.apply(pod(f"p{number}", bw="A"))
    bench.start()
    bench.drop()
    store.lose()
    bench.start()
    apply(bench, pod("p3", bw="B"))
    assert bench.bodies() == [step("modified", "A", "B")]
