"""What every action that writes objects has in common: one table, action by case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from rulectl.action.attempt import perform
from rulectl.action.outcome import Attempt, Done, Failed, RetryAfter, Unchanged
from rulectl.action.registry import Registry
from rulectl.errors import Conflict, Forbidden, PermanentError, Unreachable
from rulectl.resource import ObjectKey
from rulectl.value import Value, encode
from tests.action.fakes import DEPLOYMENT, FakeKube, context_for, deployment

REGISTRY = Registry.builtin()
KEY = ObjectKey("shop", "web")
MANIFEST = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "limits"}, "data": {"a": "1"}}
TEMPLATE: Mapping[str, Any] = {"spec": {"template": {"spec": {"containers": []}}}}


class Case(NamedTuple):
    action: str
    parameters: Mapping[str, Any]
    verb: str
    """The verb with which it writes."""


CASES = [
    Case("label", {"set": {"tier": "gold"}}, "patch"),
    Case("annotate", {"set": {"team": "blue"}, "remove": ["old"]}, "patch"),
    Case("patch", {"body": {"spec": {"paused": True}}}, "patch"),
    Case("restart", {}, "patch"),
    Case("scale", {"replicas": 5}, "patch"),
    Case("delete", {}, "delete"),
    Case("event", {"reason": "TooSlow", "message": "slow"}, "create"),
    Case("apply", {"manifest": MANIFEST}, "patch"),
    Case("job", {"template": TEMPLATE}, "create"),
]
ON_OBJECT = [case for case in CASES if case.action not in {"event", "apply", "job"}]
REPEATED = [case for case in CASES if case.action != "delete"]


def cluster() -> FakeKube:
    return FakeKube().put(DEPLOYMENT, deployment(annotations={"old": "x"}))


def run(case: Case, kube: FakeKube, **overrides: Any) -> Attempt:
    kind = REGISTRY.get(case.action)
    assert kind is not None
    context = context_for(deployment(), kube, resource=DEPLOYMENT, **overrides)
    return perform(kind.bind(case.parameters), context, has_server_dry_run=kind.has_server_dry_run)


def named(case: Case) -> str:
    return case.action


@pytest.mark.parametrize("case", CASES, ids=named)
def test_it_is_done_with_one_write(case: Case) -> None:
    kube = cluster()
    assert isinstance(run(case, kube), Done)
    assert [verb for verb, _, _ in kube.writes] == [case.verb]


@pytest.mark.parametrize("case", REPEATED, ids=named)
def test_the_same_key_again_changes_nothing(case: Case) -> None:
    kube = cluster()
    run(case, kube)
    state = repr(kube.objects)
    assert isinstance(run(case, kube), Unchanged)
    assert repr(kube.objects) == state


@pytest.mark.parametrize("case", ON_OBJECT, ids=named)
def test_an_object_that_is_gone_is_left_alone(case: Case) -> None:
    kube = FakeKube()
    assert run(case, kube) == Unchanged("Deployment shop/web is gone")
    assert kube.writes == []


@pytest.mark.parametrize("case", ON_OBJECT, ids=named)
def test_a_successor_of_the_same_name_is_left_alone(case: Case) -> None:
    kube = FakeKube().put(DEPLOYMENT, deployment(uid="uid-successor"))
    assert run(case, kube) == Unchanged("Deployment shop/web is gone")
    assert kube.writes == []


@pytest.mark.parametrize(
    ("case", "answer"),
    [(case, Conflict("uid", status=409)) for case in ON_OBJECT]
    + [(case, PermanentError("uid", status=422)) for case in ON_OBJECT if case.verb == "patch"],
    ids=lambda value: value.action if isinstance(value, Case) else str(value.status),
)
def test_a_successor_that_comes_between_reading_and_writing_is_left_alone(case: Case, answer: PermanentError) -> None:
    class Racing(FakeKube):
        def _called(self, verb: str, *arguments: Any) -> None:
            if verb == case.verb:
                self.put(DEPLOYMENT, deployment(uid="uid-successor"))
            super()._called(verb, *arguments)

    kube = Racing().put(DEPLOYMENT, deployment(annotations={"old": "x"}))
    kube.faults[case.verb] = [answer]
    assert run(case, kube) == Unchanged("Deployment shop/web is gone")


@pytest.mark.parametrize("case", ON_OBJECT, ids=named)
def test_a_writer_at_the_same_time_means_a_retry(case: Case) -> None:
    kube = cluster()
    kube.faults[case.verb] = [Conflict("modified", status=409)] * 5
    assert isinstance(run(case, kube), RetryAfter)


@pytest.mark.parametrize("case", [case for case in ON_OBJECT if case.verb == "patch"], ids=named)
def test_after_somebody_elses_write_the_fresh_object_is_written_at_once(case: Case) -> None:
    kube = cluster()
    kube.faults[case.verb] = [Conflict("modified", status=409)] * 4
    assert isinstance(run(case, kube), Done)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_missing_permission_is_a_final_failure(case: Case) -> None:
    kube = cluster()
    kube.faults[case.verb] = [Forbidden("deployments is forbidden (403)", status=403)]
    assert run(case, kube) == Failed("deployments is forbidden (403)")


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_server_that_does_not_answer_means_a_retry(case: Case) -> None:
    kube = cluster()
    kube.faults[case.verb] = [Unreachable("timed out", retry_after_seconds=3.0)]
    assert run(case, kube) == RetryAfter(3.0, "timed out")


@pytest.mark.parametrize("case", CASES, ids=named)
def test_nothing_is_asked_once_the_time_is_up(case: Case) -> None:
    kube = cluster()
    assert run(case, kube, deadline=0.0) == RetryAfter(None, "the action's timeout has passed; it is tried again later")
    assert kube.calls == []


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_dry_run_on_the_client_asks_nobody(case: Case) -> None:
    kube = cluster()
    outcome = run(case, kube, dry_run="client")
    assert isinstance(outcome, Done)
    said = f"dry run: nothing was sent, it would have been {encode(outcome.result).decode()}"
    assert (outcome.message, bool(outcome.result), kube.calls) == (said, True, [])


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_dry_run_on_the_server_keeps_nothing(case: Case) -> None:
    kube = cluster()
    state = repr(kube.objects)
    assert isinstance(run(case, kube, dry_run="server"), Done)
    assert repr(kube.objects) == state
    assert [verb for verb, _, _ in kube.writes] == [case.verb]


@pytest.mark.parametrize("case", ON_OBJECT, ids=named)
def test_a_resource_beside_the_object_can_be_named(case: Case) -> None:
    kube = cluster().put(DEPLOYMENT, deployment(name="other", uid="uid-other", annotations={"old": "x"}))
    reference: Value = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "other"}
    run(Case(case.action, {**case.parameters, "resource": reference}, case.verb), kube)
    assert [place for _, place, _ in kube.writes] == ["Deployment shop/other"]


@pytest.mark.parametrize("case", ON_OBJECT, ids=named)
def test_a_kind_that_is_not_served_yet_means_a_retry(case: Case) -> None:
    reference = {"apiVersion": "shop.example/v1", "kind": "Cart", "name": "other"}
    outcome = run(Case(case.action, {**case.parameters, "resource": reference}, case.verb), cluster())
    assert outcome == RetryAfter(
        None, "the cluster serves no shop.example/v1 Cart; install its CRD or correct the kind"
    )
