from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.sandbox import Answer
from rulectl.value import decode, mapping, text
from tests.sandbox.client import CONFIG_MAPS, PARTIAL, PODS, TABLE, Client, config_map, events, pod, told


def test_a_watch_without_a_version_begins_with_what_is_there(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    watch = client.watch(CONFIG_MAPS)
    client.create(CONFIG_MAPS, config_map("b"))
    assert told(watch) == [("ADDED", "a"), ("ADDED", "b")]


@pytest.mark.parametrize("word", ["1", "true", ""])
def test_a_watch_can_be_asked_for_in_several_words(client: Client, word: str) -> None:
    assert not isinstance(client.ask("GET", CONFIG_MAPS, watch=word), Answer)


def test_a_watch_from_a_version_tells_what_came_after_it_and_in_order(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("before"))
    version = client.version()
    client.create(CONFIG_MAPS, config_map("a"))
    client.patch(f"{CONFIG_MAPS}/a", {"data": {"b": "2"}})
    client.delete(f"{CONFIG_MAPS}/a")
    watch = client.watch(CONFIG_MAPS, resourceVersion=version)
    assert told(watch) == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]


def test_versions_rise_strictly_from_event_to_event(client: Client) -> None:
    watch = client.watch(CONFIG_MAPS, resourceVersion=client.version())
    client.create(CONFIG_MAPS, config_map("a"))
    client.patch(f"{CONFIG_MAPS}/a", {"data": {"b": "2"}})
    client.delete(f"{CONFIG_MAPS}/a")
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events(watch)]
    assert versions == sorted(set(versions))


def test_objects_in_events_carry_kind_and_apiversion(client: Client) -> None:
    watch = client.watch(CONFIG_MAPS)
    client.create(CONFIG_MAPS, config_map("a"))
    (event,) = events(watch)
    assert (event["object"]["kind"], event["object"]["apiVersion"]) == ("ConfigMap", "v1")


@pytest.mark.parametrize("path", ["/api/v1/watch/configmaps", "/api/v1/watch/namespaces/default/configmaps/a"])
def test_the_old_paths_of_watches_work(client: Client, path: str) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    reply = client.ask("GET", path)
    assert not isinstance(reply, Answer)
    assert told(reply) == [("ADDED", "a")]  # type: ignore[arg-type]


def test_one_object_can_be_watched_by_its_path(client: Client) -> None:
    watch = client.watch(f"{CONFIG_MAPS}/b")
    for name in ("a", "b", "c"):
        client.create(CONFIG_MAPS, config_map(name))
    assert told(watch) == [("ADDED", "b")]


def test_a_watch_of_a_namespace_tells_nothing_of_others(client: Client) -> None:
    client.create("/api/v1/namespaces", {"metadata": {"name": "default-b"}})
    watch, everywhere = client.watch(CONFIG_MAPS), client.watch("/api/v1/configmaps")
    client.create("/api/v1/namespaces/default-b/configmaps", {"metadata": {"name": "a"}})
    assert (told(watch), told(everywhere)) == ([], [("ADDED", "a")])


def test_a_version_that_is_too_old_ends_the_stream_with_410(client: Client) -> None:
    watch = client.watch(CONFIG_MAPS, resourceVersion="1")
    (event,) = events(watch)
    assert event["type"] == "ERROR"
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")
    assert event["object"]["message"] == "too old resource version: 1 (1000)"
    assert (watch.status, watch.closed, watch.cut) == (200, True, False)


def test_after_a_compaction_only_the_present_version_is_young_enough(client: Client) -> None:
    old = client.version()
    client.create(CONFIG_MAPS, config_map("a"))
    client.sandbox.compact()
    assert events(client.watch(CONFIG_MAPS, resourceVersion=old))[0]["object"]["code"] == 410
    assert events(client.watch(CONFIG_MAPS, resourceVersion=client.version())) == []


def test_a_compaction_does_not_disturb_a_watch_that_is_open(client: Client) -> None:
    watch = client.watch(CONFIG_MAPS, resourceVersion=client.version())
    client.create(CONFIG_MAPS, config_map("a"))
    client.sandbox.compact()
    assert told(watch) == [("ADDED", "a")]


