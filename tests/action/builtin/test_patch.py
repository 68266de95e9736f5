from typing import Any

import pytest

from rulectl.action.outcome import Done, Failed, Unchanged
from rulectl.action.permission import Permission
from rulectl.errors import Conflict, PermanentError
from rulectl.resource import Kind
from tests.action.builtin.bench import faults, kind_of, run
from tests.action.fakes import DEPLOYMENT, FakeKube, context_for, deployment


def cluster() -> FakeKube:
    return FakeKube().put(DEPLOYMENT, deployment())


def apply(parameters: dict[str, Any], kube: FakeKube) -> Any:
    return run("patch", parameters, context_for(deployment(), kube, resource=DEPLOYMENT))


def test_a_merge_patch_that_would_change_nothing_is_not_sent() -> None:
    kube = cluster()
    assert apply({"body": {"spec": {"replicas": 2, "paused": None}}}, kube) == Unchanged(
        "Deployment shop/web says so already"
    )
    assert kube.writes == []


def test_a_merge_patch_is_sent_with_the_uid() -> None:
    kube = cluster()
    assert apply({"body": {"spec": {"replicas": 3}}}, kube).message == "patched Deployment shop/web"
    assert kube.writes[0][2] == {"spec": {"replicas": 3}, "metadata": {"uid": "uid-web"}}


def test_a_json_patch_tests_the_uid_first() -> None:
    kube = cluster()
    body = [{"op": "replace", "path": "/spec/replicas", "value": 3}]
    assert isinstance(apply({"type": "json", "body": body}, kube), Done)
    assert kube.writes[0][2] == [{"op": "test", "path": "/metadata/uid", "value": "uid-web"}, *body]


@pytest.mark.parametrize("kind", ["json", "strategic"], ids=str)
def test_a_patch_that_turned_out_to_change_nothing_is_unchanged(kind: str) -> None:
    body: Any = {"spec": {"replicas": 2}}
    if kind == "json":
        body = [{"op": "replace", "path": "/spec/replicas", "value": 2}]
    assert apply({"type": kind, "body": body}, cluster()) == Unchanged("Deployment shop/web says so already")


def test_an_apply_patch_gets_the_names_it_needs() -> None:
    kube = cluster()
    apply({"type": "apply", "body": {"spec": {"replicas": 3}}}, kube)
    assert kube.writes[0][2] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "uid": "uid-web"},
        "spec": {"replicas": 3},
    }


def test_a_field_of_another_manager_is_a_final_failure_unless_forced() -> None:
    kube = cluster()
    kube.foreign_fields = True
    body = {"spec": {"replicas": 3}}
    assert apply({"type": "apply", "body": body}, kube) == Failed('conflict with "kubectl": .data.a')
    assert isinstance(apply({"type": "apply", "body": body, "force": True}, kube), Done)


def test_what_the_server_will_not_have_is_a_final_failure() -> None:
    kube = cluster()
    kube.faults["patch"] = [PermanentError("spec.replicas: Invalid value", status=422)]
    assert apply({"body": {"spec": {"replicas": -3}}}, kube) == Failed("spec.replicas: Invalid value")


def test_a_conflict_of_a_merge_patch_is_not_final() -> None:
    kube = cluster()
    kube.faults["patch"] = [Conflict("try again", status=409)] * 5
    outcome = apply({"body": {"spec": {"replicas": 3}}}, kube)
    assert outcome.message == "Deployment shop/web was written by somebody else at the same time: try again"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"type": "json", "body": {}}, "the body of a patch of type json has to be a list of operations"),
        ({"body": [{"op": "test"}]}, "the body of a patch of type merge has to be a mapping"),
        ({"body": {}, "force": True}, "force goes only with type: apply"),
        (
            {"type": "merg", "body": {}},
            "type: expected merge, json, strategic or apply, not 'merg' (did you mean 'merge'?)",
        ),
    ],
    ids=["json", "merge", "force", "type"],
)
def test_a_patch_that_makes_no_sense_is_a_fault_of_the_rule(parameters: dict[str, Any], message: str) -> None:
    assert faults("patch", parameters) == [message]


def test_it_needs_to_read_the_object_and_to_patch_it_or_its_subresource() -> None:
    kind = Kind("apps/v1", "Deployment")
    assert kind_of("patch").permissions({"body": {}, "subresource": "status"}, kind) == (
        Permission(kind, ("get",)),
        Permission(kind, ("patch",), "status"),
    )


def test_permissions_follow_the_resource_that_is_named() -> None:
    named = {"apiVersion": "v1", "kind": "ConfigMap", "namespace": "shop", "name": "${{ object.metadata.name }}"}
    found = kind_of("label").permissions({"set": {}, "resource": named}, Kind("v1", "Pod"))
    assert found == (Permission(Kind("v1", "ConfigMap"), ("get", "patch"), "", "shop", None),)
