"""Watches: beginnings, order, selectors, bookmarks, ends."""

from __future__ import annotations

import time

import pytest

from tests.conformance.target import Api, config_map

PARTIAL = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


def test_without_a_version_it_begins_with_what_is_there(api: Api) -> None:
    api.create(api.maps(), config_map("a"))
    with api.watch(api.maps(), fieldSelector="metadata.name=a") as watch:
        event = watch.next()
    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "a")


def test_from_a_version_on_it_tells_what_is_new_within_a_second(api: Api) -> None:
    with api.watch(api.maps(), resourceVersion=api.version()) as watch:
        begun = time.monotonic()
        api.create(api.maps(), config_map("a"))
        added = watch.next()
        assert time.monotonic() - begun < 1
        api.patch(api.maps("a"), {"data": {"q": "1"}})
        api.delete(api.maps("a"))
        kinds = [event["type"] for event in [added, *watch.take(2)]]
    assert kinds == ["ADDED", "MODIFIED", "DELETED"]


def test_from_an_older_version_on_it_tells_the_history_in_order(api: Api) -> None:
    version = api.version()
    api.create(api.maps(), config_map("a"))
    api.patch(api.maps("a"), {"data": {"q": "1"}})
    api.delete(api.maps("a"))
    with api.watch(api.maps(), resourceVersion=version, fieldSelector="metadata.name=a") as watch:
        assert [event["type"] for event in watch.take(3)] == ["ADDED", "MODIFIED", "DELETED"]


def test_it_ends_cleanly_when_its_time_is_over(api: Api) -> None:
    begun = time.monotonic()
    with api.watch(api.maps(), resourceVersion=api.version(), timeoutSeconds=1) as watch:
        watch.rest()
    assert 0.5 < time.monotonic() - begun < 6


def test_a_bookmark_comes_before_the_end(api: Api) -> None:
    seconds = 8 if api.target.real else 3
    version = api.version()
    with api.watch(api.maps(), resourceVersion=version, allowWatchBookmarks="true", timeoutSeconds=seconds) as watch:
        created = api.create(api.maps(), config_map("a"))["metadata"]["resourceVersion"]
        bookmarks = [event["object"] for event in watch.rest() if event["type"] == "BOOKMARK"]
    assert int(bookmarks[-1]["metadata"]["resourceVersion"]) >= int(created)


def test_the_initial_state_ends_with_a_marked_bookmark(api: Api) -> None:
    for name in "abc":
        api.create(api.maps(), config_map(name, labels={"in": "y"}))
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    with api.watch(api.maps(), labelSelector="in=y", **query) as watch:
        events = watch.take(4)
    assert [event["type"] for event in events] == ["ADDED", "ADDED", "ADDED", "BOOKMARK"]
    assert events[3]["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"] == "true"


def test_the_initial_state_is_asked_for_with_a_match_only(api: Api) -> None:
    api.get(api.maps(), code=422, watch="true", sendInitialEvents="true")


def test_a_version_that_is_too_old_is_gone(api: Api) -> None:
    with api.watch(api.maps(), resourceVersion="1") as watch:
        if watch.response.status_code == 410:
            return
        event = watch.next()
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)


def test_a_version_that_is_none_is_an_error(api: Api) -> None:
    with api.watch(api.maps(), resourceVersion="abc") as watch:
        assert watch.response.status_code == 500


def test_leaving_a_label_selector_is_a_deletion_and_entering_a_creation(api: Api) -> None:
    api.create(api.maps(), config_map("a", labels={"in": "y"}))
    with api.watch(api.maps(), resourceVersion=api.version(), labelSelector="in=y") as watch:
        for value in "ny":
            api.patch(api.maps("a"), {"metadata": {"labels": {"in": value}}})
        assert [event["type"] for event in watch.take(2)] == ["DELETED", "ADDED"]


def test_a_field_selector_filters(api: Api) -> None:
    with api.watch(api.maps(), resourceVersion=api.version(), fieldSelector="metadata.name=b") as watch:
        for name in "ab":
            api.create(api.maps(), config_map(name))
        assert watch.next()["object"]["metadata"]["name"] == "b"


def test_metadata_alone_can_be_watched(api: Api) -> None:
    with api.watch(api.maps(), PARTIAL, resourceVersion=api.version()) as watch:
        api.create(api.maps(), config_map("a"))
        shown = watch.next()["object"]
    assert (shown["kind"], "data" in shown) == ("PartialObjectMetadata", False)


@pytest.mark.parametrize("word", ["1", "true"])
def test_all_namespaces_can_be_watched(api: Api, word: str) -> None:
    selector = f"metadata.name={api.namespace}"
    query = {"watch": word, "resourceVersion": api.version(), "fieldSelector": selector}
    with api.watch("/api/v1/configmaps", **query) as watch:
        api.create(api.maps(), config_map(api.namespace))
        assert watch.next()["object"]["metadata"]["namespace"] == api.namespace


def test_versions_rise_with_every_event_deletions_too(api: Api) -> None:
    version = api.version()
    with api.watch(api.maps(), resourceVersion=version, fieldSelector="metadata.name=a") as watch:
        api.create(api.maps(), config_map("a"))
        api.delete(api.maps("a"))
        versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in watch.take(2)]
    assert int(version) < versions[0] < versions[1]


def test_headers_come_at_once_though_nothing_happens(api: Api) -> None:
    begun = time.monotonic()
    with api.watch(api.path("endpoints"), resourceVersion=api.version()) as watch:
        assert watch.response.status_code == 200
        assert watch.response.headers["Transfer-Encoding"] == "chunked"
        assert time.monotonic() - begun < 2


def test_many_changes_come_once_each_and_in_order(api: Api) -> None:
    with api.watch(api.maps(), resourceVersion=api.version(), labelSelector="burst=1") as watch:
        for number in range(300):
            api.create(api.maps(), config_map(f"b{number}", labels={"burst": "1"}))
        names = [event["object"]["metadata"]["name"] for event in watch.take(300)]
    assert names == [f"b{number}" for number in range(300)]
