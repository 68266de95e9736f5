"""A rule with `changed`: what becomes owed, what waits, what lapses, what `old` is."""

from __future__ import annotations

import pytest

from rulectl.testing.bench import Bench
from tests.scenarios.objects import POD, call, pod, rule, step

ON_BW = {"annotations": ["bw"]}
RUNNING = ["object.status.phase == 'Running'"]
ALL = ["added", "modified"]


def test_a_changed_annotation_runs_the_actions_with_old_and_new() -> None:
    bench = Bench(rule(changed=ON_BW))
    bench.cluster.apply(pod(bw="1M"))
    bench.settle()
    bench.cluster.apply(pod(bw="2M"))
    bench.settle()
    assert bench.bodies() == [step("modified", "1M", "2M")]


def test_an_object_without_a_watched_value_is_not_added() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL))
    bench.cluster.apply(pod())
    bench.settle()
    assert bench.bodies() == []


def test_on_added_the_baseline_is_empty() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL))
    bench.cluster.apply(pod(bw="1M"))
    bench.settle()
    assert bench.bodies() == [step("added", None, "1M")]


def test_a_value_that_appears_later_is_a_modification() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL))
    bench.cluster.apply(pod())
    bench.settle()
    bench.cluster.apply(pod(bw="1M"))
    bench.settle()
    assert bench.bodies() == [step("modified", None, "1M")]


def test_a_change_that_is_not_watched_runs_nothing() -> None:
    bench = Bench(rule(changed=ON_BW))
    bench.cluster.apply(pod(bw="1M"))
    bench.settle()
    bench.cluster.apply(pod(bw="1M", labels={"tier": "web"}))
    bench.settle()
    assert bench.bodies() == []


def test_what_is_owed_waits_for_when() -> None:
    bench = Bench(rule(changed=ON_BW, when=RUNNING, events=ALL))
    bench.cluster.apply(pod(bw="1M", phase="Pending"))
    bench.settle()
    assert bench.bodies() == []
    bench.cluster.apply(pod(bw="1M"))
    bench.settle()
    assert bench.bodies() == [step("added", None, "1M")]


def test_several_changes_seen_late_are_one_run_from_first_to_last() -> None:
    bench = Bench(rule(changed=ON_BW, when=RUNNING))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    for value in ("B", "C"):
        bench.cluster.apply(pod(bw=value, phase="Pending"))
        bench.settle()
    bench.cluster.apply(pod(bw="C"))
    bench.settle()
    assert bench.bodies() == [step("modified", "A", "C")]


def test_what_is_owed_lapses_when_it_goes_back_before_its_run_began() -> None:
    bench = Bench(rule(changed=ON_BW, when=RUNNING))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    for value, phase in (("B", "Pending"), ("A", "Pending"), ("A", "Running")):
        bench.cluster.apply(pod(bw=value, phase=phase))
        bench.settle()
    assert bench.bodies() == []


def test_going_back_after_the_run_began_is_a_change_and_old_is_what_was_tried() -> None:
    bench = Bench(rule(changed=ON_BW, retry={"initialDelay": "10s"}))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.web.script.append(503)
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    assert bench.bodies() == [step("modified", "A", "B"), step("modified", "B", "A")]
    assert len({one.key for one in bench.calls}) == 2


def test_a_new_value_after_a_failed_try_starts_a_new_run_with_the_old_baseline() -> None:
    bench = Bench(rule(changed=ON_BW, retry={"initialDelay": "10s"}))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.web.script.append(503)
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    bench.cluster.apply(pod(bw="C"))
    bench.settle()
    assert bench.bodies()[-1] == step("modified", "A", "C")


def test_events_select_what_becomes_owed_and_the_rest_settles_silently() -> None:
    bench = Bench(rule(changed=ON_BW, events=["added"]))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    assert bench.bodies() == [step("added", None, "A")]


def test_what_is_owed_keeps_the_event_that_made_it_owed() -> None:
    bench = Bench(rule(changed=ON_BW, when=RUNNING, events=ALL))
    bench.cluster.apply(pod(bw="A", phase="Pending"))
    bench.settle()
    bench.cluster.apply(pod(bw="B", phase="Pending"))
    bench.settle()
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    assert bench.bodies() == [step("added", None, "B")]


PHASE = {"fields": [{"path": "status.phase", "from": "Pending", "to": ["Running", "Failed"]}]}


@pytest.mark.parametrize(
    ("phases", "runs"),
    [
        pytest.param(["Pending", "Running"], 1, id="the step that is asked for"),
        pytest.param(["Pending", "Failed"], 1, id="the other step that is asked for"),
        pytest.param(["Pending", "Succeeded"], 0, id="another target"),
        pytest.param(["Unknown", "Running"], 0, id="another source"),
        pytest.param(["Running", "Pending", "Running"], 1, id="the baseline moved on to Pending at once"),
        pytest.param(["Pending", "Succeeded", "Running"], 0, id="the baseline moved on to Succeeded at once"),
    ],
)
def test_from_and_to_choose_steps(phases: list[str], runs: int) -> None:
    bench = Bench(rule(changed=PHASE))
    for phase in phases:
        bench.cluster.apply(pod(phase=phase))
        bench.settle()
    assert len(bench.calls) == runs


