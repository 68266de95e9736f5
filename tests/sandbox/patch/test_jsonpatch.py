from __future__ import annotations

import contextlib
import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.sandbox.patch import PatchError, json_patch
from rulectl.value import Value
from tests.sandbox.patch.test_merge import values

DOC: Value = {"a": {"b": "c"}, "l": [1, 2, 3], "n/m~": 0}


def op(name: str, path: Value, **more: Value) -> dict[str, Value]:
    return {"op": name, "path": path, **more}


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        (op("add", "/x", value=1), {"a": {"b": "c"}, "l": [1, 2, 3], "n/m~": 0, "x": 1}),
        (op("add", "/a/b", value=1), {"a": {"b": 1}, "l": [1, 2, 3], "n/m~": 0}),
        (op("add", "/l/1", value=9), {"a": {"b": "c"}, "l": [1, 9, 2, 3], "n/m~": 0}),
        (op("add", "/l/-", value=9), {"a": {"b": "c"}, "l": [1, 2, 3, 9], "n/m~": 0}),
        (op("add", "/l/-1", value=9), {"a": {"b": "c"}, "l": [1, 2, 3, 9], "n/m~": 0}),
        (op("add", "", value=5), 5),
        (op("remove", "/a/b"), {"a": {}, "l": [1, 2, 3], "n/m~": 0}),
        (op("remove", "/l/0"), {"a": {"b": "c"}, "l": [2, 3], "n/m~": 0}),
        (op("remove", "/n~1m~0"), {"a": {"b": "c"}, "l": [1, 2, 3]}),
        (op("replace", "/a/b", value=None), {"a": {"b": None}, "l": [1, 2, 3], "n/m~": 0}),
        (op("replace", "/a/new", value=1), {"a": {"b": "c", "new": 1}, "l": [1, 2, 3], "n/m~": 0}),
        (op("replace", "/l/-1", value=9), {"a": {"b": "c"}, "l": [1, 2, 9], "n/m~": 0}),
        (op("move", "/a", **{"from": "/l"}), {"a": [1, 2, 3], "n/m~": 0}),
        (op("copy", "/l/0", **{"from": "/a"}), {"a": {"b": "c"}, "l": [{"b": "c"}, 1, 2, 3], "n/m~": 0}),
        (op("test", "/l", value=[1, 2, 3]), DOC),
        (op("test", "/nothing", value=None), DOC),
    ],
    ids=lambda value: value["op"] + value["path"] if isinstance(value, dict) and "op" in value else "",
)
def test_an_operation_does_what_a_server_does(operation: Value, result: Value) -> None:
    assert json_patch(DOC, [operation]) == result


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        (op("test", "/a/b", value="x"), "testing value /a/b failed: test failed"),
        (op("test", "/l/0", value=True), "testing value /l/0 failed: test failed"),
        (op("remove", "/nothing"), "remove operation does not apply: doc is missing path: /nothing"),
        (op("remove", "/l/7"), "Unable to access invalid index: 7 of /l/7"),
        (op("replace", "/no/way", value=1), "doc is missing path: /no/way: missing value"),
        (op("replace", "/l/3", value=1), "Unable to access invalid index: 3 of /l/3"),
        (op("add", "/l/4", value=1), "Unable to access invalid index: 4 of /l/4"),
        (op("add", "/l/x", value=1), "Unable to access invalid index: x of /l/x"),
        (op("add", "/a/b/c", value=1), "doc is missing path: /a/b/c: missing value"),
        (op("move", "/a", **{"from": "/no"}), "move operation does not apply: doc is missing from path: /no"),
        (op("frob", "/a"), "Unexpected kind: frob"),
        (op("add", "a", value=1), "path 'a' does not start with a slash"),
        (op("add", None, value=1), "path None does not start with a slash"),
    ],
)
def test_what_does_not_apply_is_unprocessable(operation: Value, told: str) -> None:
    with pytest.raises(PatchError) as caught:
        json_patch(DOC, [operation])
    assert (caught.value.status, caught.value.reason) == (422, "Invalid")
    assert [cause.message for cause in caught.value.causes] == [told]


@pytest.mark.parametrize("operations", [{"op": "add"}, "x", None, [1]], ids=repr)
def test_what_is_no_list_of_operations_is_a_bad_request(operations: Value) -> None:
    with pytest.raises(PatchError) as caught:
        json_patch(DOC, operations)
    assert caught.value.status == 400


def test_too_many_operations_are_refused() -> None:
    with pytest.raises(PatchError, match="in a JSON patch is 10000, got 10001") as caught:
        json_patch(DOC, [op("test", "", value=DOC)] * 10_001)
    assert caught.value.status == 413


paths = st.lists(st.sampled_from(["a", "b", "c", "0", "1", "-", "-1"]), max_size=3).map(
    lambda parts: "".join("/" + part for part in parts)
)
operations = st.lists(
    st.fixed_dictionaries(
        {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]), "path": paths},
        optional={"value": values, "from": paths},
    ),
    max_size=4,
)


@given(values, operations)
def test_whatever_happens_the_target_is_not_changed(target: Value, patch: Value) -> None:
    before = copy.deepcopy(target)
    with contextlib.suppress(PatchError):
        json_patch(target, patch)
    assert target == before


@given(values, values)
def test_adding_then_removing_gives_the_object_back(target: Value, value: Value) -> None:
    doc: Value = {"x": target}
    added = json_patch(doc, [op("add", "/new", value=value)])
    assert json_patch(added, [op("test", "/new", value=value), op("remove", "/new")]) == doc
