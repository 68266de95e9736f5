"""No change is lost and none fires twice, whatever happens to the watch between an object's states."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rulectl.sandbox.fault import Fault
from rulectl.testing.bench import Bench
from tests.scenarios.objects import POD, pod, rule, step
from tests.scenarios.seen import apply, events

ON_BW = {"annotations": ["bw"]}
ALL = ["added", "modified", "deleted"]
PODS = "/api/v1/pods"

Trouble = Callable[[Bench], None]


def cut(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault(path=PODS, watch=True, reset_after=0, times=4))


def expired(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault(path=PODS, watch=True, status=410, times=2))


def compacted(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault(path=PODS, watch=True, status=503, times=3))
    bench.sandbox.compact()


def forbidden(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault(path=PODS, status=403, times=3))


def unreachable(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault(path=PODS, refuse=True, times=3))


def twice(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault(path=PODS, watch=True, dup=1.0, times=3))


def garbage(bench: Bench) -> None:
    bench.sandbox.faults.add(Fault(path=PODS, watch=True, garbage=1, times=2))


every_trouble = pytest.mark.parametrize(
    "trouble", [cut, expired, compacted, forbidden, unreachable, twice, garbage], ids=lambda one: one.__name__
)


def in_trouble(trouble: Trouble) -> Bench:
    """A bench that has run for two pods, and whose next watches go wrong."""
    bench = Bench(rule(changed=ON_BW, events=ALL))
    apply(bench, pod("a", bw="A"), pod("b", bw="A"))
    trouble(bench)
    bench.clock.advance(650)  # the watch that is open ends by itself
    return bench


@every_trouble
def test_changes_meanwhile_are_one_run_from_the_first_to_the_last(trouble: Trouble) -> None:
    bench = in_trouble(trouble)
    for value in ("B", "C"):
        bench.cluster.apply(pod("a", bw=value))
    bench.pass_time(1500)
    steps = bench.bodies()[2:]
    assert steps in ([step("modified", "A", "C")], [step("modified", "A", "B"), step("modified", "B", "C")])


@every_trouble
def test_an_end_meanwhile_is_one_deletion(trouble: Trouble) -> None:
    bench = in_trouble(trouble)
    bench.cluster.delete(POD, "a", "default")
    bench.pass_time(1500)
    assert bench.bodies()[2:] == [step("deleted", "A", "A")]


@every_trouble
def test_a_name_used_again_meanwhile_is_an_end_and_a_beginning(trouble: Trouble) -> None:
    bench = in_trouble(trouble)
    bench.cluster.delete(POD, "a", "default")
    bench.cluster.apply(pod("a", bw="A"))
    bench.pass_time(1500)
    assert bench.bodies()[2:] == [step("deleted", "A", "A"), step("added", None, "A")]


@every_trouble
def test_when_nothing_changed_nothing_runs(trouble: Trouble) -> None:
    bench = in_trouble(trouble)
    bench.pass_time(1500)
    bench.restart()
    assert events(bench) == ["added", "added"]
