from __future__ import annotations

import pytest

from tests.sandbox.client import CONFIG_MAPS, DEPLOYMENTS, Client, config_map, deployment, events, told


def test_a_delete_says_what_is_gone(client: Client) -> None:
    uid = client.create(CONFIG_MAPS, config_map("a"))["metadata"]["uid"]
    gone = client.delete(f"{CONFIG_MAPS}/a")
    assert (gone["kind"], gone["status"]) == ("Status", "Success")
    assert gone["details"] == {"name": "a", "kind": "configmaps", "uid": uid}
    client.get(f"{CONFIG_MAPS}/a", code=404)


def test_a_delete_of_what_is_not_there_is_not_found(client: Client) -> None:
    assert client.delete(f"{CONFIG_MAPS}/a", code=404)["details"]["name"] == "a"


@pytest.mark.parametrize("preconditions", [{"uid": "another"}, {"resourceVersion": "1"}])
def test_a_precondition_that_does_not_hold_keeps_the_object(client: Client, preconditions: dict[str, str]) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    refused = client.delete(f"{CONFIG_MAPS}/a", {"kind": "DeleteOptions", "preconditions": preconditions}, code=409)
    assert "Precondition failed" in refused["message"]
    client.get(f"{CONFIG_MAPS}/a")


def test_preconditions_that_hold_let_it_go(client: Client) -> None:
    made = client.create(CONFIG_MAPS, config_map("a"))["metadata"]
    preconditions = {"uid": made["uid"], "resourceVersion": made["resourceVersion"]}
    client.delete(f"{CONFIG_MAPS}/a", {"preconditions": preconditions})


@pytest.mark.parametrize(
    ("body", "query", "code"),
    [
        ({"kind": "Pod"}, {}, 400),
        (b"{", {}, 400),
        (None, {"propagationPolicy": "Sideways"}, 422),
    ],
)
def test_options_that_make_no_sense_are_refused(client: Client, body: object, query: dict[str, str], code: int) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    client.delete(f"{CONFIG_MAPS}/a", body, code=code, **query)


def test_a_dry_run_deletes_nothing(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a", finalizers=["x.io/f"]))
    client.create(CONFIG_MAPS, config_map("b"))
    before = client.version()
    for name in ("a", "b"):
        client.delete(f"{CONFIG_MAPS}/{name}", dryRun="All")
    assert client.version() == before


def test_finalizers_hold_an_object_until_the_last_is_gone(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a", finalizers=["x.io/f", "x.io/g"]))
    watch = client.watch(CONFIG_MAPS, resourceVersion=client.version())
    held = client.delete(f"{CONFIG_MAPS}/a")
    assert held["metadata"]["deletionTimestamp"] == "2023-11-14T22:13:20Z"
    assert held["metadata"]["deletionGracePeriodSeconds"] == 0
    client.patch(f"{CONFIG_MAPS}/a", {"metadata": {"finalizers": ["x.io/g"]}})
    client.patch(f"{CONFIG_MAPS}/a", {"metadata": {"finalizers": None}})
    client.get(f"{CONFIG_MAPS}/a", code=404)
    assert [kind for kind, _ in told(watch)] == ["MODIFIED", "MODIFIED", "DELETED"]


def test_a_deleted_object_comes_with_the_deletion_s_version(client: Client) -> None:
    made = client.create(CONFIG_MAPS, config_map("a"))
    watch = client.watch(CONFIG_MAPS, resourceVersion=client.version())
    client.delete(f"{CONFIG_MAPS}/a")
    (event,) = events(watch)
    assert int(event["object"]["metadata"]["resourceVersion"]) > int(made["metadata"]["resourceVersion"])
    assert event["object"]["metadata"]["resourceVersion"] == client.version()


def test_a_second_delete_of_a_held_object_changes_nothing(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a", finalizers=["x.io/f"]))
    client.delete(f"{CONFIG_MAPS}/a")
    before = client.version()
    client.clock.advance(60)
    assert client.delete(f"{CONFIG_MAPS}/a")["metadata"]["resourceVersion"] == before


def test_an_object_that_is_going_takes_no_new_finalizers(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a", finalizers=["x.io/f"]))
    client.delete(f"{CONFIG_MAPS}/a")
    body = {"metadata": {"finalizers": ["x.io/f", "x.io/new"]}}
    refused = client.patch(f"{CONFIG_MAPS}/a", body, code=422)
    assert "no new finalizers can be added" in refused["message"]


def test_a_deletion_cannot_be_taken_back(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a", finalizers=["x.io/f"]))
    at = client.delete(f"{CONFIG_MAPS}/a")["metadata"]["deletionTimestamp"]
    after = client.patch(f"{CONFIG_MAPS}/a", {"metadata": {"deletionTimestamp": None}})
    assert after["metadata"]["deletionTimestamp"] == at


def test_a_deletion_that_finalizers_hold_up_counts_as_one_generation(client: Client) -> None:
    body = deployment("a")
    body["metadata"]["finalizers"] = ["x.io/f"]
    client.create(DEPLOYMENTS, body)
    assert client.delete(f"{DEPLOYMENTS}/a")["metadata"]["generation"] == 2


def test_a_collection_is_deleted_as_far_as_the_selector_reaches(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a", labels={"go": "y"}))
    client.create(CONFIG_MAPS, config_map("b", labels={"go": "n"}))
    gone = client.delete(CONFIG_MAPS, labelSelector="go=y")
    assert [item["metadata"]["name"] for item in gone["items"]] == ["a"]
    assert client.names(CONFIG_MAPS) == ["b"]


def test_no_collection_over_all_namespaces_can_be_deleted(client: Client) -> None:
    client.delete("/api/v1/configmaps", code=405)


def test_the_namespaces_that_every_cluster_has_stay(client: Client) -> None:
    refused = client.delete("/api/v1/namespaces/kube-system", code=403)
    assert refused["message"].endswith("this namespace may not be deleted")