def test_one_path_moves_on_silently_while_another_stays_owed() -> None:
    changed = {"annotations": ["bw"], "fields": [{"path": "status.phase", "to": "Failed"}]}
    body = {"changes": "${{ changes }}", "phase": "${{ old.status.phase }}", "bw": "${{ annotation(old, 'bw') }}"}
    bench = Bench(rule(changed=changed, when=["object.metadata.labels.go"], actions=[call(body)]))
    bench.cluster.apply(pod(bw="A", phase="Pending"))
    bench.settle()
    bench.cluster.apply(pod(bw="B", phase="Running"))
    bench.settle()
    bench.cluster.apply(pod(bw="B", phase="Running", labels={"go": "yes"}))
    bench.settle()
    change = {"path": 'metadata.annotations."bw"', "old": "A", "new": "B"}
    assert bench.bodies() == [{"changes": [change], "phase": "Running", "bw": "A"}]


def test_a_pattern_watches_every_key_with_that_beginning() -> None:
    body = {"changes": "${{ changes[].[path, old, new] }}"}
    bench = Bench(rule(changed={"annotations": ["x/*"]}, actions=[call(body)]))
    bench.cluster.apply(pod(annotations={"x/a": "1", "y": "1"}))
    bench.settle()
    bench.cluster.apply(pod(annotations={"x/a": "1", "x/b": "2", "y": "2"}))
    bench.settle()
    assert bench.bodies() == [{"changes": [['metadata.annotations."x/b"', None, "2"]]}]


def test_a_to_b_to_a_to_b_gives_three_keys() -> None:
    bench = Bench(rule(changed=ON_BW))
    for value in ("A", "B", "A", "B"):
        bench.cluster.apply(pod(bw=value))
        bench.settle()
    assert len(bench.calls) == 3
    assert len({one.key for one in bench.calls}) == 3


def test_a_retry_has_the_same_key() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL))
    bench.web.script.extend([503, 503])
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.pass_time(60)
    assert len(bench.calls) == 3
    assert len({one.key for one in bench.calls}) == 1


def test_a_final_answer_fails_for_good_and_nothing_runs_it_again() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL))
    bench.web.script.append(422)
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.cluster.apply(pod(bw="A", labels={"heart": "beat"}))
    bench.pass_time(7200)
    bench.restart()
    assert [one.outcome for one in bench.runs()] == ["failed"]


def test_a_new_value_runs_again_what_failed_for_good_with_the_same_old() -> None:
    bench = Bench(rule(changed=ON_BW))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.web.script.append(422)
    for value in ("B", "C"):
        bench.cluster.apply(pod(bw=value))
        bench.settle()
    assert bench.bodies() == [step("modified", "A", "B"), step("modified", "A", "C")]


def test_attempts_used_up_fail_for_good() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL, retry={"attempts": 3}))
    bench.web.script.extend([503] * 9)
    bench.cluster.apply(pod(bw="A"))
    bench.pass_time(600)
    assert [one.outcome for one in bench.runs()] == ["retry", "retry", "failed"]


def test_a_deletion_and_creation_of_the_same_name_carries_the_baseline_over_where_only_changes_count() -> None:
    bench = Bench(rule(changed=ON_BW))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.cluster.delete(POD, "a", "default")
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    assert bench.bodies() == [step("modified", "A", "B")]


def test_the_baseline_of_a_deleted_object_waits_ten_minutes_for_another_of_its_name() -> None:
    bench = Bench(rule(changed=ON_BW))
    for pause, value in ((60, "B"), (700, "C")):
        bench.cluster.apply(pod(bw="A"))
        bench.settle()
        bench.cluster.delete(POD, "a", "default")
        bench.pass_time(pause)
        bench.cluster.apply(pod(bw=value))
        bench.settle()
    assert bench.bodies() == [step("modified", "A", "B"), step("modified", "B", "A")]


def test_what_is_deleted_for_good_is_forgotten() -> None:
    bench = Bench(rule(changed=ON_BW))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.cluster.delete(POD, "a", "default")
    bench.pass_time(700)
    assert bench.store.load().records == ()


def test_a_restart_runs_nothing_and_what_changed_meanwhile_runs_once() -> None:
    bench = Bench(rule(changed=ON_BW))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    for _ in range(20):
        bench.restart()
    assert bench.bodies() == []
    bench.stop()
    bench.cluster.apply(pod(bw="B"))
    bench.start()
    assert bench.bodies() == [step("modified", "A", "B")]
