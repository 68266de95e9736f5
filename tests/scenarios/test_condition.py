"""A rule with `when` alone: a condition that fires, and is resolved."""

from __future__ import annotations

from typing import Any

from rulectl.testing.bench import Bench
from tests.scenarios.objects import NODE, call, node, rule

WATCH = {"apiVersion": "v1", "kind": "Node"}
NOT_READY = ["condition(object, 'Ready').status != 'True'"]
FIRE = {"what": "fire", "event": "${{ event.type }}", "status": "${{ condition(object, 'Ready').status }}"}
CLEAR = {
    "what": "clear",
    "cause": "${{ event.cause }}",
    "was": "${{ condition(old, 'Ready').status }}",
    "since": "${{ event.since }}",
}


def condition(**spec: Any) -> str:
    settings = {"when": NOT_READY, "actions": [call(FIRE)], "resolved": [call(CLEAR, name="clear")], **spec}
    return rule(watch=WATCH, **settings)


def what(bench: Bench) -> list[str]:
    return [body["what"] for body in bench.bodies()]  # type: ignore[index]


def set_ready(bench: Bench, *statuses: str) -> None:
    for status in statuses:
        bench.cluster.apply(node(ready=status))
        bench.settle()


def test_it_fires_once_while_it_holds() -> None:
    bench = Bench(condition())
    set_ready(bench, "True", "False", "Unknown", "False")
    assert what(bench) == ["fire"]


def test_it_is_resolved_when_it_no_longer_holds_and_old_is_what_it_fired_with() -> None:
    bench = Bench(condition())
    set_ready(bench, "True", "Unknown", "True")
    since = "2023-11-14T22:13:20Z"
    assert bench.bodies()[1:] == [{"what": "clear", "cause": "cleared", "was": "Unknown", "since": since}]


def test_it_fires_again_after_it_was_resolved() -> None:
    bench = Bench(condition())
    set_ready(bench, "False", "True", "False", "True")
    assert what(bench) == ["fire", "clear", "fire", "clear"]


def test_an_object_that_is_new_fires_as_added() -> None:
    bench = Bench(condition())
    set_ready(bench, "False")
    assert [body["event"] for body in bench.bodies()] == ["added"]  # type: ignore[index]


def test_for_waits_without_a_break() -> None:
    bench = Bench(condition(for_="5m"))
    set_ready(bench, "False")
    bench.pass_time(200)
    set_ready(bench, "True", "False")
    bench.pass_time(290)
    assert what(bench) == []
    bench.pass_time(20)
    assert what(bench) == ["fire"]


def test_false_while_pending_runs_nothing() -> None:
    bench = Bench(condition(for_="5m"))
    set_ready(bench, "False", "True")
    bench.pass_time(1000)
    assert what(bench) == []


def test_since_starts_the_clock_where_the_object_says() -> None:
    since = "condition(object, 'Ready').lastTransitionTime"
    bench = Bench(condition(for_="5m", since=since), start=False)
    bench.clock.advance(250)
    bench.cluster.apply(node(ready="False"))
    bench.start()
    bench.pass_time(40)
    assert what(bench) == []
    bench.pass_time(20)
    assert what(bench) == ["fire"]


def test_since_is_not_before_the_terms_were_seen_to_become_true() -> None:
    since = "condition(object, 'Ready').lastTransitionTime"
    bench = Bench(condition(for_="5m", since=since))
    set_ready(bench, "True")
    bench.pass_time(1000)
    set_ready(bench, "False")
    bench.pass_time(290)
    assert what(bench) == []
    bench.pass_time(20)
    assert what(bench) == ["fire"]


def test_downtime_counts_for_for_if_it_holds_at_both_ends() -> None:
    bench = Bench(condition(for_="5m"))
    set_ready(bench, "False")
    bench.stop()
    bench.clock.advance(400)
    bench.start()
    assert what(bench) == ["fire"]


def test_resolved_for_waits_and_true_again_before_it_runs_nothing() -> None:
    bench = Bench(condition(resolvedFor="5m"))
    set_ready(bench, "False", "True")
    bench.pass_time(200)
    set_ready(bench, "False")
    bench.pass_time(1000)
    assert what(bench) == ["fire"]
    set_ready(bench, "True")
    bench.pass_time(301)
    assert what(bench) == ["fire", "clear"]


