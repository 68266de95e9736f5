"""An Event on the object whose run failed for good."""

from __future__ import annotations

from typing import Any

from rulectl.action.event_series import EVENTS
from rulectl.controller.report import Notice, Report
from rulectl.manager.settings import Settings
from rulectl.sandbox import Fault
from rulectl.testing import Bench, Refusal
from tests.scenarios.objects import call, pod, rule

RULES = rule(changed={"annotations": ["bw"]}, events=["added", "modified"], actions=[call({}, name="push")])


def failing(bench: Bench, bw: str = "A") -> list[Any]:
    bench.web.script.append(Refusal(400))
    bench.cluster.apply(pod(bw=bw))
    bench.settle()
    return bench.cluster.objects(EVENTS)


def notices(bench: Bench) -> list[Report]:
    return list(bench.told(Notice))


def test_the_object_says_what_failed_and_what_to_do() -> None:
    (event,) = failing(Bench(RULES))
    assert event["regarding"] | {"uid": ""} == {
        "apiVersion": "v1",
        "kind": "Pod",
        "name": "a",
        "namespace": "default",
        "uid": "",
    }
    assert (event["type"], event["reason"], event["reportingController"]) == (
        "Warning",
        "RuleFailed",
        "rulectl.dev/rulectl",
    )
    assert event["note"] == (
        "rule r failed for good: push: PUT http://agent/push: 400; it runs again when a watched value or the rule "
        "changes, or with `rulectl state retry r`"
    )


def test_it_is_told_once_over_restarts_and_heartbeats() -> None:
    bench = Bench(RULES)
    failing(bench)
    bench.restart()
    bench.pass_time(3600)
    (event,) = bench.cluster.objects(EVENTS)
    assert "series" not in event


def test_a_later_run_that_fails_alike_is_counted() -> None:
    bench = Bench(RULES)
    failing(bench)
    (event,) = failing(bench, "B")
    assert event["series"]["count"] == 2


def test_an_api_server_that_does_not_answer_gets_it_later() -> None:
    bench = Bench(RULES)
    bench.sandbox.faults.add(Fault(method="POST", path="/apis/events.k8s.io/.*", status=503, times=1))
    assert failing(bench) == []
    bench.pass_time(11)
    assert len(bench.cluster.objects(EVENTS)) == 1


def test_a_missing_permission_is_said_once_and_stops_nothing() -> None:
    bench = Bench(RULES)
    bench.sandbox.faults.add(
        Fault(method="POST", path="/apis/events.k8s.io/.*", status=403, message="events is forbidden")
    )
    failing(bench)
    failing(bench, "B")
    bench.pass_time(2000)
    told = [one.message for one in notices(bench) if isinstance(one, Notice)]
    assert len(told) == 1
    assert told[0].startswith("failed runs cannot be told as Events: ")
    assert told[0].endswith("; grant create, get and patch of events.k8s.io/v1 Event; `rulectl rbac` has it")


def test_a_dry_run_tells_nobody() -> None:
    assert failing(Bench(RULES, settings=Settings(seed=1, dry_run="server"))) == []


def test_rules_never_see_these_events() -> None:
    watching = rule(name="events", watch={"apiVersion": "v1", "kind": "Event"}, actions=[{"log": {"message": "seen"}}])
    bench = Bench(f"{RULES}\n---\n{watching}")
    failing(bench)
    bench.pass_time(60)
    assert bench.runs("events") == []
