"""The kinds of patches."""

from __future__ import annotations

from tests.conformance.target import APPLY, JSON_PATCH, STRATEGIC, Api, config_map, deployment


def test_null_removes_in_a_merge_patch(api: Api) -> None:
    api.create(api.maps(), config_map("a", {"a": "1", "b": "2"}))
    assert api.patch(api.maps("a"), {"data": {"a": None, "c": "3"}})["data"] == {"b": "2", "c": "3"}


def test_a_json_patch_is_done_step_by_step_or_not_at_all(api: Api) -> None:
    api.create(api.maps(), config_map("a", {"a": "1", "b": "2"}))
    steps = [{"op": "add", "path": "/data/c", "value": "3"}, {"op": "remove", "path": "/data/a"}]
    assert api.patch(api.maps("a"), steps, JSON_PATCH)["data"] == {"b": "2", "c": "3"}
    api.patch(api.maps("a"), [{"op": "test", "path": "/data/b", "value": "no"}], JSON_PATCH, code=422)


def test_a_strategic_patch_merges_containers_by_name(api: Api) -> None:
    api.create(api.deployments(), deployment("a"))
    body = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "nginx:2"}]}}}}
    after = api.patch(api.deployments("a"), body, STRATEGIC)
    images = {entry["name"]: entry["image"] for entry in after["spec"]["template"]["spec"]["containers"]}
    assert images == {"c": "nginx:2", "side": "busybox"}


def test_an_apply_creates_and_says_who_owns_what(api: Api) -> None:
    (entry,) = api.apply("a", {"a": "1", "b": "1"}, "m1", code=[201])["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == ("m1", "Apply")


def test_an_apply_over_another_s_field_is_a_conflict_until_it_is_forced(api: Api) -> None:
    api.apply("a", {"a": "1", "b": "1"}, "m1")
    refused = api.apply("a", {"a": "2"}, "m2", code=[409])
    assert refused["reason"] == "Conflict"
    assert refused["details"]["causes"][0]["reason"] == "FieldManagerConflict"
    assert api.apply("a", {"a": "2"}, "m2", code=[200], force="true")["data"] == {"a": "2", "b": "1"}


def test_an_apply_removes_what_it_no_longer_says(api: Api) -> None:
    api.apply("a", {"a": "1", "b": "1"}, "m1")
    assert api.apply("a", {"a": "1"}, "m1")["data"] == {"a": "1"}


def test_an_apply_without_a_manager_is_refused(api: Api) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    assert 400 <= api.send("PATCH", api.maps("a"), body, kind=APPLY).status_code < 500


def test_a_merge_patch_of_a_stale_version_is_a_conflict(api: Api) -> None:
    old = api.create(api.maps(), config_map("a"))["metadata"]["resourceVersion"]
    api.patch(api.maps("a"), {"data": {"z": "1"}})
    api.patch(api.maps("a"), {"metadata": {"resourceVersion": old}, "data": {"z": "2"}}, code=409)


def test_an_unknown_kind_of_patch_is_refused(api: Api) -> None:
    api.create(api.maps(), config_map("a"))
    api.patch(api.maps("a"), {}, "application/foo", code=415)
