"""`mode: audit`: everything is judged and told, nothing is done, and enforcing starts with the next change."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.testing.bench import Bench
from tests.scenarios.objects import POD, call, pod, rule, step
from tests.scenarios.seen import apply

ON_BW = {"annotations": ["bw"]}
ALL = ["added", "modified", "deleted"]
RUNNING = ["object.status.phase == 'Running'"]
CLEAR = [call(name="clear")]


def audited(bench: Bench) -> list[str]:
    assert {one.outcome for one in bench.runs()} <= {"would"}
    return [one.event for one in bench.runs()]


def test_all_events_of_a_change_are_told() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL, mode="audit"))
    apply(bench, pod(bw="A"), pod(bw="B"))
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert (audited(bench), bench.calls) == (["added", "modified", "deleted"], [])


def test_a_condition_is_told_with_its_end() -> None:
    bench = Bench(rule(when=RUNNING, resolved=CLEAR, mode="audit"))
    apply(bench, pod(), pod(phase="Failed"))
    assert (audited(bench), bench.calls) == (["added", "resolved"], [])


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
@pytest.mark.parametrize(
    "spec",
    [{"changed": ON_BW, "events": ALL}, {"when": RUNNING, "resolved": CLEAR}, {}],
    ids=["changed", "condition", "presence"],
)
def test_enforcing_runs_nothing_for_what_was_audited(spec: dict[str, Any], orderly: bool) -> None:
    bench = Bench(rule(**spec, mode="audit"))
    apply(bench, pod(bw="A"))
    bench.pass_time(6)
    bench.restart(rule(**spec), orderly=orderly)
    bench.pass_time(600)
    assert bench.calls == []


def test_enforcing_undoes_a_condition_that_was_audited() -> None:
    bench = Bench(rule(when=RUNNING, resolved=CLEAR, mode="audit"))
    apply(bench, pod(bw="A"))
    bench.restart(rule(when=RUNNING, resolved=CLEAR))
    apply(bench, pod(bw="A", phase="Failed"))
    assert bench.bodies() == [step("resolved", "A", "A")]


def test_auditing_what_was_enforced_goes_on_from_its_baseline() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL))
    apply(bench, pod(bw="A"))
    bench.restart(rule(changed=ON_BW, events=ALL, mode="audit"))
    apply(bench, pod(bw="B"))
    bench.restart(rule(changed=ON_BW, events=ALL))
    apply(bench, pod(bw="C"))
    assert bench.bodies() == [step("added", None, "A"), step("modified", "B", "C")]


def test_what_is_owed_while_audited_and_does_not_hold_runs_when_enforced() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL, when=RUNNING, mode="audit"))
    apply(bench, pod(bw="A", phase="Pending"))
    bench.restart(rule(changed=ON_BW, events=ALL, when=RUNNING))
    apply(bench, pod(bw="A"))
    assert bench.bodies() == [step("added", None, "A")]


def test_a_run_that_has_begun_is_told_and_settled_by_auditing() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL, retry={"initialDelay": "1h"}))
    bench.web.script.append(503)
    apply(bench, pod(bw="A"))
    bench.restart(rule(changed=ON_BW, events=ALL, mode="audit"))
    bench.restart(rule(changed=ON_BW, events=ALL))
    bench.pass_time(7200)
    assert [one.outcome for one in bench.runs()] == ["retry", "would"]


def test_clocks_are_audited_as_they_are_enforced() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL, debounce="1m", cooldown="10m", resync="30m", mode="audit"))
    apply(bench, pod(bw="A"))
    bench.pass_time(59)
    assert audited(bench) == []
    bench.pass_time(2)
    apply(bench, pod(bw="B"))
    bench.pass_time(61)
    assert audited(bench) == ["added"]
    bench.pass_time(10 * 60)
    assert audited(bench) == ["added", "modified"]
    bench.pass_time(33 * 60)
    assert audited(bench) == ["added", "modified", "resync"]
