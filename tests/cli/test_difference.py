"""What changed in an object, as paths that can be pasted into a rule."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rulectl.cli.difference import FieldChange, differences, without_noise
from rulectl.expression import compile_expression
from rulectl.value import Value, same

NAMES = st.sampled_from(["a", "name", "type", "b.c", 'q"', "x-y", "1"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "x", "it's"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


def test_a_field_that_changed_is_told_with_its_path() -> None:
    old: Value = {"spec": {"replicas": 1, "paused": True}}
    new: Value = {"spec": {"replicas": 2, "paused": True}}
    assert differences(old, new) == [FieldChange("spec.replicas", 1, 2)]


def test_keys_that_are_no_plain_words_are_quoted() -> None:
    old: Value = {"metadata": {"annotations": {"a.io/x": "1"}}}
    new: Value = {"metadata": {"annotations": {"a.io/x": "2"}}}
    assert differences(old, new) == [FieldChange('metadata.annotations."a.io/x"', "1", "2")]


def test_a_map_that_came_is_told_by_its_entries() -> None:
    assert differences({}, {"labels": {"app": "web"}}) == [FieldChange("labels.app", None, "web")]


def test_a_map_that_went_is_told_by_its_entries() -> None:
    assert differences({"labels": {"app": "web"}}, {}) == [FieldChange("labels.app", "web", None)]


def test_an_empty_map_that_came_is_told_as_such() -> None:
    assert differences({}, {"emptyDir": {}}) == [FieldChange("emptyDir", None, {})]


def test_named_elements_of_lists_are_compared_by_name_whatever_their_order() -> None:
    old: Value = {"c": [{"type": "Ready", "status": "False"}, {"type": "Sound", "status": "True"}]}
    new: Value = {"c": [{"type": "Sound", "status": "True"}, {"type": "Ready", "status": "True"}]}
    assert differences(old, new) == [FieldChange("c[?type=='Ready'] | [0].status", "False", "True")]


def test_an_element_that_came_is_told_as_a_whole() -> None:
    new: Value = {"c": [{"name": "web", "image": "nginx"}]}
    assert differences({"c": []}, new) == [
        FieldChange("c[?name=='web'] | [0]", None, {"name": "web", "image": "nginx"})
    ]


def test_elements_without_names_are_compared_by_position() -> None:
    assert differences({"c": [{"a": 1}]}, {"c": [{"a": 2}]}) == [FieldChange("c[0].a", 1, 2)]


def test_plain_lists_are_told_as_a_whole() -> None:
    assert differences({"args": ["-v"]}, {"args": ["-v", "-x"]}) == [FieldChange("args", ["-v"], ["-v", "-x"])]


def test_true_and_one_are_not_the_same() -> None:
    assert differences({"a": True}, {"a": 1}) == [FieldChange("a", True, 1)]


def test_what_every_write_changes_is_noise() -> None:
    metadata: Value = {"name": "x", "resourceVersion": "5", "generation": 3, "managedFields": []}
    assert without_noise({"metadata": metadata, "data": {}}) == {"metadata": {"name": "x"}, "data": {}}


@given(VALUES)
def test_nothing_differs_from_itself(value: Value) -> None:
    assert differences(value, value) == []


@given(VALUES, VALUES)
def test_every_path_can_be_pasted_into_a_rule_and_gives_the_values_that_were_shown(old: Value, new: Value) -> None:
    for change in differences(old, new):
        path = compile_expression(change.path, roots=(), relative=True)
        assert same(path.search(old), change.old)
        assert same(path.search(new), change.new)


@given(VALUES, VALUES)
def test_what_differs_is_told(old: Value, new: Value) -> None:
    if not differences(old, new):
        assert _settled(old) == _settled(new)


def _settled(value: Value) -> object:
    """`value` as the comparison sees it: null is absent, elements with names have no order."""
    if isinstance(value, dict):
        return {key: _settled(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return sorted(repr(_settled(part)) for part in value)
    return repr(value)
