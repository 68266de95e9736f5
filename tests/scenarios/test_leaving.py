"""Objects that leave a selector and come back: nothing is deleted, everything is compared."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.sandbox.fault import Fault
from rulectl.testing.bench import Bench
from tests.scenarios.objects import POD, call, pod, rule, step
from tests.scenarios.seen import apply, events, records

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
ALL = ["added", "modified", "deleted"]
RUNNING = ["object.status.phase == 'Running'"]
WATCH = {"apiVersion": "v1", "kind": "Pod", "labelSelector": {"matchLabels": {"in": "y"}}}
BY_NODE = {"apiVersion": "v1", "kind": "Pod", "fieldSelector": "status.phase=Running"}
SLOW = {"initialDelay": "1h", "maxDelay": "1h"}
either_end = pytest.mark.parametrize("end", ["running", "stopped", "killed"])


def inside(bw: str | None = "A", phase: str = "Running", **labels: str) -> dict[str, Any]:
    return pod(bw=bw, phase=phase, labels={"in": "y", **labels})


def outside(bw: str | None = "A", phase: str = "Running") -> dict[str, Any]:
    return pod(bw=bw, phase=phase, labels={"in": "n"})


def selecting(**spec: Any) -> Bench:
    bench = Bench(rule(watch=WATCH, **spec))
    bench.cluster.apply(pod("other", labels={"in": "y"}))
    return bench


def happen(bench: Bench, end: str, *objects: dict[str, Any] | None) -> None:
    """Applies the objects (None: deletes it), with the controller at work, or ended meanwhile."""
    if end == "stopped":
        bench.stop()
    if end == "killed":
        bench.pass_time(6)
        bench.drop()
    for one in objects:
        if one is None:
            bench.cluster.delete(POD, "a", "default")
        else:
            bench.cluster.apply(one)
        if bench.engine is not None:
            bench.settle()
    if bench.engine is None:
        bench.start()
    bench.pass_time(10)


@either_end
def test_leaving_and_coming_back_with_another_value_is_one_change(end: str) -> None:
    bench = selecting(changed=ON_BW, events=ALL)
    apply(bench, inside())
    happen(bench, end, outside("B"))
    happen(bench, end, inside("C"))
    assert bench.bodies() == [step("added", None, "A"), step("modified", "A", "C")]


@either_end
def test_leaving_and_coming_back_as_it_was_is_nothing(end: str) -> None:
    bench = selecting(changed=ON_BW, events=ALL)
    apply(bench, inside())
    happen(bench, end, outside("B"))
    happen(bench, end, inside("A"))
    assert events(bench) == ["added"]


@either_end
def test_leaving_and_then_being_deleted_is_a_deletion_once_that_is_noticed(end: str) -> None:
    bench = selecting(changed=ON_BW, events=ALL)
    apply(bench, inside())
    happen(bench, end, outside())
    happen(bench, end, None)
    bench.restart()
    bench.pass_time(10)
    assert events(bench) == ["added", "deleted"]


@either_end
def test_what_is_owed_waits_outside_and_runs_on_return(end: str) -> None:
    bench = selecting(changed=ON_BW, events=ALL, when=RUNNING)
    apply(bench, inside(phase="Pending"))
    happen(bench, end, outside())
    assert events(bench) == []
    happen(bench, end, inside())
    assert events(bench) == ["added"]


@either_end
def test_a_begun_run_waits_outside_and_goes_on_at_return_with_its_key(end: str) -> None:
    bench = selecting(changed=ON_BW, events=ALL, retry={"initialDelay": "20s"})
    bench.web.script.append(503)
    apply(bench, inside())
    happen(bench, end, outside())
    bench.pass_time(100)
    assert len(bench.calls) == 1
    happen(bench, end, inside())
    assert [one.key for one in bench.calls] == [bench.calls[0].key] * 2


@either_end
def test_a_condition_that_leaves_is_resolved_and_fires_again_at_return(end: str) -> None:
    bench = selecting(when=RUNNING, resolved=[call({"event": "${{ event.cause }}"}, name="clear")])
    bench.cluster.delete(POD, "other", "default")
    bench.cluster.apply(pod("other", phase="Pending", labels={"in": "y"}))
    bench.settle()
    bench.web.calls.clear()
    apply(bench, inside())
    happen(bench, end, outside())
    happen(bench, end, inside())
    assert events(bench) == ["added", "left", "modified"]


def test_for_starts_over_at_return() -> None:
    bench = selecting(changed=ON_BW, events=ALL, when=RUNNING, for_="5m")
    apply(bench, inside())
    bench.pass_time(290)
    apply(bench, outside())
    bench.pass_time(100)
    apply(bench, inside())
    bench.pass_time(290)
    assert events(bench) == []
    bench.pass_time(11)
    assert events(bench) == ["added"]


def test_resolved_for_waits_for_what_left_too() -> None:
    bench = selecting(when=["object.metadata.labels.on"], resolvedFor="5m", resolved=[call(name="clear")])
    apply(bench, inside(on="y"), outside())
    bench.pass_time(200)
    apply(bench, inside(on="y"))
    bench.pass_time(600)
    assert events(bench) == ["added"]
    apply(bench, outside())
    bench.pass_time(301)
    assert events(bench) == ["added", "resolved"]


def test_a_name_used_again_outside_is_the_old_ones_end() -> None:
    bench = selecting(changed=ON_BW, events=ALL)
    apply(bench, inside())
    bench.cluster.delete(POD, "a", "default")
    bench.cluster.apply(outside("B"))
    bench.settle()
    assert bench.bodies() == [step("added", None, "A"), step("deleted", "A", "A")]
    assert list(records(bench)) == ["other"]


@either_end
def test_a_field_selector_is_left_and_entered_alike(end: str) -> None:
    bench = Bench(rule(watch=BY_NODE, changed=ON_BW, events=ALL))
    apply(bench, pod("other"), pod(bw="A"))
    happen(bench, end, pod(bw="A", phase="Succeeded"))
    happen(bench, end, pod(bw="B"))
    assert bench.bodies() == [step("added", None, "A"), step("modified", "A", "B")]


def test_while_the_server_does_not_answer_whether_it_is_there_nothing_runs() -> None:
    bench = selecting(changed=ON_BW, events=ALL)
    apply(bench, inside())
    bench.sandbox.faults.add(Fault(method="GET", path="/api/v1/namespaces/default/pods/a", status=500, times=5))
    bench.cluster.patch(POD, "a", {"metadata": {"labels": {"in": "n"}}}, "default")
    bench.settle()
    assert events(bench) == ["added"]
    bench.pass_time(60)
    apply(bench, inside("B"))
    assert bench.bodies() == [step("added", None, "A"), step("modified", "A", "B")]
