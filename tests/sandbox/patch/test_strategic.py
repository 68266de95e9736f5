from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.openapi import Node, Table
from rulectl.sandbox.patch import PatchError, merge_patch, strategic_merge
from rulectl.value import Value, mapping
from tests.sandbox.patch.kinds import DEPLOYMENT, deployment

_MERGED: dict[str, Value] = {"type": "array", "items": {"$ref": "Item"}, "x-kubernetes-patch-strategy": "merge"}
_ITEM: dict[str, Value] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "list": {**_MERGED, "x-kubernetes-patch-merge-key": "name"},
        "kept": {**_MERGED, "x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge,retainKeys"},
        "numbers": {**_MERGED, "items": {"type": "integer"}},
        "plain": {"type": "array", "items": {"$ref": "Item"}},
        "whole": {"type": "object", "x-kubernetes-patch-strategy": "replace"},
        "map": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
ITEM = Table({"Item": _ITEM}).definition("Item")
assert isinstance(ITEM, Node)


def names(*found: str | Value) -> Value:
    return [{"name": item} if isinstance(item, str) else item for item in found]


CASES: dict[str, tuple[Value, Value, Value]] = {
    "null removes": ({"map": {"a": "1"}, "name": "x"}, {"map": None}, {"name": "x"}),
    "nulls of something new say nothing": ({}, {"map": {"a": None, "b": "1"}}, {"map": {"b": "1"}}),
    "maps merge": ({"map": {"a": "1"}}, {"map": {"b": "2"}}, {"map": {"a": "1", "b": "2"}}),
    "a plain list is replaced": ({"plain": names("a")}, {"plain": names("b")}, {"plain": names("b")}),
    "the strategy replace replaces a map": ({"whole": {"a": 1}}, {"whole": {"b": 1}}, {"whole": {"b": 1}}),
    "items merge by key": (
        {"list": names("a", {"name": "b", "map": {"x": "1"}})},
        {"list": names({"name": "b", "map": {"y": "2"}})},
        {"list": names("a", {"name": "b", "map": {"x": "1", "y": "2"}})},
    ),
    "new items come in front": ({"list": names("c")}, {"list": names("c2")}, {"list": names("c2", "c")}),
    "the live order decides between items that both know": (
        {"list": names("a", "b", "c")},
        {"list": names({"name": "b", "map": {"x": "1"}}, "n")},
        {"list": names("a", {"name": "b", "map": {"x": "1"}}, "n", "c")},
    ),
    "items are deleted by key": (
        {"list": names("a", "b")},
        {"list": [{"name": "a", "$patch": "delete"}]},
        {"list": names("b")},
    ),
    "deleting an item that is not there does nothing": (
        {"list": names("b")},
        {"list": [{"name": "a", "$patch": "delete"}]},
        {"list": names("b")},
    ),
    "a list is replaced by directive": (
        {"list": names("a", "b")},
        {"list": [{"$patch": "replace"}, {"name": "c"}]},
        {"list": names("c")},
    ),
    "a list is emptied by directive": ({"list": names("a")}, {"list": [{"$patch": "replace"}]}, {"list": []}),
    "a map is replaced by directive": (
        {"map": {"a": "1"}},
        {"map": {"$patch": "replace", "b": "2"}},
        {"map": {"b": "2"}},
    ),
    "a map is emptied by directive": ({"map": {"a": "1"}}, {"map": {"$patch": "delete"}}, {"map": {}}),
    "scalars are united": ({"numbers": [1, 2]}, {"numbers": [2, 3]}, {"numbers": [1, 2, 3]}),
    "scalars are deleted": (
        {"numbers": [1, 2, 3]},
        {"$deleteFromPrimitiveList/numbers": [2]},
        {"numbers": [1, 3]},
    ),
    "scalars are deleted and others added": (
        {"numbers": [1, 2]},
        {"$deleteFromPrimitiveList/numbers": [1], "numbers": [3], "$setElementOrder/numbers": [2, 3]},
        {"numbers": [2, 3]},
    ),
    "the order is set without changing items": (
        {"list": names("a", "b", "c")},
        {"$setElementOrder/list": names("c", "a")},
        {"list": names("b", "c", "a")},
    ),
    "the order holds for new and old items": (
        {"list": names("a", "b")},
        {"$setElementOrder/list": names("n", "b", "a"), "list": names("n")},
        {"list": names("n", "b", "a")},
    ),
    "an order without a list says nothing": ({}, {"$setElementOrder/list": names("a")}, {}),
    "a new list is ordered too": (
        {},
        {"$setElementOrder/list": names("a", "b"), "list": names("a", "b")},
        {"list": names("a", "b")},
    ),
    "what a deletion frees, new items take": (
        {"list": names("a", "b", "d")},
        {"$setElementOrder/list": names("b", "c"), "list": names("c", {"name": "a", "$patch": "delete"})},
        {"list": names("b", "d", "c")},
    ),
    "keys that are not retained go": (
        {"kept": names({"name": "a", "map": {"x": "1"}, "numbers": [1]})},
        {"kept": names({"name": "a", "$retainKeys": ["name", "numbers"], "numbers": [2]})},
        {"kept": names({"name": "a", "numbers": [2, 1]})},
    ),
    "directives of something new are dropped": (
        {},
        {"list": names("a", {"name": "b", "$patch": "delete"}), "map": {"$retainKeys": ["x"], "x": "1"}},
        {"list": names("a"), "map": {"x": "1"}},
    ),
    "another type replaces": ({"map": {"a": "1"}}, {"map": "text"}, {"map": "text"}),
}


