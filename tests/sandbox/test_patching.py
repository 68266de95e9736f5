from __future__ import annotations

import pytest

from tests.sandbox.client import (
    APPLY,
    CONFIG_MAPS,
    DEPLOYMENTS,
    JSON_PATCH,
    PODS,
    STRATEGIC,
    WIDGETS,
    Client,
    config_map,
    deployment,
    pod,
    widget,
)


def applied(name: str, **data: str) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def test_a_merge_patch_removes_by_null(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a", {"a": "1", "b": "2"}))
    after = client.patch(f"{CONFIG_MAPS}/a", {"data": {"a": None, "c": "3"}})
    assert after["data"] == {"b": "2", "c": "3"}


def test_a_merge_patch_of_a_stale_version_is_a_conflict(client: Client) -> None:
    old = client.create(CONFIG_MAPS, config_map("a"))["metadata"]["resourceVersion"]
    client.patch(f"{CONFIG_MAPS}/a", {"data": {"b": "1"}})
    client.patch(f"{CONFIG_MAPS}/a", {"metadata": {"resourceVersion": old}, "data": {"b": "2"}}, code=409)


def test_a_json_patch_adds_and_removes(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a", {"a": "1", "b": "2"}))
    steps = [{"op": "add", "path": "/data/c", "value": "3"}, {"op": "remove", "path": "/data/a"}]
    assert client.patch(f"{CONFIG_MAPS}/a", steps, kind=JSON_PATCH)["data"] == {"b": "2", "c": "3"}


def test_a_failed_test_of_a_json_patch_is_refused_and_changes_nothing(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    steps = [{"op": "remove", "path": "/data/a"}, {"op": "test", "path": "/data/b", "value": "no"}]
    client.patch(f"{CONFIG_MAPS}/a", steps, kind=JSON_PATCH, code=422)
    assert client.get(f"{CONFIG_MAPS}/a")["data"] == {"a": "1"}


def test_a_strategic_patch_merges_containers_by_name(client: Client) -> None:
    client.create(DEPLOYMENTS, deployment("a"))
    body = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "nginx:2"}]}}}}
    after = client.patch(f"{DEPLOYMENTS}/a", body, kind=STRATEGIC)
    images = {entry["name"]: entry["image"] for entry in after["spec"]["template"]["spec"]["containers"]}
    assert images == {"c": "nginx:2", "side": "busybox"}


def test_a_custom_resource_takes_no_strategic_patch(widgets: Client) -> None:
    widgets.create(WIDGETS, widget("w", size=1))
    refused = widgets.patch(f"{WIDGETS}/w", {"spec": {"size": 2}}, kind=STRATEGIC, code=415)
    assert "application/merge-patch+json" in refused["message"]


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ({}, "application/foo", 415),
        (b"{", "application/merge-patch+json", 400),
        ([1], "application/merge-patch+json", 400),
        ([{"op": "replace", "path": "", "value": 1}], JSON_PATCH, 422),
        ({"kind": "Secret"}, "application/merge-patch+json", 400),
        ({"metadata": {"name": "b"}}, "application/merge-patch+json", 400),
        (b"{a: [", APPLY, 400),
        (b"1", APPLY, 400),
    ],
)
def test_what_is_no_patch_is_refused(client: Client, body: object, kind: str, code: int) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    client.patch(f"{CONFIG_MAPS}/a", body, kind=kind, code=code, fieldManager="me")


def test_a_patch_of_what_is_not_there_is_not_found(client: Client) -> None:
    client.patch(f"{CONFIG_MAPS}/a", {}, code=404)


def test_an_apply_creates_what_is_not_there(client: Client) -> None:
    made = client.apply(f"{CONFIG_MAPS}/a", applied("a", k="v"), code=201)
    (entry,) = made["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"], made["data"]) == ("me", "Apply", {"k": "v"})


def test_applying_the_same_again_changes_nothing(client: Client) -> None:
    made = client.apply(f"{CONFIG_MAPS}/a", applied("a", k="v"))
    client.clock.advance(100)
    assert client.apply(f"{CONFIG_MAPS}/a", applied("a", k="v"), code=200) == made


def test_an_apply_takes_away_what_only_it_had_set(client: Client) -> None:
    client.apply(f"{CONFIG_MAPS}/a", applied("a", k="v", l="w"))
    assert client.apply(f"{CONFIG_MAPS}/a", applied("a", k="v"))["data"] == {"k": "v"}


def test_another_manager_s_field_is_a_conflict_unless_forced(client: Client) -> None:
    client.apply(f"{CONFIG_MAPS}/a", applied("a", k="v", l="w"))
    refused = client.apply(f"{CONFIG_MAPS}/a", applied("a", k="x"), manager="you", code=409)
    assert [cause["reason"] for cause in refused["details"]["causes"]] == ["FieldManagerConflict"]
    forced = client.apply(f"{CONFIG_MAPS}/a", applied("a", k="x"), manager="you", force="true")
    assert forced["data"] == {"k": "x", "l": "w"}


def test_an_apply_needs_a_manager(client: Client) -> None:
    refused = client.patch(f"{CONFIG_MAPS}/a", applied("a"), kind=APPLY, code=422)
    assert "fieldManager: Required value: is required for apply patch" in refused["message"]


def test_an_apply_to_status_leaves_the_spec_alone(client: Client) -> None:
    client.create(DEPLOYMENTS, deployment("a"))
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "status": {"replicas": 3}}
    after = client.apply(f"{DEPLOYMENTS}/a/status", body)
    assert (after["status"]["replicas"], after["spec"]["replicas"]) == (3, 1)


def test_an_apply_to_the_status_of_nothing_is_not_found(client: Client) -> None:
    client.apply(f"{PODS}/a/status", {"apiVersion": "v1", "kind": "Pod", "status": {}}, code=404)


def test_an_apply_with_a_uid_creates_nothing(client: Client) -> None:
    body = {**applied("a"), "metadata": {"name": "a", "uid": "gone"}}
    client.apply(f"{CONFIG_MAPS}/a", body, code=409)


def test_an_apply_counts_a_generation_only_when_the_spec_changes(client: Client) -> None:
    body = {**pod("a"), "metadata": {"name": "a"}}
    client.apply(f"{PODS}/a", body)
    body["metadata"]["labels"] = {"x": "y"}
    assert client.apply(f"{PODS}/a", body)["metadata"]["generation"] == 1
