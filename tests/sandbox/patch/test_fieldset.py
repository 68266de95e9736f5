from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.sandbox.patch.element import canonical, field, keyed, member, shown
from rulectl.sandbox.patch.fieldset import EMPTY, FieldSet
from rulectl.value import Value

elements = st.one_of(
    st.sampled_from("abc").map(field),
    st.sampled_from("xy").map(lambda name: keyed({"name": name})),
    st.integers(0, 2).map(member),
)
paths = st.lists(elements, min_size=1, max_size=3).map(tuple)
path_sets = st.frozensets(paths, max_size=8)


@given(path_sets)
def test_a_set_is_its_paths(given_paths: frozenset[tuple[str, ...]]) -> None:
    fields = FieldSet.of(given_paths)
    assert frozenset(fields) == given_paths
    assert all(path in fields for path in given_paths)
    assert bool(fields) == bool(given_paths)


@given(path_sets)
def test_the_wire_form_and_back_is_the_same_set(given_paths: frozenset[tuple[str, ...]]) -> None:
    fields = FieldSet.of(given_paths)
    assert FieldSet.from_fields_v1(fields.to_fields_v1()) == fields


@given(path_sets, path_sets)
def test_it_is_the_algebra_of_sets_of_paths(
    left: frozenset[tuple[str, ...]], right: frozenset[tuple[str, ...]]
) -> None:
    a, b = FieldSet.of(left), FieldSet.of(right)
    assert frozenset(a | b) == left | right
    assert frozenset(a & b) == left & right
    assert frozenset(a - b) == left - right
    assert a - a == EMPTY
    assert hash(a | b) == hash(b | a)


@given(path_sets, path_sets)
def test_without_trees_takes_what_lies_below_too(
    left: frozenset[tuple[str, ...]], right: frozenset[tuple[str, ...]]
) -> None:
    kept = {path for path in left if not any(path[: len(cut)] == cut for cut in right)}
    assert frozenset(FieldSet.of(left).without_trees(FieldSet.of(right))) == kept


def test_the_wire_form_is_the_servers() -> None:
    fields = FieldSet.of(
        [
            (field("metadata"), field("labels")),
            (field("metadata"), field("labels"), field("app")),
            (field("spec"), field("containers"), keyed({"name": "c"})),
            (field("spec"), field("containers"), keyed({"name": "c"}), field("image")),
            (field("metadata"), field("finalizers"), member("x.io/f")),
        ]
    )
    assert fields.to_fields_v1() == {
        "f:metadata": {"f:finalizers": {'v:"x.io/f"': {}}, "f:labels": {".": {}, "f:app": {}}},
        "f:spec": {"f:containers": {'k:{"name":"c"}': {".": {}, "f:image": {}}}},
    }


@pytest.mark.parametrize(
    ("written", "ours"),
    [
        ('k:{ "b": 1, "a": "x" }', 'k:{"a":"x","b":1}'),
        ('v: "x"', 'v:"x"'),
        ("f:a.b/c", "f:a.b/c"),
        ("i:0", "i:0"),
    ],
)
def test_what_others_write_is_read_into_our_spelling(written: str, ours: str) -> None:
    assert canonical(written) == ours


@pytest.mark.parametrize("fields", [{"x:y": {}}, {"k:[1]": {}}, {"f:a": 1}, {"k:{": {}}], ids=str)
def test_what_is_no_field_set_is_refused(fields: dict[str, Value]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        FieldSet.from_fields_v1(fields)


def test_a_path_is_shown_as_in_conflicts() -> None:
    path = (field("spec"), keyed({"containerPort": 80, "protocol": "TCP"}), field("a"), member("x"), "i:3")
    assert shown(path) == '.spec[containerPort=80,protocol="TCP"].a[="x"][3]'
