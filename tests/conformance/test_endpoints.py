"""What a client asks before it asks for objects."""

from __future__ import annotations

import pytest

from tests.conformance.target import Api

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


def test_the_server_says_its_version(api: Api) -> None:
    assert "gitVersion" in api.get("/version")


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
def test_the_server_says_that_it_is_well(api: Api, path: str) -> None:
    api.send("GET", path, code=200)


def test_groups_are_listed(api: Api) -> None:
    assert "v1" in api.get("/api")["versions"]
    assert "apps" in [group["name"] for group in api.get("/apis")["groups"]]
    api.get("/apis/apps")


def test_resources_are_listed_with_verbs_and_short_names(api: Api) -> None:
    rows = {row["name"]: row for row in api.get("/api/v1")["resources"]}
    assert (rows["pods"]["kind"], rows["pods"]["namespaced"]) == ("Pod", True)
    assert "watch" in rows["pods"]["verbs"]
    assert "po" in rows["pods"]["shortNames"]
    assert "pods/status" in rows
    api.get("/apis/apps/v1")


def test_the_core_group_s_version_is_written_without_a_group(api: Api) -> None:
    assert api.get("/api/v1")["groupVersion"] == "v1"


def test_discovery_can_be_had_in_one_document(api: Api) -> None:
    shown = api.send("GET", "/apis", accept=AGGREGATED, code=200).json()
    assert shown["kind"] == "APIGroupDiscoveryList"


def test_openapi_version_2_has_definitions(api: Api) -> None:
    assert "definitions" in api.get("/openapi/v2")


def test_openapi_version_3_has_a_document_for_each_version_of_a_group(api: Api) -> None:
    address = api.get("/openapi/v3")["paths"]["api/v1"]["serverRelativeURL"]
    assert "schemas" in api.get(address)["components"]


def test_an_unknown_path_is_not_found(api: Api) -> None:
    response = api.send("GET", "/apis/none.example.com/v1/things", code=404)
    assert response.headers["Content-Type"].startswith("text/plain")


def test_everything_is_allowed_to_those_who_may_everything(api: Api) -> None:
    body = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"verb": "list", "resource": "pods"}},
    }
    answer = api.create("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body)
    assert answer["status"]["allowed"] is True
