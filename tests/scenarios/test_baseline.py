"""The baseline, path by path: steps with `from` and `to`, what was tried, what `events` leave out."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.testing.bench import Bench
from tests.scenarios.objects import POD, call, pod, rule, step
from tests.scenarios.seen import apply, events, records, told

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
RUNNING = ["object.status.phase == 'Running'"]
SLOW = {"initialDelay": "1h", "maxDelay": "1h"}
TWO = {
    "changes": "${{ changes[].[path, old, new] }}",
    "x": "${{ annotation(old, 'x') }}",
    "y": "${{ annotation(old, 'y') }}",
}


def xy(x: str | None, y: str | None, phase: str = "Running") -> dict[str, Any]:
    return pod(phase=phase, annotations={key: value for key, value in (("x", x), ("y", y)) if value is not None})


def change(key: str, old: str | None, new: str | None) -> list[str | None]:
    return [f'metadata.annotations."{key}"', old, new]


def two_paths(**spec: Any) -> Bench:
    settings = {"changed": {"annotations": ["x", "y"]}, "retry": SLOW, "actions": [call(TWO)], **spec}
    return Bench(rule(**settings))


def test_a_path_that_went_back_shows_what_was_tried_and_another_its_baseline() -> None:
    bench = two_paths()
    bench.web.script.append(503)
    apply(bench, xy("1", "1"), xy("2", "1"), xy("1", "2"))
    assert bench.bodies()[1:] == [{"changes": [change("x", "2", "1"), change("y", "1", "2")], "x": "2", "y": "1"}]


def test_two_changes_are_one_run() -> None:
    bench = two_paths()
    apply(bench, xy("1", "1"), xy("2", "2"))
    assert told(bench, "changes") == [[change("x", "1", "2"), change("y", "1", "2")]]


def test_a_value_that_goes_away_is_a_change_to_null() -> None:
    bench = two_paths()
    apply(bench, xy("1", "1"), xy(None, "1"))
    assert bench.bodies() == [{"changes": [change("x", "1", None)], "x": "1", "y": "1"}]


def test_what_was_tried_twice_is_undone_from_the_last_try() -> None:
    bench = two_paths()
    bench.web.script.extend([503, 503])
    apply(bench, xy("1", "1"), xy("2", "1"), xy("3", "1"), xy("1", "1"))
    assert bench.bodies()[2:] == [{"changes": [change("x", "3", "1")], "x": "3", "y": "1"}]


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_what_was_tried_is_remembered_over_a_restart(orderly: bool) -> None:
    bench = two_paths()
    bench.web.script.append(503)
    apply(bench, xy("1", "1"), xy("2", "1"))
    bench.stop() if orderly else bench.drop()
    bench.cluster.apply(xy("1", "1"))
    bench.start()
    assert bench.bodies()[1:] == [{"changes": [change("x", "2", "1")], "x": "2", "y": "1"}]


def test_present_means_not_null() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH))
    apply(bench, pod(bw=""))
    assert bench.bodies() == [step("added", None, "")]


TO_RUNNING = {"fields": [{"path": "status.phase", "from": "Pending", "to": "Running"}]}
PHASES = {"event": "${{ event.type }}", "was": "${{ old.status.phase }}", "now": "${{ object.status.phase }}"}


def phases(bench: Bench, *names: str) -> None:
    apply(bench, *(pod(phase=name) for name in names))


def test_a_step_that_failed_for_good_is_tried_again_only_by_another_matching_step() -> None:
    bench = Bench(rule(changed=TO_RUNNING, actions=[call(PHASES)]))
    bench.web.script.append(422)
    phases(bench, "Pending", "Running", "Failed", "Running")
    assert len(bench.calls) == 1
    phases(bench, "Pending", "Running")
    assert bench.bodies()[1:] == [{"event": "modified", "was": "Pending", "now": "Running"}]


def test_a_begun_step_that_moves_on_to_a_value_not_asked_for_lapses() -> None:
    bench = Bench(rule(changed=TO_RUNNING, retry=SLOW, actions=[call(PHASES)]))
    bench.web.script.append(503)
    phases(bench, "Pending", "Running", "Succeeded")
    bench.pass_time(7200)
    assert len(bench.calls) == 1
    assert records(bench)["a"].base == {"status.phase": "Succeeded"}


def test_a_step_waits_for_when_with_the_baseline_it_began_from() -> None:
    bench = Bench(rule(changed=TO_RUNNING, when=["object.metadata.labels.go"], actions=[call(PHASES)]))
    phases(bench, "Pending", "Running")
    bench.restart(orderly=True)
    apply(bench, pod(labels={"go": "y"}))
    assert bench.bodies() == [{"event": "modified", "was": "Pending", "now": "Running"}]


def test_from_null_is_the_step_from_absence() -> None:
    changed = {"fields": [{"path": "metadata.annotations.bw", "from": None}]}
    bench = Bench(rule(changed=changed, events=BOTH))
    apply(bench, pod("p"), pod("p", bw="A"), pod("p", bw="B"))
    apply(bench, pod("q", bw="C"))
    assert bench.bodies() == [step("modified", None, "A"), step("added", None, "C")]


def test_two_steps_of_one_path_are_alternatives() -> None:
    steps = [{"path": "status.phase", "to": "Failed"}, {"path": "status.phase", "from": "Failed"}]
    bench = Bench(rule(changed={"fields": steps}, actions=[call(PHASES)]))
    phases(bench, "Pending", "Running", "Failed", "Running", "Succeeded")
    assert [(one["was"], one["now"]) for one in bench.bodies()] == [  # type: ignore[index]
        ("Running", "Failed"),
        ("Failed", "Running"),
    ]


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [
        (["added"], ["added"]),
        (["modified"], ["modified"]),
        (["deleted"], ["deleted"]),
        (["added", "modified"], ["added", "modified"]),
        (["added", "deleted"], ["added", "deleted"]),
        (["modified", "deleted"], ["modified", "deleted"]),
        (["added", "modified", "deleted"], ["added", "modified", "deleted"]),
    ],
    ids="+".join,
)
@pytest.mark.parametrize("restarts", [False, True])
def test_events_select_what_runs(chosen: list[str], seen: list[str], restarts: bool) -> None:
    bench = Bench(rule(changed=ON_BW, events=chosen))
    for value in ("A", "B"):
        apply(bench, pod(bw=value))
        if restarts:
            bench.restart()
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert events(bench) == seen
    last = bench.bodies()[-1]
    assert last == {"added": step("added", None, "A"), "modified": step("modified", "A", "B")}.get(
        seen[-1], step("deleted", "B", "B")
    )


def test_what_is_added_and_fails_runs_again_for_a_new_value_though_only_added_is_listed() -> None:
    bench = Bench(rule(changed=ON_BW, events=["added"]))
    bench.web.script.append(422)
    apply(bench, pod(bw="A"), pod(bw="B"), pod(bw="C"))
    assert bench.bodies() == [step("added", None, "A"), step("added", None, "B")]


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_what_is_owed_is_kept_over_a_restart_with_its_event(orderly: bool) -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, when=RUNNING))
    apply(bench, pod(bw="A", phase="Pending"))
    bench.pass_time(6)
    bench.restart(orderly=orderly)
    apply(bench, pod(bw="B", phase="Pending"))
    bench.restart(orderly=orderly)
    apply(bench, pod(bw="B"))
    assert bench.bodies() == [step("added", None, "B")]


def test_a_watched_whole_object_runs_for_any_change() -> None:
    bench = Bench(rule(changed={"fields": ["@"]}, actions=[call({"event": "${{ event.type }}"})]))
    apply(
        bench, pod(bw="A"), pod(bw="A"), pod(bw="A", labels={"x": "y"}), pod(bw="A", phase="Failed", labels={"x": "y"})
    )
    assert events(bench) == ["modified"] * 2
