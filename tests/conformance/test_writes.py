"""Create, replace, delete."""

from __future__ import annotations

import pytest

from tests.conformance.target import Api, config_map, deployment, pod


def test_a_new_namespace_has_an_identity_and_is_active(api: Api) -> None:
    shown = api.get(f"/api/v1/namespaces/{api.namespace}")
    assert {"uid", "creationTimestamp", "resourceVersion"} <= shown["metadata"].keys()
    assert shown["status"]["phase"] == "Active"
    assert shown["metadata"]["labels"]["kubernetes.io/metadata.name"] == api.namespace


def test_nothing_is_created_in_a_namespace_that_is_not_there(api: Api) -> None:
    api.create("/api/v1/namespaces/nope-x/configmaps", config_map("a"), code=404)


def test_a_second_object_of_the_same_name_is_refused(api: Api) -> None:
    api.create(api.maps(), config_map("a"))
    refused = api.create(api.maps(), config_map("a"), code=409)
    assert (refused["reason"], refused["details"]["name"]) == ("AlreadyExists", "a")


def test_a_name_is_generated_from_its_beginning(api: Api) -> None:
    name = api.create(api.maps(), {"metadata": {"generateName": "gen-"}})["metadata"]["name"]
    assert name.startswith("gen-")
    assert len(name) > len("gen-")


def test_a_missing_object_is_not_found_by_its_name(api: Api) -> None:
    refused = api.get(api.maps("missing"), code=404)
    assert (refused["kind"], refused["reason"], refused["details"]["name"]) == ("Status", "NotFound", "missing")


def test_a_put_needs_the_present_version(api: Api) -> None:
    body = api.create(api.maps(), config_map("a"))
    after = api.put(api.maps("a"), {**body, "data": {"a": "2"}})
    assert int(after["metadata"]["resourceVersion"]) > int(body["metadata"]["resourceVersion"])
    assert api.put(api.maps("a"), {**body, "data": {"a": "3"}}, code=409)["reason"] == "Conflict"


def test_a_put_replaces_the_whole(api: Api) -> None:
    api.create(api.maps(), config_map("a", {"a": "1", "b": "2"}))
    assert api.put(api.maps("a"), config_map("a", {"a": "9"}))["data"] == {"a": "9"}


def test_a_put_that_changes_nothing_keeps_the_version(api: Api) -> None:
    body = api.create(api.maps(), config_map("a"))
    assert api.put(api.maps("a"), body)["metadata"]["resourceVersion"] == body["metadata"]["resourceVersion"]


def test_a_generation_counts_changes_of_the_spec_and_not_of_labels(api: Api) -> None:
    assert api.create(api.deployments(), deployment("a"))["metadata"]["generation"] == 1
    assert api.patch(api.deployments("a"), {"metadata": {"labels": {"x": "y"}}})["metadata"]["generation"] == 1
    assert api.patch(api.deployments("a"), {"spec": {"replicas": 3}})["metadata"]["generation"] == 2


def test_an_object_of_another_kind_is_refused(api: Api) -> None:
    api.create(api.maps(), pod("x"), code=400)


@pytest.mark.parametrize(
    "metadata", [{"name": "Bad_Name"}, {"name": "a", "labels": {"a": "not a value"}}], ids=["name", "label"]
)
def test_what_is_no_name_or_label_is_invalid(api: Api, metadata: object) -> None:
    assert api.create(api.maps(), {"metadata": metadata}, code=422)["reason"] == "Invalid"


def test_a_deleted_object_is_not_found(api: Api) -> None:
    api.create(api.maps(), config_map("a"))
    api.delete(api.maps("a"))
    api.get(api.maps("a"), code=404)


def test_a_deletion_with_a_wrong_uid_is_a_conflict(api: Api) -> None:
    api.create(api.maps(), config_map("a"))
    options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": "nope"}}
    api.delete(api.maps("a"), options, code=409)


def test_a_dry_run_stores_nothing(api: Api) -> None:
    api.create(api.maps(), config_map("a"), dryRun="All")
    api.get(api.maps("a"), code=404)


def test_a_collection_is_deleted_by_label(api: Api) -> None:
    api.create(api.maps(), config_map("a", labels={"go": "y"}))
    api.create(api.maps(), config_map("b", labels={"go": "n"}))
    api.delete(api.maps(), labelSelector="go=y")
    api.get(api.maps("a"), code=404)
    api.get(api.maps("b"))


def test_an_unknown_field_is_refused_if_strictness_is_asked_for_and_else_warned_of(api: Api) -> None:
    body = pod("a", containrs=[])
    api.create(api.path("pods"), body, code=400, fieldValidation="Strict")
    warned = api.send("POST", api.path("pods"), body, code=201, dryRun="All")
    assert warned.headers["Warning"] == '299 - "unknown field \\"spec.containrs\\""'


def test_what_a_built_in_kind_requires_is_required(api: Api) -> None:
    api.create(api.path("pods"), {"metadata": {"name": "a"}, "spec": {}}, code=422)
    api.create(api.deployments(), {"metadata": {"name": "a"}, "spec": {"replicas": "three"}}, code=400)
