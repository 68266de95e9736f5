from __future__ import annotations

import pytest

from rulectl.sandbox.accept import wants_aggregated
from tests.sandbox.client import Client

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def test_the_core_group_has_version_v1(client: Client) -> None:
    assert client.get("/api")["versions"] == ["v1"]


def test_resources_are_listed_with_their_subresources(client: Client) -> None:
    shown = client.get("/api/v1")
    rows = {row["name"]: row for row in shown["resources"]}
    assert shown["groupVersion"] == "v1"
    assert (rows["pods"]["kind"], rows["pods"]["namespaced"], rows["pods"]["shortNames"]) == ("Pod", True, ["po"])
    assert rows["pods/eviction"]["group"] == "policy"
    assert "watch" in rows["pods"]["verbs"]


def test_groups_say_which_version_they_prefer(client: Client) -> None:
    group = client.get("/apis/autoscaling")
    assert group["preferredVersion"] == {"groupVersion": "autoscaling/v2", "version": "v2"}
    assert [entry["version"] for entry in group["versions"]] == ["v2", "v1"]


def test_all_of_it_can_be_had_in_one_document(client: Client) -> None:
    shown = client.get("/apis", accept=f"{AGGREGATED},application/json")
    assert shown["kind"] == "APIGroupDiscoveryList"
    assert client.headers["Content-Type"] == AGGREGATED
    apps = next(item for item in shown["items"] if item["metadata"]["name"] == "apps")
    row = next(entry for entry in apps["versions"][0]["resources"] if entry["resource"] == "deployments")
    assert row["responseKind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}
    assert [entry["subresource"] for entry in row["subresources"]] == ["scale", "status"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (AGGREGATED, True),
        ("application/json", False),
        (f"application/json;q=0.1,{AGGREGATED}", True),
        (f"application/json,{AGGREGATED};q=0.5", False),
        (AGGREGATED.replace("v2", "v9"), False),
        ("", False),
    ],
)
def test_one_document_is_given_only_to_those_who_prefer_it(accept: str, expected: bool) -> None:
    assert wants_aggregated({"accept": accept}) is expected


def test_only_stable_versions_are_served(client: Client) -> None:
    versions = [version["version"] for group in client.get("/apis")["groups"] for version in group["versions"]]
    assert {version.strip("0123456789") for version in versions} == {"v"}


def test_an_older_kubernetes_serves_what_it_had() -> None:
    client = Client(kubernetes_version="1.30")
    version = client.get("/version")
    assert (version["major"], version["minor"], version["gitVersion"]) == ("1", "30", "v1.30.0")


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz", "/readyz/ping"])
def test_it_is_healthy(client: Client, path: str) -> None:
    assert client.get(path) == "ok"


@pytest.mark.parametrize(
    "path", ["/nothing", "/apis/none.example.com/v1/things", "/api/v9", "/apis/none", "/openapi/v3/x"]
)
def test_an_unknown_path_is_not_found_in_plain_text(client: Client, path: str) -> None:
    assert client.get(path, code=404) == "404 page not found\n"
    assert client.headers["Content-Type"].startswith("text/plain")


def test_only_reading_is_possible_outside_the_resources(client: Client) -> None:
    client.call("POST", "/apis", {}, 404)