@pytest.mark.parametrize(("target", "patch", "result"), CASES.values(), ids=CASES)
def test_patches_are_merged_as_a_server_does(target: Value, patch: Value, result: Value) -> None:
    before = copy.deepcopy((target, patch))
    assert strategic_merge(mapping(target), patch, ITEM) == result
    assert (target, patch) == before


FAULTS: dict[str, tuple[Value, str]] = {
    "no object": ([], "a strategic merge patch is an object"),
    "an unknown directive": ({"$patch": "frob"}, "invalid value for $patch: 'frob'; one of merge, replace, delete"),
    "merge in a list": ({"list": [{"$patch": "merge"}]}, "$patch: merge cannot stand in a list: leave it out"),
    "an unknown directive in a list": (
        {"list": [{"$patch": "frob"}]},
        "invalid value for $patch: 'frob'; one of replace, delete",
    ),
    "an item without its key": (
        {"list": [{"map": {}}]},
        "map: {'map': {}} does not contain declared merge key: name",
    ),
    "a scalar among keyed items": ({"list": ["x"]}, "a list that merges by key may hold objects only"),
    "an order that is no list": ({"$setElementOrder/list": 1}, "$setElementOrder/list must be a list"),
    "another order than it asks for": (
        {"$setElementOrder/list": names("a", "b"), "list": names("b", "a")},
        "the order of list in the patch does not match $setElementOrder/list",
    ),
    "a key that is set and not retained": (
        {"$retainKeys": ["name"], "map": {}},
        "$retainKeys does not name map, which the same patch sets",
    ),
}


@pytest.mark.parametrize(("patch", "told"), FAULTS.values(), ids=FAULTS)
def test_a_malformed_patch_is_a_bad_request(patch: Value, told: str) -> None:
    with pytest.raises(PatchError) as caught:
        strategic_merge({"list": names("a")}, patch, ITEM)
    assert (caught.value.status, caught.value.message) == (400, told)


def test_containers_of_a_deployment_merge_by_name() -> None:
    live = deployment({"name": "c", "image": "nginx"}, {"name": "side", "image": "busybox"})
    patch: Value = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "nginx:2"}]}}}}
    assert strategic_merge(live, patch, DEPLOYMENT) == deployment(
        {"name": "c", "image": "nginx:2"}, {"name": "side", "image": "busybox"}
    )


plain = st.dictionaries(
    st.sampled_from(["map", "other"]),
    st.none() | st.dictionaries(st.sampled_from("abc"), st.none() | st.text("xy", max_size=1), max_size=3),
    max_size=2,
)


@given(plain, plain)
def test_without_lists_it_is_a_merge_patch(target: Value, patch: Value) -> None:
    # A null that the target has is kept by both; the patch's own nulls only remove.
    assert strategic_merge(mapping(target), patch, ITEM) == merge_patch(target, patch)


item_lists = st.lists(st.sampled_from("abcde"), unique=True, max_size=4).map(lambda found: {"list": names(*found)})


@given(item_lists, item_lists)
def test_a_keyed_list_has_every_name_once_and_keeps_both_orders(target: Value, patch: Value) -> None:
    result = _names(strategic_merge(mapping(target), patch, ITEM))
    live, new = _names(mapping(target)), _names(mapping(patch))
    assert sorted(result) == sorted({*live, *new})
    assert [name for name in result if name in new] == new
    assert [name for name in result if name not in new] == [name for name in live if name not in new]


def _names(obj: object) -> list[str]:
    found = mapping(obj)["list"]
    return [str(mapping(item)["name"]) for item in found] if isinstance(found, list) else []
