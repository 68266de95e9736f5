"""Lists: pages, selectors, forms, versions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.target import Api, config_map, pod

PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1,application/json"


def test_a_list_has_a_kind_and_a_numeric_version(api: Api) -> None:
    shown = api.get(api.maps())
    assert (shown["kind"], shown["apiVersion"]) == ("ConfigMapList", "v1")
    assert shown["metadata"]["resourceVersion"].isdecimal()


def test_pages_are_disjoint_complete_and_of_one_version(api: Api) -> None:
    for number in range(7):
        api.create(api.maps(), config_map(f"m{number}", labels={"page": "y"}))
    seen: list[str] = []
    versions, pages, token = set(), 0, ""
    while token or not pages:
        query: dict[str, Any] = {"continue": token} if token else {}
        page = api.get(api.maps(), limit=3, labelSelector="page=y", **query)
        seen += [item["metadata"]["name"] for item in page["items"]]
        versions.add(page["metadata"]["resourceVersion"])
        pages, token = pages + 1, page["metadata"].get("continue", "")
        if pages == 1:
            api.create(api.maps(), config_map("m9", labels={"page": "y"}))
    assert seen == [f"m{number}" for number in range(7)]
    assert (pages, len(versions)) == (3, 1)


def test_a_page_says_how_many_are_left(api: Api) -> None:
    for name in "abc":
        api.create(api.maps(), config_map(name))
    assert api.get(api.maps(), limit=2)["metadata"]["remainingItemCount"] > 0


def test_a_continue_token_that_is_none_is_refused(api: Api) -> None:
    api.get(api.maps(), code=400, limit=1, **{"continue": "garbage"})


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("g=ls,t=a", ["a"]),
        ("g=ls,t!=a", ["b", "c"]),
        ("g=ls,t in (a,b)", ["a", "b"]),
        ("g=ls,t notin (a)", ["b", "c"]),
        ("g=ls,t", ["a", "b"]),
        ("g=ls,!t", ["c"]),
        ("g==ls,t==b", ["b"]),
    ],
)
def test_labels_select(api: Api, selector: str, expected: list[str]) -> None:
    for name, labels in {"a": {"t": "a"}, "b": {"t": "b"}, "c": {}}.items():
        api.create(api.maps(), config_map(name, labels={"g": "ls", **labels}))
    assert api.names(api.maps(), labelSelector=selector) == expected


def test_name_and_namespace_select(api: Api) -> None:
    for name in "ab":
        api.create(api.maps(), config_map(name))
    assert api.names(api.maps(), fieldSelector="metadata.name=a") == ["a"]
    selector = f"metadata.namespace={api.namespace},metadata.name=b"
    assert api.names("/api/v1/configmaps", fieldSelector=selector) == ["b"]


def test_some_fields_of_pods_select(api: Api) -> None:
    api.create(api.path("pods"), pod("a", nodeName="n1"))
    api.create(api.path("pods"), pod("b"))
    assert api.names(api.path("pods"), fieldSelector="spec.nodeName=n1") == ["a"]
    assert api.names(api.path("pods"), fieldSelector="status.phase=Pending") == ["a", "b"]


def test_other_fields_do_not_select(api: Api) -> None:
    api.get(api.maps(), code=400, fieldSelector="data.a=1")


def test_all_namespaces_can_be_listed(api: Api) -> None:
    api.create(api.maps(), config_map(api.namespace))
    assert api.namespace in api.names("/api/v1/configmaps")


def test_the_past_can_be_listed_exactly(api: Api) -> None:
    api.get(api.maps(), resourceVersion="0")
    version = api.version()
    api.create(api.maps(), config_map("after"))
    assert "after" not in api.names(api.maps(), resourceVersion=version, resourceVersionMatch="Exact")


def test_exactness_without_a_version_is_refused(api: Api) -> None:
    assert api.send("GET", api.maps(), resourceVersionMatch="Exact").status_code == 422


def test_metadata_alone_can_be_listed(api: Api) -> None:
    api.create(api.maps(), config_map("a"))
    shown = api.send("GET", api.maps(), accept=PARTIAL_LIST, code=200).json()
    assert shown["kind"] == "PartialObjectMetadataList"
    assert all("data" not in item for item in shown["items"])


def test_a_table_can_be_had(api: Api) -> None:
    assert api.send("GET", api.maps(), accept=TABLE, code=200).json()["kind"] == "Table"


def test_what_the_server_cannot_write_is_not_acceptable(api: Api) -> None:
    assert api.send("GET", api.maps(), accept="text/html").status_code == 406


def test_a_version_of_the_future_is_waited_for_in_vain(api: Api) -> None:
    api.get(api.maps(), code=504, resourceVersion="999999999999")