def test_a_deletion_resolves_with_its_cause() -> None:
    bench = Bench(condition())
    set_ready(bench, "False")
    bench.cluster.delete(NODE, "n")
    bench.settle()
    assert bench.bodies()[-1]["cause"] == "deleted"  # type: ignore[index]
    assert bench.store.load().records == ()


def test_a_deletion_while_down_resolves_too() -> None:
    bench = Bench(condition())
    bench.cluster.apply(node("bystander"))
    set_ready(bench, "False")
    bench.stop()
    bench.cluster.delete(NODE, "n")
    bench.start()
    assert what(bench) == ["fire", "clear"]


def test_half_done_is_resolved_too() -> None:
    bench = Bench(condition(retry={"initialDelay": "10s"}))
    bench.web.script.append(503)
    set_ready(bench, "False", "True")
    assert what(bench) == ["fire", "clear"]


def test_true_again_while_half_done_goes_on_with_the_same_run() -> None:
    bench = Bench(condition(retry={"initialDelay": "10s"}, resolvedFor="1m"))
    bench.web.script.append(503)
    set_ready(bench, "False", "True", "False")
    bench.pass_time(100)
    assert what(bench) == ["fire", "fire"]
    assert len({one.key for one in bench.calls}) == 1


def test_existing_objects_are_skipped_until_they_were_false_once() -> None:
    bench = Bench(condition(existing="skip"), start=False)
    bench.cluster.apply(node(ready="False"))
    bench.start()
    set_ready(bench, "Unknown")
    assert what(bench) == []
    set_ready(bench, "True", "False")
    assert what(bench) == ["fire"]


def test_existing_objects_are_handled_by_default() -> None:
    bench = Bench(condition(), start=False)
    bench.cluster.apply(node(ready="False"))
    bench.start()
    assert what(bench) == ["fire"]


def test_a_restart_neither_fires_nor_resolves() -> None:
    bench = Bench(condition())
    set_ready(bench, "False")
    for _ in range(20):
        bench.restart(orderly=False)
    assert what(bench) == ["fire"]


def test_without_resolved_it_is_idle_again_silently() -> None:
    bench = Bench(rule(watch=WATCH, when=NOT_READY, actions=[call(FIRE)]))
    set_ready(bench, "False", "True", "False")
    assert what(bench) == ["fire", "fire"]


def test_events_without_modified_fire_only_for_new_objects() -> None:
    bench = Bench(condition(events=["added"]))
    set_ready(bench, "True", "False")
    assert what(bench) == []


def test_leaving_the_selector_resolves_as_left() -> None:
    watch = {**WATCH, "labelSelector": {"matchLabels": {"pool": "a"}}}
    bench = Bench(rule(watch=watch, when=NOT_READY, actions=[call(FIRE)], resolved=[call(CLEAR)]))
    bad = node(ready="False")
    bench.cluster.apply({**bad, "metadata": {"name": "n", "labels": {"pool": "a"}}})
    bench.settle()
    bench.cluster.apply({**bad, "metadata": {"name": "n", "labels": {"pool": "b"}}})
    bench.settle()
    assert bench.bodies()[-1]["cause"] == "left"  # type: ignore[index]


def test_an_unknown_judgement_fires_and_resolves_nothing_and_is_told_once() -> None:
    from rulectl.controller.report import Fault

    terms = ["length(object.metadata.labels.x) > `0`"]
    bench = Bench(rule(watch=WATCH, when=terms, actions=[call(FIRE)], resolved=[call(CLEAR)]))
    for name in ("n1", "n2", "n3"):
        bench.cluster.apply(node(name))
        bench.settle()
    assert (what(bench), len(bench.told(Fault))) == ([], 1)


def test_age_is_timed_exactly() -> None:
    bench = Bench(rule(watch=WATCH, when=["age(object.metadata.creationTimestamp) > `90`"], actions=[call(FIRE)]))
    set_ready(bench, "True")
    bench.pass_time(89)
    assert what(bench) == []
    bench.pass_time(2)
    assert what(bench) == ["fire"]
