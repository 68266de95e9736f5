from __future__ import annotations

import pytest

from tests.sandbox.client import DEPLOYMENTS, MERGE, PODS, Client, deployment, pod

ACCOUNTS = "/api/v1/namespaces/default/serviceaccounts"


def test_scale_shows_and_sets_the_replicas(client: Client) -> None:
    client.create(DEPLOYMENTS, deployment("a", replicas=2))
    shown = client.get(f"{DEPLOYMENTS}/a/scale")
    assert (shown["kind"], shown["spec"], shown["status"]["selector"]) == ("Scale", {"replicas": 2}, "app=a")
    shown["spec"]["replicas"] = 4
    assert client.put(f"{DEPLOYMENTS}/a/scale", shown)["spec"] == {"replicas": 4}
    after = client.get(f"{DEPLOYMENTS}/a")
    assert (after["spec"]["replicas"], after["metadata"]["generation"]) == (4, 2)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"spec": {"replicas": -1}}, 422),
        ({"spec": {"replicas": "x"}}, 422),
        ({"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 3}}, 409),
    ],
)
def test_a_scale_that_cannot_be_is_refused(client: Client, body: object, code: int) -> None:
    client.create(DEPLOYMENTS, deployment("a"))
    client.call("PATCH", f"{DEPLOYMENTS}/a/scale", body, code, kind=MERGE)
    assert client.get(f"{DEPLOYMENTS}/a")["spec"]["replicas"] == 1


def test_a_dry_run_of_a_scale_shows_it_only(client: Client) -> None:
    client.create(DEPLOYMENTS, deployment("a"))
    shown = client.patch(f"{DEPLOYMENTS}/a/scale", {"spec": {"replicas": 3}}, dryRun="All")
    assert shown["spec"] == {"replicas": 3}
    assert client.get(f"{DEPLOYMENTS}/a")["spec"]["replicas"] == 1


def test_an_eviction_removes_the_pod(client: Client) -> None:
    client.create(PODS, pod("a"))
    client.create(f"{PODS}/a/eviction", {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "a"}})
    client.get(f"{PODS}/a", code=404)


def test_a_binding_says_once_where_a_pod_runs(client: Client) -> None:
    client.create(PODS, pod("a"))
    body = {"target": {"kind": "Node", "name": "n1"}}
    client.create(f"{PODS}/a/binding", body)
    assert client.get(f"{PODS}/a")["spec"]["nodeName"] == "n1"
    client.create(f"{PODS}/a/binding", body, code=409)


def test_a_binding_without_a_node_is_refused(client: Client) -> None:
    client.create(PODS, pod("a"))
    client.create(f"{PODS}/a/binding", {}, code=400)


def test_a_service_account_gets_a_token(client: Client) -> None:
    client.create(ACCOUNTS, {"metadata": {"name": "robot"}})
    assert client.create(f"{ACCOUNTS}/robot/token", {"spec": {}})["status"]["token"].startswith("sandbox-")


@pytest.mark.parametrize(
    ("path", "field", "expected"),
    [
        ("authorization.k8s.io/v1/selfsubjectaccessreviews", "allowed", True),
        ("authorization.k8s.io/v1/subjectaccessreviews", "allowed", True),
        ("authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews", "allowed", True),
        ("authorization.k8s.io/v1/selfsubjectrulesreviews", "incomplete", False),
        ("authentication.k8s.io/v1/tokenreviews", "authenticated", True),
    ],
)
def test_reviews_say_that_everything_is_allowed(client: Client, path: str, field: str, expected: bool) -> None:
    assert client.create(f"/apis/{path}", {"spec": {}})["status"][field] is expected
    client.get(f"/apis/{path}", code=405)


def test_a_namespace_is_finalized_by_the_sandbox_itself(client: Client) -> None:
    assert client.put("/api/v1/namespaces/default/finalize", {})["metadata"]["name"] == "default"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", f"{PODS}/a/exec", 404),
        ("GET", f"{PODS}/a/eviction", 405),
        ("DELETE", f"{PODS}/a/status", 405),
        ("GET", "/api/v1/namespaces/default/configmaps/a/status", 404),
    ],
)
def test_what_is_below_no_object_is_refused(client: Client, method: str, path: str, code: int) -> None:
    client.create(PODS, pod("a"))
    client.call(method, path, None, code)
