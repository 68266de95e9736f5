from __future__ import annotations

import copy
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.sandbox.patch import merge_patch
from rulectl.value import Value

scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)


# The examples of RFC 7386, appendix A.
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_standards_examples_hold(target: Value, patch: Value, result: Value) -> None:
    assert merge_patch(target, patch) == result


@given(values, values)
def test_neither_argument_is_changed(target: Value, patch: Value) -> None:
    before = copy.deepcopy((target, patch))
    merge_patch(target, patch)
    assert (target, patch) == before


@given(values, values)
def test_the_same_patch_twice_changes_nothing_more(target: Value, patch: Value) -> None:
    once = merge_patch(target, patch)
    assert merge_patch(once, patch) == once


@given(values)
def test_an_empty_patch_keeps_an_object_as_it_is(target: Value) -> None:
    assert merge_patch(target, {}) == (target if isinstance(target, Mapping) else {})


@given(values, values)
def test_what_a_patch_does_not_name_stays_the_same_value(target: Value, patch: Value) -> None:
    result = merge_patch(target, patch)
    if isinstance(target, Mapping) and isinstance(patch, Mapping) and isinstance(result, Mapping):
        assert all(result[key] is target[key] for key in target.keys() - patch.keys())