def test_a_watch_that_reads_too_slowly_is_told_that_it_is_too_old() -> None:
    client = Client(window=5)
    watch = client.watch(CONFIG_MAPS, resourceVersion=client.version())
    for number in range(6):
        client.create(CONFIG_MAPS, config_map(f"m{number}"))
    assert [event["object"].get("code") for event in events(watch)] == [410]
    assert watch.closed


def test_a_version_that_is_no_number_is_an_internal_error(client: Client) -> None:
    refused = client.get(CONFIG_MAPS, code=500, watch="1", resourceVersion="abc")
    assert refused["reason"] == "InternalError"


def test_a_version_that_is_yet_to_come_tells_only_what_is_newer(client: Client) -> None:
    watch = client.watch(CONFIG_MAPS, resourceVersion=str(int(client.version()) + 1))
    client.create(CONFIG_MAPS, config_map("a"))
    client.create(CONFIG_MAPS, config_map("b"))
    assert told(watch) == [("ADDED", "b")]


def test_leaving_a_selector_looks_like_a_deletion_and_entering_like_a_creation(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a", labels={"in": "y"}))
    watch = client.watch(CONFIG_MAPS, resourceVersion=client.version(), labelSelector="in=y")
    for label in ("n", "n2", "y", "y"):
        client.patch(f"{CONFIG_MAPS}/a", {"metadata": {"labels": {"in": label}}, "data": {"x": label}})
    client.patch(f"{CONFIG_MAPS}/a", {"data": {"x": "more"}})
    client.delete(f"{CONFIG_MAPS}/a")
    assert [kind for kind, _ in told(watch)] == ["DELETED", "ADDED", "MODIFIED", "DELETED"]


def test_an_object_that_leaves_is_shown_as_it_is_now(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a", labels={"in": "y"}))
    watch = client.watch(CONFIG_MAPS, resourceVersion=client.version(), labelSelector="in=y")
    client.patch(f"{CONFIG_MAPS}/a", {"metadata": {"labels": {"in": "n"}}})
    (event,) = events(watch)
    assert event["object"]["metadata"]["labels"] == {"in": "n"}
    assert event["object"]["metadata"]["resourceVersion"] == client.version()


def test_a_field_selector_works_on_changing_fields_too(client: Client) -> None:
    client.create(PODS, pod("a"))
    watch = client.watch(PODS, resourceVersion=client.version(), fieldSelector="status.phase=Running")
    client.patch(f"{PODS}/a/status", {"status": {"phase": "Running"}})
    client.patch(f"{PODS}/a/status", {"status": {"phase": "Succeeded"}})
    assert [kind for kind, _ in told(watch)] == ["ADDED", "DELETED"]


def test_metadata_alone_can_be_watched(client: Client) -> None:
    watch = client.watch(CONFIG_MAPS, accept=PARTIAL)
    client.create(CONFIG_MAPS, config_map("a"))
    (event,) = events(watch)
    assert (event["object"]["kind"], "data" in event["object"]) == ("PartialObjectMetadata", False)


def test_a_table_can_be_watched_row_by_row(client: Client) -> None:
    watch = client.watch(CONFIG_MAPS, accept=TABLE)
    client.create(CONFIG_MAPS, config_map("a"))
    (event,) = events(watch)
    assert event["object"]["rows"][0]["cells"] == ["a", 1, "0s"]


def test_the_stream_ends_cleanly_after_its_timeout(client: Client) -> None:
    watch = client.watch(CONFIG_MAPS, timeoutSeconds="30")
    assert watch.next_deadline() == 30
    client.clock.advance(30)
    assert (events(watch), watch.closed, watch.cut) == ([], True, False)
    assert watch.next_deadline() is None


def test_a_timeout_ends_a_stream_that_is_never_quiet(client: Client) -> None:
    watch = client.watch(CONFIG_MAPS, timeoutSeconds="30")
    client.create(CONFIG_MAPS, config_map("a"))
    client.clock.advance(31)
    assert watch.read()
    assert watch.closed


def test_without_a_timeout_the_server_ends_it_after_30_to_60_minutes(client: Client) -> None:
    deadline = client.watch(CONFIG_MAPS).next_deadline()
    assert deadline is not None
    assert 1800 <= deadline <= 3600


def test_bookmarks_come_every_minute_and_shortly_before_the_end(client: Client) -> None:
    watch = client.watch(CONFIG_MAPS, allowWatchBookmarks="true", timeoutSeconds="100", resourceVersion="1004")
    client.create(PODS, pod("elsewhere"))
    times = []
    while not watch.closed:
        client.clock.advance((watch.next_deadline() or 0) - client.clock.monotonic())
        for event in events(watch):
            assert event["type"] == "BOOKMARK"
            assert event["object"]["metadata"]["resourceVersion"] == client.version()
            times.append(client.clock.monotonic())
    assert times == [60, 98]


def test_nobody_gets_bookmarks_who_did_not_ask(client: Client) -> None:
    watch = client.watch(CONFIG_MAPS)
    client.clock.advance(600)
    assert events(watch) == []


def test_the_initial_state_can_be_asked_for_and_ends_with_a_marked_bookmark(client: Client) -> None:
    for name in ("a", "b"):
        client.create(CONFIG_MAPS, config_map(name))
    watch = client.watch(
        CONFIG_MAPS, sendInitialEvents="true", resourceVersionMatch="NotOlderThan", allowWatchBookmarks="true"
    )
    client.create(CONFIG_MAPS, config_map("c"))
    first, second, end, live = events(watch)
    assert [event["type"] for event in (first, second, end, live)] == ["ADDED", "ADDED", "BOOKMARK", "ADDED"]
    assert end["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert int(end["object"]["metadata"]["resourceVersion"]) < int(live["object"]["metadata"]["resourceVersion"])


def test_an_empty_initial_state_is_marked_too(client: Client) -> None:
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    assert [kind for kind, _ in told(client.watch(CONFIG_MAPS, **query))] == ["BOOKMARK"]


def test_the_initial_state_can_be_declined(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    watch = client.watch(CONFIG_MAPS, sendInitialEvents="false", resourceVersionMatch="NotOlderThan")
    assert events(watch) == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"sendInitialEvents": "true"}, 422),
        ({"sendInitialEvents": "true", "resourceVersionMatch": "Exact"}, 422),
        ({"resourceVersionMatch": "NotOlderThan"}, 422),
        ({"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "resourceVersion": "99999"}, 504),
        ({"timeoutSeconds": "soon"}, 400),
        ({"labelSelector": "a in"}, 400),
        ({"fieldSelector": "data.x=1"}, 400),
    ],
)
def test_parameters_that_make_no_sense_are_refused(client: Client, query: dict[str, str], code: int) -> None:
    client.get(CONFIG_MAPS, code=code, watch="1", **query)


def test_whoever_waits_is_woken_by_each_change_until_the_watch_is_closed(client: Client) -> None:
    watch, woken = client.watch(CONFIG_MAPS), list[str]()
    watch.wake = lambda: woken.append("once")
    client.create(CONFIG_MAPS, config_map("a"))
    watch.close()
    client.create(CONFIG_MAPS, config_map("b"))
    assert (woken, watch.read(), watch.closed) == (["once"], b"", True)


STEPS = st.lists(st.tuples(st.sampled_from(["put", "label", "delete", "read"]), st.sampled_from("abc")), max_size=25)


@given(STEPS)
@settings(max_examples=60)
def test_following_a_selector_s_events_gives_what_a_list_gives(steps: list[tuple[str, str]]) -> None:
    client = Client()
    watch = client.watch(CONFIG_MAPS, labelSelector="in=y")
    followed: dict[str, str] = {}
    for number, (verb, name) in enumerate(steps):
        path = f"{CONFIG_MAPS}/{name}"
        if verb == "read":
            _follow(watch.read(), followed)
        elif verb == "delete":
            client.ask("DELETE", path)
        else:
            labels = {"in": "y" if (number % 2 or verb == "put") else "n"}
            client.apply(path, {**config_map(name, {"n": str(number)}), "metadata": {"name": name, "labels": labels}})
    while lines := watch.read():
        _follow(lines, followed)
    items = client.get(CONFIG_MAPS, labelSelector="in=y")["items"]
    assert followed == {item["metadata"]["name"]: item["metadata"]["resourceVersion"] for item in items}


def _follow(lines: bytes, followed: dict[str, str]) -> None:
    for line in lines.splitlines():
        event = mapping(decode(line))
        metadata = mapping(mapping(event["object"])["metadata"])
        if event["type"] == "DELETED":
            del followed[text(metadata["name"])]
        else:
            followed[text(metadata["name"])] = text(metadata["resourceVersion"])
