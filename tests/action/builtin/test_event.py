from typing import Any

import pytest

from rulectl.action.event_series import EVENTS
from rulectl.action.outcome import Done, RetryAfter, Unchanged
from rulectl.errors import Conflict
from tests.action.builtin.bench import faults, run
from tests.action.fakes import NODE, POD, FakeKube, context_for, pod

PARAMETERS = {"reason": "LimitSet", "message": "ingress is 10M"}


def record(kube: FakeKube, key: str = "a" * 64, **more: Any) -> Any:
    return run("event", {**PARAMETERS, **more}, context_for(pod(), kube, key=key))


def events(kube: FakeKube) -> list[Any]:
    return [obj for (kind, _), obj in kube.objects.items() if kind == EVENTS.kind]


def test_an_event_says_what_happened_to_which_object() -> None:
    kube = FakeKube()
    assert record(kube, type="Warning") == Done("event LimitSet recorded")
    (event,) = events(kube)
    assert event["regarding"] == {
        "apiVersion": "v1",
        "kind": "Pod",
        "name": "web-1",
        "namespace": "shop",
        "uid": "uid-web",
    }
    assert (event["reason"], event["note"], event["type"]) == ("LimitSet", "ingress is 10M", "Warning")
    assert (event["reportingController"], event["reportingInstance"], event["action"]) == (
        "rulectl.dev/rulectl",
        "rulectl/pod-bandwidth",
        "push",
    )
    assert event["eventTime"] == "2023-11-14T22:13:20.000000Z"
    assert event["metadata"]["namespace"] == "shop"


def test_the_same_run_records_it_once() -> None:
    kube = FakeKube()
    record(kube)
    assert record(kube) == Unchanged("event LimitSet was recorded for this run already")
    assert len(events(kube)) == 1


def test_later_runs_that_say_the_same_are_counted() -> None:
    kube = FakeKube()
    outcomes = [record(kube, key * 64) for key in "abc"]
    assert [outcome.message for outcome in outcomes[1:]] == [
        "event LimitSet recorded, 2 times by now",
        "event LimitSet recorded, 3 times by now",
    ]
    (event,) = events(kube)
    assert event["series"] == {"count": 3, "lastObservedTime": "2023-11-14T22:13:20.000000Z"}
    assert record(kube, "c" * 64) == Unchanged("event LimitSet was recorded for this run already")


def test_another_message_is_another_event() -> None:
    kube = FakeKube()
    record(kube)
    record(kube, "b" * 64, message="ingress is 20M")
    assert len(events(kube)) == 2


def test_an_event_that_expires_while_it_is_counted_is_created_by_the_next_try() -> None:
    kube = FakeKube()
    kube.faults["create"] = [Conflict("exists", status=409)]
    assert isinstance(record(kube), RetryAfter)
    assert record(kube) == Done("event LimitSet recorded")


def test_an_event_about_an_object_without_namespace_is_kept_in_default() -> None:
    kube, node = FakeKube(), {"metadata": {"name": "n1", "uid": "uid-n1"}}
    run("event", PARAMETERS, context_for(node, kube, resource=NODE))
    (event,) = events(kube)
    assert event["metadata"]["namespace"] == "default"
    assert event["regarding"] == {"apiVersion": "v1", "kind": "Node", "name": "n1", "uid": "uid-n1"}


def test_a_long_message_is_cut_to_what_an_event_holds() -> None:
    kube = FakeKube()
    record(kube, message="ä" * 2000)
    note = events(kube)[0]["note"]
    assert len(note.encode()) <= 1024
    assert note.endswith("ä…")


@pytest.mark.parametrize("reason", ["too slow", "tooSlow", "", "X" * 200], ids=repr)
def test_a_reason_is_one_camel_case_word(reason: str) -> None:
    assert faults("event", {**PARAMETERS, "reason": reason})[0].startswith("reason: expected text like ")


def test_a_gone_object_can_still_have_an_event() -> None:
    kube = FakeKube()
    assert POD.kind not in {kind for kind, _ in kube.objects}
    assert isinstance(record(kube), Done)
