from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.client import CONFIG_MAPS, PARTIAL, PODS, WIDGETS, Client, config_map, pod, widget

EVENTS = "/api/v1/namespaces/default/events"


def filled(count: int) -> Client:
    client = Client()
    for number in range(count):
        client.create(CONFIG_MAPS, config_map(f"m{number}"))
    return client


def test_a_list_carries_the_server_s_version_and_the_kind(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    client.create(PODS, pod("p"))
    shown = client.get(CONFIG_MAPS)
    assert (shown["kind"], shown["apiVersion"]) == ("ConfigMapList", "v1")
    assert shown["metadata"] == {"resourceVersion": client.version()}


def test_items_of_built_in_kinds_leave_out_their_kind_as_on_a_server(widgets: Client) -> None:
    widgets.create(CONFIG_MAPS, config_map("a"))
    widgets.create(WIDGETS, widget("w", size=1))
    assert "kind" not in widgets.get(CONFIG_MAPS)["items"][0]
    assert widgets.get(WIDGETS)["items"][0]["kind"] == "Widget"


def test_objects_come_in_the_order_of_namespace_and_name(client: Client) -> None:
    for namespace in ("b", "a-b", "a"):
        client.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
        client.create(f"/api/v1/namespaces/{namespace}/configmaps", {"metadata": {"name": f"in-{namespace}"}})
    # A key is namespace/name, and "-" comes before "/".
    assert client.names("/api/v1/configmaps") == ["in-a-b", "in-a", "in-b"]


@given(st.integers(1, 9), st.integers(1, 10))
def test_pages_are_disjoint_complete_and_of_one_version(count: int, limit: int) -> None:
    client = filled(count)
    seen: list[str] = []
    versions = set()
    query: dict[str, Any] = {"limit": str(limit)}
    while True:
        page = client.get(CONFIG_MAPS, **query)
        seen += [item["metadata"]["name"] for item in page["items"]]
        versions.add(page["metadata"]["resourceVersion"])
        client.create(CONFIG_MAPS, config_map(f"late{len(seen)}"))
        if "continue" not in page["metadata"]:
            break
        assert page["metadata"]["remainingItemCount"] == count - len(seen)
        query["continue"] = page["metadata"]["continue"]
    assert seen == [f"m{number}" for number in range(count)]
    assert len(versions) == 1


def test_a_page_goes_on_though_its_objects_have_gone() -> None:
    client = filled(4)
    page = client.get(CONFIG_MAPS, limit="2")
    client.delete(f"{CONFIG_MAPS}/m1")
    client.delete(f"{CONFIG_MAPS}/m3")
    assert client.names(CONFIG_MAPS, **{"limit": "2", "continue": page["metadata"]["continue"]}) == ["m2", "m3"]


def test_a_page_after_a_compaction_is_expired() -> None:
    client = filled(4)
    token = client.get(CONFIG_MAPS, limit="2")["metadata"]["continue"]
    client.create(CONFIG_MAPS, config_map("late"))
    client.sandbox.compact()
    refused = client.get(CONFIG_MAPS, code=410, **{"limit": "2", "continue": token})
    assert refused["reason"] == "Expired"


def test_remaining_items_are_not_counted_under_a_selector() -> None:
    page = filled(4).get(CONFIG_MAPS, limit="2", fieldSelector="metadata.name!=m0")
    assert "remainingItemCount" not in page["metadata"]


def test_the_past_can_be_listed_exactly() -> None:
    client = filled(2)
    then = client.version()
    client.create(CONFIG_MAPS, config_map("after"))
    client.delete(f"{CONFIG_MAPS}/m0")
    shown = client.get(CONFIG_MAPS, resourceVersion=then, resourceVersionMatch="Exact")
    assert [item["metadata"]["name"] for item in shown["items"]] == ["m0", "m1"]
    assert shown["metadata"]["resourceVersion"] == then


@pytest.mark.parametrize("match", ["", "NotOlderThan"])
def test_an_old_version_that_need_not_be_exact_gives_the_present(match: str) -> None:
    client = filled(2)
    query = {"resourceVersion": "1001", **({"resourceVersionMatch": match} if match else {})}
    assert client.names(CONFIG_MAPS, **query) == ["m0", "m1"]


@pytest.mark.parametrize(
    ("query", "code", "reason"),
    [
        ({"limit": "1", "continue": "garbage"}, 400, "BadRequest"),
        ({"limit": "x"}, 400, "BadRequest"),
        ({"resourceVersion": "abc"}, 400, "BadRequest"),
        ({"resourceVersion": "999999999"}, 504, "Timeout"),
        ({"resourceVersionMatch": "Exact"}, 422, "Invalid"),
        ({"resourceVersion": "0", "resourceVersionMatch": "Exact"}, 422, "Invalid"),
        ({"resourceVersion": "1001", "resourceVersionMatch": "About"}, 422, "Invalid"),
        ({"resourceVersion": "1", "resourceVersionMatch": "Exact"}, 410, "Expired"),
        ({"labelSelector": "a in"}, 400, "BadRequest"),
        ({"fieldSelector": "data.a=1"}, 400, "BadRequest"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(query: dict[str, str], code: int, reason: str) -> None:
    refused = filled(1).get(CONFIG_MAPS, code=code, **query)
    assert (refused["kind"], refused["reason"]) == ("Status", reason)


def test_a_future_version_says_when_to_ask_again() -> None:
    client = filled(1)
    client.get(CONFIG_MAPS, code=504, resourceVersion="999999999")
    assert client.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("spec.nodeName=n1", ["a"]),
        ("spec.nodeName!=n1", ["b"]),
        ("spec.nodeName=", ["b"]),
        ("status.phase=Pending", ["a", "b"]),
        ("status.phase=Running", []),
        ("metadata.name=a,metadata.namespace=default", ["a"]),
        ("spec.hostNetwork=false", ["a", "b"]),
        ("spec.restartPolicy=Always", ["a", "b"]),
    ],
)
def test_pods_can_be_chosen_by_these_fields(client: Client, selector: str, expected: list[str]) -> None:
    client.create(PODS, pod("a", nodeName="n1"))
    client.create(PODS, pod("b"))
    assert client.names(PODS, fieldSelector=selector) == expected


def test_events_can_be_chosen_by_what_they_are_about_under_both_names(client: Client) -> None:
    about = {"kind": "Pod", "name": "p", "namespace": "default"}
    client.create(EVENTS, {"metadata": {"name": "e"}, "involvedObject": about, "reason": "R", "message": "m"})
    assert client.names(EVENTS, fieldSelector="involvedObject.name=p") == ["e"]
    path = "/apis/events.k8s.io/v1/namespaces/default/events"
    (shown,) = client.get(path, fieldSelector="regarding.name=p")["items"]
    assert (shown["note"], shown["regarding"]["name"], "message" in shown) == ("m", "p", False)


def test_metadata_alone_can_be_asked_for(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    shown = client.get(CONFIG_MAPS, accept=PARTIAL.replace("Metadata", "MetadataList"))
    assert shown["kind"] == "PartialObjectMetadataList"
    assert [(item["kind"], "data" in item) for item in shown["items"]] == [("PartialObjectMetadata", False)]


def test_yaml_can_be_asked_for(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    shown = client.get(f"{CONFIG_MAPS}/a", accept="application/yaml")
    assert shown.startswith("kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: a\n")


def test_what_this_server_cannot_write_is_not_acceptable(client: Client) -> None:
    refused = client.get(CONFIG_MAPS, code=406, accept="text/html")
    assert refused["reason"] == "NotAcceptable"
    client.get(CONFIG_MAPS, code=406, accept="application/vnd.kubernetes.protobuf")
    client.get(CONFIG_MAPS, accept="application/vnd.kubernetes.protobuf,application/json")
