"""`limits`: how many runs begin in a minute, and what a rule does that pauses."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.controller.report import Paused
from rulectl.testing.bench import Bench
from tests.scenarios.objects import POD, call, pod, rule, step
from tests.scenarios.seen import apply, events, records, told

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
ALL = ["added", "modified", "deleted"]
RUNNING = ["object.status.phase == 'Running'"]
PAUSES = {"perMinute": 1}
WAITS = {"perMinute": 1, "onExceed": "wait"}


def paused(**spec: Any) -> Bench:
    """A bench whose rule has run for `a` and pauses as `b` came."""
    bench = Bench(rule(**{"changed": ON_BW, "events": BOTH, **spec}, limits=PAUSES))
    apply(bench, pod("a", bw="A"), pod("b", bw="A"))
    assert len(bench.told(Paused)) == 1
    return bench


def test_while_paused_nothing_runs_and_all_is_owed() -> None:
    bench = paused()
    apply(bench, pod("a", bw="B"), pod("b", bw="B"), pod("c", bw="B"))
    bench.pass_time(3600)
    assert len(bench.calls) == 1
    assert all(one.owed is not None for one in bench.store.load().records)


def test_while_paused_the_first_sight_of_an_object_is_taken_in() -> None:
    bench = Bench(rule(changed=ON_BW, limits=PAUSES))
    apply(bench, *(pod(name, bw=value) for value in "AB" for name in "xyz"))
    apply(bench, pod("new", bw="A"))
    assert records(bench)["new"].base == {'metadata.annotations."bw"': "A"}


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_a_pause_survives_a_restart(orderly: bool) -> None:
    bench = paused()
    bench.restart(orderly=orderly)
    apply(bench, pod("c", bw="A"))
    bench.pass_time(3600)
    assert (len(bench.calls), len(bench.told(Paused))) == (1, 1)


def test_while_paused_no_begun_run_is_tried_again() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, limits=PAUSES, retry={"initialDelay": "1m"}))
    bench.web.script.append(503)
    apply(bench, pod("a", bw="A"), pod("b", bw="A"))
    bench.pass_time(3600)
    assert len(bench.calls) == 1


def test_what_no_longer_holds_while_paused_lapses() -> None:
    bench = paused()
    apply(bench, pod("a", bw="B"), pod("a", bw="A"))
    assert records(bench)["a"].owed is None


def test_one_paused_rule_keeps_no_other_from_running() -> None:
    bench = Bench(
        f"{rule('one', changed=ON_BW, events=BOTH, limits=PAUSES)}\n---\n{rule('two', changed=ON_BW, events=BOTH)}"
    )
    apply(bench, pod("a", bw="A"), pod("b", bw="A"))
    assert (len(bench.runs("one")), len(bench.runs("two"))) == (1, 2)


def test_a_deletion_while_paused_stays_owed() -> None:
    bench = paused(events=ALL)
    bench.cluster.delete(POD, "a", "default")
    bench.pass_time(60)
    assert (events(bench), records(bench)["a"].gone) == (["added"], True)


def test_waiting_conditions_fire_one_by_one_and_those_that_end_meanwhile_never() -> None:
    bench = Bench(rule(when=RUNNING, limits=WAITS, actions=[call({"name": "${{ object.metadata.name }}"})]))
    apply(bench, pod("a"), pod("b"), pod("c"), pod("b", phase="Failed"))
    bench.pass_time(61)
    assert told(bench, "name") == ["a", "c"]


def test_waiting_changes_run_with_the_values_at_rest() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, limits=WAITS))
    apply(bench, pod("a", bw="A"), pod("b", bw="A"), pod("b", bw="B"))
    bench.pass_time(61)
    assert bench.bodies()[1:] == [step("added", None, "B")]


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_what_waits_for_the_limit_survives_a_restart(orderly: bool) -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, limits=WAITS))
    apply(bench, pod("a", bw="A"), pod("b", bw="A"))
    bench.restart(orderly=orderly)
    bench.pass_time(61)
    assert sorted(told(bench, "event")) == ["added", "added"]


def test_deletions_and_resolves_count_too() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL, limits=WAITS))
    apply(bench, pod(bw="A"))
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert events(bench) == ["added"]
    bench.pass_time(61)
    assert events(bench) == ["added", "deleted"]


def test_resyncs_count_too() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, limits=WAITS, resync="30m"))
    apply(bench, pod("a", bw="A"))
    bench.pass_time(61)
    apply(bench, pod("b", bw="A"))
    bench.clock.advance(40 * 60)
    bench.settle()
    assert len(bench.calls) == 3
    bench.pass_time(61)
    assert len(bench.calls) == 4


def test_audit_is_not_limited() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, limits=PAUSES, mode="audit"))
    apply(bench, pod("a", bw="A"), pod("b", bw="A"))
    assert [one.outcome for one in bench.runs()] == ["would", "would"]
