"""What a complete list changes."""

from __future__ import annotations

import pytest

from rulectl.fields import WHOLE, tree_of
from rulectl.informer.change import Added, Deleted, Updated
from rulectl.informer.difference import Difference, difference, is_older
from rulectl.informer.step import Replace
from rulectl.kube.frames import Broken
from rulectl.kube.object import KubeObject
from rulectl.kube.projection import Projection
from rulectl.resource import ObjectKey
from rulectl.value import Value

PROJECTION = Projection(tree_of("status", "phase"))


def pod(name: str, version: str = "5", uid: str = "", phase: Value = "Running") -> KubeObject:
    metadata: Value = {"name": name, "uid": uid or name, "resourceVersion": version}
    return PROJECTION.of({"metadata": metadata, "status": {"phase": phase}})


def key(name: str) -> ObjectKey:
    return ObjectKey("", name)


def change(old: list[KubeObject], new: list[KubeObject], *broken: Broken, backwards: bool = False) -> Difference:
    replace = Replace({item.key: item for item in new}, "9", broken, backwards=backwards)
    return difference({item.key: item for item in old}, replace, PROJECTION)


def test_new_changed_and_missing_objects_are_told_apart() -> None:
    before = [pod("same"), pod("changed"), pod("gone")]
    result = change(before, [pod("same"), pod("changed", "6", phase="Failed"), pod("new")])
    assert [(type(item), item.key.name) for item in result.changes] == [(Updated, "changed"), (Added, "new")]
    assert [item.key.name for item in result.deleted] == ["gone"]
    assert {item.name for item in result.objects} == {"same", "changed", "new"}


def test_a_new_uid_is_an_end_and_a_beginning() -> None:
    result = change([pod("a", uid="1")], [pod("a", "6", uid="2")])
    assert [type(item) for item in result.changes] == [Deleted, Added]
    assert result.deleted == []


def test_a_new_version_with_the_same_fields_is_counted_and_kept_but_not_told() -> None:
    result = change([pod("a")], [pod("a", "6")])
    assert (result.changes, result.suppressed) == ([], 1)
    assert result.objects[key("a")].resource_version == "6"


def test_an_item_from_the_past_is_dropped() -> None:
    result = change([pod("a", "10")], [pod("a", "9", phase="Pending")])
    assert (result.changes, result.stale) == ([], 1)
    assert result.objects[key("a")].resource_version == "10"


def test_after_versions_ran_backwards_contents_count() -> None:
    result = change([pod("a", "10")], [pod("a", "9", phase="Pending")], backwards=True)
    assert [type(item) for item in result.changes] == [Updated]


def test_an_unreadable_item_is_not_missing() -> None:
    result = change([pod("a"), pod("b")], [], Broken("odd", key("a")))
    assert [item.key.name for item in result.deleted] == ["b"]
    assert list(result.objects) == [key("a")]


def test_an_unreadable_item_with_another_uid_is_another_object() -> None:
    result = change([pod("a", uid="1")], [], Broken("odd", key("a"), "2"))
    assert [item.key.name for item in result.deleted] == ["a"]


def test_an_unreadable_item_without_a_name_may_be_any_of_those_missing() -> None:
    assert change([pod("a"), pod("b")], [], Broken("odd")).deleted == []


@pytest.mark.parametrize(
    ("version", "known", "older"),
    [("9", "10", True), ("10", "9", False), ("9", "9", False), ("abc", "10", False), ("9", "xyz", False)],
    ids=str,
)
def test_versions_are_compared_as_numbers_where_they_are(version: str, known: str, *, older: bool) -> None:
    assert is_older(pod("a", version), pod("a", known)) is older


def test_another_uid_is_never_older() -> None:
    assert not is_older(pod("a", "1", uid="1"), pod("a", "9", uid="2"))


def test_lists_read_with_more_fields_are_compared_in_the_old_ones() -> None:
    wider = Projection(WHOLE)
    new = wider.of({"metadata": {"name": "a", "uid": "a", "resourceVersion": "6"}, "status": {"phase": "Running"}})
    replace = Replace({new.key: new}, "9")
    assert difference({key("a"): pod("a")}, replace, PROJECTION).changes == []
