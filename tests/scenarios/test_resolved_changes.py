"""`resolved` beside `changed`: it undoes what ran, and what holds again is owed again."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.testing.bench import Bench
from tests.scenarios.objects import POD, call, pod, rule
from tests.scenarios.seen import apply, events, records

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
RUNNING = ["object.status.phase == 'Running'"]
BODY = {
    "event": "${{ event.type }}",
    "cause": "${{ event.cause }}",
    "now": "${{ annotation(object, 'bw') }}",
    "old": "${{ annotation(old, 'bw') }}",
}
UNDO = [call(BODY, name="undo")]
SLOW = {"initialDelay": "1h", "maxDelay": "1h"}


def undoing(**spec: Any) -> Bench:
    settings = {"changed": ON_BW, "events": BOTH, "when": RUNNING, "resolved": UNDO, "actions": [call(BODY)], **spec}
    return Bench(rule(**settings))


def ran(event: str, old: str | None, now: str | None) -> dict[str, Any]:
    return {"event": event, "cause": None, "now": now, "old": old}


def undone(cause: str, old: str | None, now: str | None) -> dict[str, Any]:
    return {"event": "resolved", "cause": cause, "now": now, "old": old}


def test_what_holds_no_longer_is_undone_once_and_holding_again_is_owed_again() -> None:
    bench = undoing()
    apply(bench, pod(bw="A"), pod(bw="A", phase="Failed"), pod(bw="B", phase="Failed"), pod(bw="B"))
    assert bench.bodies() == [ran("added", None, "A"), undone("cleared", "A", "A"), ran("modified", None, "B")]


def test_a_deletion_undoes_and_its_record_is_gone() -> None:
    bench = undoing()
    apply(bench, pod(bw="A"))
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert (bench.bodies()[1:], records(bench)) == ([undone("deleted", "A", "A")], {})


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_a_deletion_while_down_undoes(orderly: bool) -> None:
    bench = undoing()
    apply(bench, pod("other"), pod(bw="A"))
    bench.stop() if orderly else bench.drop()
    bench.cluster.delete(POD, "a", "default")
    bench.start()
    bench.pass_time(10)
    assert bench.bodies()[1:] == [undone("deleted", "A", "A")]


def test_leaving_the_selector_undoes_and_coming_back_is_owed_again() -> None:
    watch = {"apiVersion": "v1", "kind": "Pod", "labelSelector": {"matchLabels": {"in": "y"}}}
    bench = undoing(watch=watch)
    apply(bench, pod(bw="A", labels={"in": "y"}), pod(bw="A", labels={"in": "n"}))
    bench.restart()
    apply(bench, pod(bw="A", labels={"in": "y"}))
    assert bench.bodies() == [ran("added", None, "A"), undone("left", "A", "A"), ran("modified", None, "A")]


def test_what_never_ran_is_not_undone() -> None:
    bench = undoing(events=["modified"])
    apply(bench, pod(bw="A"), pod(bw="A", phase="Failed"), pod(bw="A"))
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert bench.bodies() == []


def test_what_is_half_done_is_undone() -> None:
    bench = undoing(retry=SLOW)
    bench.web.script.append(503)
    apply(bench, pod(bw="A"), pod(bw="A", phase="Failed"))
    assert bench.bodies() == [ran("added", None, "A"), undone("cleared", "A", "A")]


def test_what_failed_for_good_is_undone() -> None:
    bench = undoing()
    bench.web.script.append(422)
    apply(bench, pod(bw="A"), pod(bw="A", phase="Failed"), pod(bw="A"))
    assert events(bench) == ["added", "resolved", "modified"]


def test_old_is_what_was_done_last_also_if_that_is_half_done() -> None:
    bench = undoing(retry=SLOW)
    apply(bench, pod(bw="A"))
    bench.web.script.append(503)
    apply(bench, pod(bw="B"), pod(bw="B", phase="Failed"))
    assert bench.bodies()[1:] == [ran("modified", "A", "B"), undone("cleared", "B", "B")]


def test_what_has_begun_and_is_owed_no_more_is_undone_all_the_same() -> None:
    changed = {"fields": [{"path": "metadata.annotations.bw", "to": "A"}]}
    bench = undoing(changed=changed, retry=SLOW)
    bench.web.script.append(503)
    apply(bench, pod(bw="A"), pod(bw="B"), pod(bw="B", phase="Failed"))
    assert bench.bodies() == [ran("added", None, "A"), undone("cleared", "A", "B")]


def test_resolved_for_waits_and_true_again_before_it_undoes_nothing() -> None:
    bench = undoing(resolvedFor="5m")
    apply(bench, pod(bw="A"), pod(bw="A", phase="Failed"))
    bench.pass_time(200)
    apply(bench, pod(bw="A"), pod(bw="A", phase="Failed"))
    bench.pass_time(299)
    assert events(bench) == ["added"]
    bench.pass_time(2)
    assert events(bench) == ["added", "resolved"]


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_resolved_for_survives_a_restart_also_for_a_deletion(orderly: bool) -> None:
    bench = undoing(resolvedFor="5m")
    apply(bench, pod(bw="A"))
    bench.cluster.delete(POD, "a", "default")
    bench.pass_time(200)
    bench.restart(orderly=orderly)
    bench.pass_time(99)
    assert events(bench) == ["added"]
    bench.pass_time(2)
    assert bench.bodies()[1:] == [undone("deleted", "A", "A")]


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_an_undoing_that_fails_is_tried_again_with_its_key_though_it_holds_again(orderly: bool) -> None:
    bench = undoing(retry={"initialDelay": "1m", "maxDelay": "1m"})
    bench.web.script.extend([200, 503])
    apply(bench, pod(bw="A"), pod(bw="A", phase="Failed"), pod(bw="A"))
    bench.restart(orderly=orderly)
    bench.pass_time(61)
    assert events(bench) == ["added", "resolved", "resolved", "modified"]
    assert len({one.key for one in bench.calls}) == 3


def test_a_value_that_changes_while_it_does_not_hold_is_owed_and_seen_against_nothing() -> None:
    bench = undoing()
    apply(bench, pod(bw="A"), pod(bw="A", phase="Failed"), pod(phase="Failed"), pod(), pod(bw="C"))
    assert bench.bodies()[2:] == [ran("modified", None, "C")]


def test_a_restart_undoes_nothing() -> None:
    bench = undoing()
    apply(bench, pod(bw="A"))
    for orderly in (True, False, True, False):
        bench.restart(orderly=orderly)
        bench.pass_time(60)
    assert events(bench) == ["added"]


def test_what_was_undone_while_down_and_holds_again_was_never_seen() -> None:
    bench = undoing()
    apply(bench, pod(bw="A"))
    bench.stop()
    bench.cluster.apply(pod(bw="A", phase="Failed"))
    bench.cluster.apply(pod(bw="A"))
    bench.start()
    assert events(bench) == ["added"]


def test_without_when_only_the_end_undoes() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, actions=[call(BODY)], resolved=UNDO))
    apply(bench, pod(bw="A"), pod())
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert bench.bodies() == [ran("added", None, "A"), ran("modified", "A", None), undone("deleted", None, None)]


def test_an_undoing_that_fails_for_good_stays_known_and_is_owed_again_all_the_same() -> None:
    bench = undoing()
    bench.web.script.extend([200, 422])
    apply(bench, pod(bw="A"), pod(bw="A", phase="Failed"))
    failed = records(bench)["a"].failed
    assert failed is not None
    assert failed.stage == "resolve"
    bench.restart()
    apply(bench, pod(bw="A"))
    assert events(bench) == ["added", "resolved", "modified"]


def test_unknown_undoes_nothing() -> None:
    bench = undoing(when=["length(object.metadata.labels.x) > `0`"])
    apply(bench, pod(bw="A", labels={"x": "1"}), pod(bw="A"))
    bench.pass_time(600)
    assert events(bench) == ["added"]


def test_terms_about_the_step_hold_as_long_as_that_step_was_the_last_to_run() -> None:
    bench = undoing(when=["length(changes) > `0`", "object.status.phase == 'Running'"])
    apply(bench, pod(bw="A"))
    bench.restart()
    apply(bench, pod(bw="A", labels={"x": "y"}), pod(bw="B"), pod(bw="B", phase="Failed"))
    assert bench.bodies() == [ran("added", None, "A"), ran("modified", "A", "B"), undone("cleared", "B", "B")]


def test_terms_about_old_hold_after_a_failure_too() -> None:
    bench = undoing(events=["modified"], when=["annotation(old, 'bw') == 'A'"])
    bench.web.script.append(422)
    apply(bench, pod(bw="A"), pod(bw="B"), pod(bw="B", labels={"x": "y"}))
    bench.restart()
    assert events(bench) == ["modified"]
