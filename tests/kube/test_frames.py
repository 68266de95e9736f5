"""Bytes of a watch to events."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.errors import Gone, TransientError
from rulectl.fields import WHOLE, FieldTree, tree_of
from rulectl.kube.frames import Bookmark, Broken, Event, Failure, FrameReader, Put, Removed
from rulectl.kube.page import decode_page
from rulectl.kube.projection import Projection
from rulectl.resource import ObjectKey
from rulectl.value import Value, encode

STATUS = tree_of("status", "phase")


def pod(name: str, phase: Value = "Running") -> dict[str, Value]:
    return {"kind": "Pod", "metadata": {"name": name, "resourceVersion": "7"}, "status": {"phase": phase}}


def line(kind: str, item: Value) -> bytes:
    return encode({"type": kind, "object": item}) + b"\n"


def read(data: bytes, tree: FieldTree = STATUS) -> list[Event]:
    return FrameReader(Projection(tree)).feed(data)


def short(events: list[Event]) -> list[str]:
    return [
        f"{type(event).__name__} {event.object.key}" if isinstance(event, Put | Removed) else type(event).__name__
        for event in events
    ]


STREAM = b"".join(
    (
        line("ADDED", pod("a")),
        line("MODIFIED", pod("ü")),
        line("BOOKMARK", {"metadata": {"resourceVersion": "9"}}),
        b"not JSON\n",
        line("MODIFIED", {"metadata": {"name": "b"}, "status": ["odd"]}),
        line("DELETED", pod("a")),
        line("ERROR", {"kind": "Status", "status": "Failure", "code": 410}),
    )
)
MEANING = ["Put a", "Put ü", "Bookmark", "Broken", "Put b", "Removed a", "Failure"]


@settings(deadline=None)
@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_it_does_not_matter_where_the_bytes_are_cut(cuts: list[int]) -> None:
    reader = FrameReader(Projection(STATUS))
    ends = [0, *sorted(cuts), len(STREAM)]
    events: list[Event] = []
    for start, end in pairwise(ends):
        events += reader.feed(STREAM[start:end])
    assert short(events) == MEANING


@pytest.mark.parametrize("tree", [STATUS, WHOLE], ids=["projected", "whole"])
def test_one_odd_event_does_not_change_how_the_others_are_read(tree: FieldTree) -> None:
    assert short(read(STREAM, tree)) == MEANING


def test_an_error_is_told_from_an_object_with_a_status() -> None:
    (event,) = read(line("ERROR", {"kind": "Status", "status": "Failure", "code": 410, "message": "too old"}))
    assert isinstance(event, Failure)
    assert isinstance(event.error, Gone)
    assert str(event.error) == "too old (410)"


def test_keys_may_come_in_any_order_and_with_spaces() -> None:
    data = b'{ "object": {"kind": "Status", "code": 429}, "type": "ERROR" }\r\n'
    (event,) = read(data)
    assert isinstance(event, Failure)
    assert isinstance(event.error, TransientError)


def test_a_bookmark_says_when_it_ends_the_initial_events() -> None:
    metadata: dict[str, Value] = {"resourceVersion": "9", "annotations": {"k8s.io/initial-events-end": "true"}}
    assert read(line("BOOKMARK", {"metadata": metadata})) == [Bookmark("9", ends_initial_events=True)]


@pytest.mark.parametrize("tree", [STATUS, WHOLE], ids=["projected", "whole"])
def test_a_bookmark_that_looks_like_an_object_is_a_bookmark(tree: FieldTree) -> None:
    data = b'{"object":{"metadata":{"name":"x","resourceVersion":"9"}},"type":"BOOKMARK"}\n'
    assert read(data, tree) == [Bookmark("9", ends_initial_events=False)]


def test_a_broken_event_says_which_object_it_is_and_shows_nothing_of_it() -> None:
    data = (
        b'{"type":"DELETED","object":{"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"5"},'
        b'"status":{"phase":"secret\xff"}}}\n'
    )
    (event,) = read(data)
    assert isinstance(event, Broken)
    assert (event.key, event.uid, event.resource_version, event.removed) == (ObjectKey("n", "a"), "u", "5", True)
    assert "secret" not in repr(event)


def test_a_line_without_end_is_given_up_and_the_next_ones_are_read() -> None:
    reader = FrameReader(Projection(STATUS))
    mebibytes = b"x" * (1 << 20)
    events = [event for _ in range(70) for event in reader.feed(mebibytes)]
    events += reader.feed(b"xxx\n" + line("ADDED", pod("a")))
    assert short(events) == ["Broken", "Put a"]


@pytest.mark.parametrize("tree", [STATUS, WHOLE], ids=["projected", "whole"])
def test_a_page_is_read_item_by_item_where_one_is_odd(tree: FieldTree) -> None:
    items = b",".join((encode(pod("a")), b'{"metadata":{"name":"bad"},"status":"\xff"}', b"7", encode(pod("b", [1]))))
    body = b'{"kind":"PodList","metadata":{"resourceVersion":"9","continue":"more"},"items":[%s]}' % items
    page = decode_page(body, Projection(tree))
    assert [item.key.name for item in page.objects] == ["a", "b"]
    assert [item.key for item in page.broken] == [ObjectKey("", "bad"), None]
    assert (page.resource_version, page.continue_token) == ("9", "more")


def test_an_empty_page_may_have_null_for_its_items() -> None:
    page = decode_page(b'{"metadata":{"resourceVersion":"9"},"items":null}', Projection(STATUS))
    assert (page.objects, page.continue_token) == ([], "")


def test_what_is_no_list_is_an_error() -> None:
    with pytest.raises(ValueError, match="metadata"):
        decode_page(b"{}", Projection(STATUS))
