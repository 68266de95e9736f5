"""Watched values: which an object has, how they are named, which steps between them count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.expression import EvaluationError, Expression, compile_expression
from rulectl.fields import FieldTree, tree_of
from rulectl.predicate.watched import (
    Field,
    MetadataKey,
    Watched,
    differences,
    name_of,
    step_matches,
    steps,
    tree_for,
    values_of,
)
from rulectl.value import Value

POD: Value = {
    "metadata": {"annotations": {"a/x": "1", "a/y": "", "b": None}, "labels": {"tier": "web"}},
    "spec": {"replicas": 0, "containers": [{"image": "a"}, {"image": "b"}]},
}


def path(text: str) -> Expression:
    return compile_expression(text, roots=(), relative=True)


def values(*watched: Watched) -> dict[str, Value]:
    return values_of(watched, POD, 0.0)


def test_an_annotation_is_named_by_its_path() -> None:
    assert values(MetadataKey("annotations", "a/x")) == {'metadata.annotations."a/x"': "1"}


def test_a_star_watches_all_keys_with_that_beginning() -> None:
    assert values(MetadataKey("annotations", "a/*")) == {
        'metadata.annotations."a/x"': "1",
        'metadata.annotations."a/y"': "",
    }


def test_a_star_alone_watches_all_keys_that_are_present() -> None:
    assert list(values(MetadataKey("annotations", "*"))) == [
        name_of("annotations", "a/x"),
        name_of("annotations", "a/y"),
    ]


@pytest.mark.parametrize("key", ["b", "missing"])
def test_what_is_null_or_absent_is_no_value(key: str) -> None:
    assert values(MetadataKey("annotations", key)) == {}


def test_a_field_is_named_by_its_expression() -> None:
    assert values(Field(path("spec.containers[].image")), Field(path("spec.replicas"))) == {
        "spec.containers[].image": ["a", "b"],
        "spec.replicas": 0,
    }


def test_a_field_that_has_no_value_makes_all_of_them_unknown() -> None:
    with pytest.raises(EvaluationError):
        values(MetadataKey("labels", "tier"), Field(path("length(spec.missing)")))


@pytest.mark.parametrize("obj", [None, {}, {"metadata": None}, {"metadata": {"annotations": []}}, 5])
def test_an_object_without_metadata_has_no_annotations(obj: Value) -> None:
    assert values_of((MetadataKey("annotations", "a"), MetadataKey("labels", "*")), obj, 0.0) == {}


def test_differences_are_in_the_order_of_the_new_values_and_then_what_went() -> None:
    old: dict[str, Value] = {"gone": 1, "same": 1.0, "flag": 1}
    new: dict[str, Value] = {"flag": True, "same": 1, "new": 2}
    assert differences(old, new) == ["flag", "new", "gone"]


PHASE = path("status.phase")


@pytest.mark.parametrize(
    ("old", "new", "step", "matches"),
    [
        (("Pending",), ("Running",), ("Pending", "Running"), True),
        (("Pending",), ("Running",), (None, "Running"), False),
        (("Pending",), None, ("Pending", "Failed"), True),
        (None, ("Running", "Failed"), ("Unknown", "Failed"), True),
        ((None,), None, (None, "Running"), True),
        ((1,), None, (True, "Running"), False),
    ],
)
def test_a_step_counts_if_it_comes_from_and_goes_to_allowed_values(
    old: tuple[Value, ...] | None, new: tuple[Value, ...] | None, step: tuple[Value, Value], matches: bool
) -> None:
    assert step_matches((Field(PHASE, old, new),), *step) is matches


def test_one_path_may_have_several_steps() -> None:
    limits = steps(
        (Field(PHASE, ("a",), ("b",)), Field(PHASE, ("c",), None), Field(path("spec")), MetadataKey("labels", "x"))
    )
    assert [len(fields) for fields in limits.values()] == [2]
    assert step_matches(limits["status.phase"], "c", "d")
    assert not step_matches(limits["status.phase"], "a", "d")


def test_without_limits_any_step_counts() -> None:
    assert step_matches((), "a", "b")


@pytest.mark.parametrize(
    ("item", "tree"),
    [
        (MetadataKey("labels", "tier"), tree_of("metadata", "labels", "tier")),
        (MetadataKey("labels", "t*"), tree_of("metadata", "labels")),
        (Field(path("spec.replicas")), tree_of("spec", "replicas")),
        (Field(path("`1`")), FieldTree()),
    ],
)
def test_what_must_be_kept_for_a_watched_value(item: Watched, tree: FieldTree) -> None:
    assert tree_for(item) == tree


ITEMS: list[Watched] = [
    MetadataKey("annotations", "a/*"),
    MetadataKey("labels", "tier"),
    Field(path("spec.containers[].image")),
    Field(path("spec.containers[?image=='a'].image | [0]")),
    Field(path("spec")),
]


@given(st.sampled_from(ITEMS))
def test_what_is_kept_gives_the_same_values_as_the_whole_object(item: Watched) -> None:
    assert values_of((item,), tree_for(item).prune(POD), 0.0) == values(item)
