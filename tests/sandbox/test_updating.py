from __future__ import annotations

import pytest

from tests.sandbox.client import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    MERGE,
    PODS,
    WIDGETS,
    Client,
    config_map,
    deployment,
    events,
    pod,
    widget,
)


def test_a_put_replaces_the_whole_object(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a", {"a": "1", "b": "2"}))
    assert client.put(f"{CONFIG_MAPS}/a", config_map("a", {"c": "3"}))["data"] == {"c": "3"}


def test_a_put_with_the_version_it_read_succeeds_once(client: Client) -> None:
    body = client.create(CONFIG_MAPS, config_map("a"))
    first = client.put(f"{CONFIG_MAPS}/a", {**body, "data": {"a": "2"}})
    assert int(first["metadata"]["resourceVersion"]) > int(body["metadata"]["resourceVersion"])
    refused = client.put(f"{CONFIG_MAPS}/a", {**body, "data": {"a": "3"}}, code=409)
    assert refused["reason"] == "Conflict"


def test_a_write_that_was_meant_for_another_uid_is_a_conflict(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    client.put(f"{CONFIG_MAPS}/a", config_map("a", uid="another"), code=409)


def test_a_put_of_the_same_again_changes_nothing_and_tells_nobody(client: Client) -> None:
    body = client.create(CONFIG_MAPS, config_map("a"))
    watch = client.watch(CONFIG_MAPS, resourceVersion=client.version())
    client.clock.advance(100)
    again = client.put(f"{CONFIG_MAPS}/a", body)
    assert again["metadata"]["resourceVersion"] == body["metadata"]["resourceVersion"]
    assert events(watch) == []


def test_true_is_not_one_when_sameness_is_judged(widgets: Client) -> None:
    widgets.create(WIDGETS, widget("w", size=1))
    widgets.patch(f"{WIDGETS}/w/status", {"status": {"ready": 1}})
    before = widgets.version()
    widgets.patch(f"{WIDGETS}/w/status", {"status": {"ready": True}})
    assert widgets.version() != before


def test_a_put_of_an_object_that_is_not_there_is_not_found(client: Client) -> None:
    client.put(f"{CONFIG_MAPS}/a", config_map("a"), code=404)


def test_a_put_under_another_name_is_refused(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    client.put(f"{CONFIG_MAPS}/a", config_map("b"), code=400)


def test_system_metadata_stays_whatever_a_client_writes(client: Client) -> None:
    before = client.create(CONFIG_MAPS, config_map("a"))["metadata"]
    body = config_map("a", {"x": "y"}, creationTimestamp="2001-01-01T00:00:00Z", selfLink="x", generation=9)
    after = client.put(f"{CONFIG_MAPS}/a", body)["metadata"]
    kept = {key: value for key, value in before.items() if key not in {"resourceVersion", "managedFields"}}
    assert kept.items() <= after.items()
    assert not {"selfLink", "generation"} & after.keys()


def test_the_generation_counts_changes_of_the_spec_only(client: Client) -> None:
    client.create(DEPLOYMENTS, deployment("a"))
    labelled = client.patch(f"{DEPLOYMENTS}/a", {"metadata": {"labels": {"x": "y"}}})
    assert labelled["metadata"]["generation"] == 1
    scaled = client.patch(f"{DEPLOYMENTS}/a", {"spec": {"replicas": 3}})
    assert scaled["metadata"]["generation"] == 2


def test_status_and_the_rest_are_written_apart(client: Client) -> None:
    client.create(DEPLOYMENTS, deployment("a"))
    by_status = client.patch(f"{DEPLOYMENTS}/a/status", {"status": {"replicas": 5}, "spec": {"replicas": 9}})
    assert (by_status["status"]["replicas"], by_status["spec"]["replicas"]) == (5, 1)
    assert by_status["metadata"]["generation"] == 1
    by_object = client.patch(f"{DEPLOYMENTS}/a", {"status": {"replicas": 7}})
    assert by_object["status"]["replicas"] == 5


def test_a_put_to_status_changes_the_status_only(client: Client) -> None:
    body = client.create(DEPLOYMENTS, deployment("a"))
    body["spec"]["replicas"], body["status"] = 9, {"readyReplicas": 1}
    after = client.put(f"{DEPLOYMENTS}/a/status", body)
    assert (after["spec"]["replicas"], after["status"]) == (1, {"readyReplicas": 1})


def test_a_pod_s_status_may_bring_annotations(client: Client) -> None:
    client.create(PODS, pod("a"))
    after = client.patch(f"{PODS}/a/status", {"metadata": {"annotations": {"a": "b"}}, "status": {"phase": "Running"}})
    assert (after["metadata"]["annotations"], after["status"]["phase"]) == ({"a": "b"}, "Running")


def test_a_custom_resource_is_put_with_its_version_only(widgets: Client) -> None:
    widgets.create(WIDGETS, widget("w", size=1))
    refused = widgets.put(f"{WIDGETS}/w", widget("w", size=2), code=422)
    assert "metadata.resourceVersion: Invalid value: 0: must be specified for an update" in refused["message"]


def test_a_dry_run_update_shows_the_result_and_stores_nothing(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    before = client.version()
    shown = client.patch(f"{CONFIG_MAPS}/a", {"data": {"b": "2"}}, dryRun="All")
    assert shown["data"] == {"a": "1", "b": "2"}
    assert client.version() == before
    assert client.get(f"{CONFIG_MAPS}/a")["data"] == {"a": "1"}


@pytest.mark.parametrize("body", [{"metadata": {"labels": {"a": "b c"}}}, {"metadata": {"finalizers": ["a b"]}}])
def test_metadata_is_checked_on_updates_too(client: Client, body: object) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    client.call("PATCH", f"{CONFIG_MAPS}/a", body, 422, kind=MERGE)
