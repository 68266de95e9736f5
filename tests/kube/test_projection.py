"""A projection keeps what its tree keeps, nothing more and nothing less."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rulectl.fields import NOTHING, WHOLE, FieldTree, tree_of, union
from rulectl.kube.object import PlainObject, without_version
from rulectl.kube.projection import IDENTITY, Projection, accept_for, metadata_only
from rulectl.kube.transport import JSON
from rulectl.resource import Kind, ObjectKey
from rulectl.value import Value, encode, mapping, same

KEYS = st.sampled_from(["a", "b", "kubernetes.io/x", 'quo"te', "ü", "status"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(-9, 9), st.text(max_size=3))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=8,
)
TREES = st.recursive(
    st.sampled_from([WHOLE, NOTHING]),
    lambda inner: st.builds(
        FieldTree,
        fields=st.dictionaries(KEYS, inner, max_size=3),
        items=st.none() | inner,
        entries=st.one_of(st.none(), st.none(), inner),
    ),
    max_leaves=6,
)
METADATA_TREES = st.builds(
    FieldTree,
    fields=st.dictionaries(
        st.sampled_from(["labels", "annotations", "resourceVersion", "name", "managedFields"]), TREES, max_size=3
    ),
)
ROOT_TREES = st.builds(
    FieldTree,
    fields=st.fixed_dictionaries(
        {}, optional={"metadata": METADATA_TREES | TREES, "spec": TREES, "status": TREES, "kind": st.just(WHOLE)}
    ),
)
OBJECTS = st.builds(
    lambda metadata, rest: {**rest, "metadata": {**metadata, "name": "n", "uid": "u", "resourceVersion": "7"}},
    st.fixed_dictionaries(
        {},
        optional={"namespace": st.text(max_size=2), "labels": VALUES, "annotations": VALUES, "managedFields": VALUES},
    ),
    st.fixed_dictionaries({}, optional={"spec": VALUES, "status": VALUES, "kind": st.just("Pod")}),
)


def kept(tree: FieldTree, full: Mapping[str, Value]) -> Value:
    """What the tree says, managedFields apart unless it names them."""
    tree = tree | IDENTITY
    metadata = tree.child("metadata")
    if metadata is None or "managedFields" not in metadata.fields:
        shown = {name: value for name, value in mapping(full["metadata"]).items() if name != "managedFields"}
        full = {**full, "metadata": shown}
    return tree.prune(full)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROOT_TREES | TREES, OBJECTS)
def test_a_projection_agrees_with_its_tree(tree: FieldTree, full: Mapping[str, Value]) -> None:
    projection = Projection(tree)
    decoded = projection.decode(encode(full))
    assert same(decoded.value(), kept(tree, full))
    assert same(projection.of(full).value(), kept(tree, full))
    assert decoded.key == ObjectKey(str(mapping(full["metadata"]).get("namespace", "")), "n")
    assert (decoded.uid, decoded.resource_version) == ("u", "7")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROOT_TREES, OBJECTS, OBJECTS)
def test_objects_say_the_same_exactly_if_their_kept_fields_do(
    tree: FieldTree, left: Mapping[str, Value], right: Mapping[str, Value]
) -> None:
    projection = Projection(tree)
    one, other = projection.decode(encode(left)), projection.decode(encode(right))
    expected = same(without_version(one.value()), without_version(other.value()))
    assert one.same_fields(other) is other.same_fields(one) is expected
    assert projection.equal(one, other) is expected
    assert one.same_fields(projection.of(left))


def pod(version: str = "1", **more: Value) -> bytes:
    return encode({"metadata": {"name": "a", "resourceVersion": version}, **more})


@pytest.mark.parametrize("tree", [tree_of("spec"), WHOLE], ids=["projected", "whole"])
def test_the_version_is_no_field(tree: FieldTree) -> None:
    projection = Projection(tree)
    assert projection.decode(pod("1", spec=1)).same_fields(projection.decode(pod("2", spec=1)))


def test_the_version_is_a_field_where_the_tree_names_it() -> None:
    projection = Projection(tree_of("metadata", "resourceVersion"))
    one, other = projection.decode(pod("1")), projection.decode(pod("2"))
    assert not one.same_fields(other)
    assert mapping(one.value()["metadata"])["resourceVersion"] == "1"


@pytest.mark.parametrize(("left", "right"), [(True, 1), (False, 0), ([True], [1]), ({"a": 1}, {"a": True})])
def test_true_is_not_one(left: Value, right: Value) -> None:
    projection = Projection(tree_of("spec"))
    assert not projection.decode(pod(spec=left)).same_fields(projection.decode(pod(spec=right)))


def test_the_order_of_keys_does_not_matter() -> None:
    projection = Projection(tree_of("spec"))
    one, other = projection.decode(pod(spec={"a": 1, "b": 2})), projection.decode(pod(spec={"b": 2, "a": 1}))
    assert one.same_fields(other)


def test_null_absent_and_empty_are_told_apart() -> None:
    projection = Projection(tree_of("spec", "x"))
    specs = [mapping(projection.decode(pod(spec=spec)).value()).get("spec") for spec in ({"x": None}, {}, None)]
    assert specs == [{"x": None}, {}, None]
    assert "spec" not in projection.decode(pod()).value()


def test_an_object_of_another_shape_is_pruned_in_full() -> None:
    projection = Projection(tree_of("spec", "x"))
    odd = projection.decode(pod(spec=[1, 2]))
    assert isinstance(odd, PlainObject)
    assert odd.value()["spec"] == []


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"metadata":{}}', b'{"metadata":{"name":7}}'], ids=repr)
def test_what_has_no_name_is_no_object(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Projection(tree_of("spec")).decode(data)


def test_the_kind_is_shown_even_where_lists_leave_it_out() -> None:
    for tree in (WHOLE, tree_of("kind") | tree_of("apiVersion")):
        value = Projection(tree, Kind("apps/v1", "Deployment")).decode(pod()).value()
        assert (value["apiVersion"], value["kind"]) == ("apps/v1", "Deployment")


@pytest.mark.parametrize(
    ("tree", "only"),
    [
        (tree_of("metadata", "labels"), True),
        (tree_of("metadata"), True),
        (tree_of("metadata", "name") | tree_of("kind"), True),
        (tree_of("metadata", "name") | tree_of("spec"), False),
        (WHOLE, False),
        (FieldTree(entries=NOTHING), False),
    ],
    ids=lambda value: "@" if isinstance(value, FieldTree) and value.whole else None,
)
def test_metadata_is_asked_for_alone_where_nothing_else_is_read(tree: FieldTree, *, only: bool) -> None:
    assert metadata_only(tree) is only
    assert (accept_for(tree) == JSON) is not only
    assert ("PartialObjectMetadataList" in accept_for(tree, page=True)) is only


TWELVE = union(
    [
        tree_of("metadata", "annotations", "kubernetes.io/ingress-bandwidth"),
        tree_of("metadata", "annotations", "kubernetes.io/egress-bandwidth"),
        tree_of("metadata", "labels", "app"),
        tree_of("metadata", "labels", "tier"),
        tree_of("metadata", "deletionTimestamp"),
        tree_of("spec", "nodeName"),
        tree_of("spec", "containers", leaf=FieldTree(items=tree_of("image") | tree_of("name"))),
        tree_of("spec", "containers", leaf=FieldTree(items=tree_of("resources", "limits"))),
        tree_of("status", "phase"),
        tree_of("status", "podIP"),
        tree_of("status", "conditions", leaf=FieldTree(items=tree_of("type") | tree_of("status"))),
        tree_of("status", "containerStatuses", leaf=FieldTree(items=tree_of("restartCount"))),
    ]
)


def realistic_pod(number: int) -> bytes:
    filler: Value = [{"name": f"E{index}", "value": "v" * 30} for index in range(40)]
    containers: Value = [
        {
            "name": f"c{index}",
            "image": f"registry/app/image:{number}",
            "env": filler,
            "resources": {"limits": {"cpu": "1"}},
        }
        for index in range(3)
    ]
    conditions: Value = [{"type": name, "status": "True", "reason": "x" * 20} for name in "abcd"]
    return encode(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"frontend-deployment-5d8f7c9b6d-{number:05}",
                "namespace": "default-namespace",
                "uid": f"{number:08}-aaaa-bbbb-cccc-1234567890ab",
                "resourceVersion": str(1_000_000 + number),
                "labels": {"app": "frontend", "tier": "web", "other": "x" * 30},
                "annotations": {"kubernetes.io/ingress-bandwidth": f"{number}M", "big": "z" * 1000},
            },
            "spec": {"nodeName": f"node-{number}", "containers": containers},
            "status": {
                "phase": "Running",
                "podIP": f"10.0.0.{number}",
                "conditions": conditions,
                "containerStatuses": [{"name": f"c{index}", "restartCount": 3} for index in range(3)],
            },
        }
    )


@pytest.mark.parametrize(
    ("tree", "most_bytes"),
    [(tree_of("metadata", "annotations", "kubernetes.io/ingress-bandwidth"), 600), (TWELVE, 5000)],
    ids=["one annotation", "twelve paths"],
)
def test_a_cached_pod_stays_small(tree: FieldTree, most_bytes: int) -> None:
    projection = Projection(tree)
    bodies = [realistic_pod(number) for number in range(200)]
    projection.decode(bodies[0])
    gc.collect()
    before = _size_of_all(projection, [])
    assert _size_of_all(projection, bodies) - before < most_bytes * len(bodies)


def _size_of_all(projection: Projection, bodies: list[bytes]) -> int:
    tracemalloc.start()
    try:
        cached = {item.key: item for item in map(projection.decode, bodies)}
        size = tracemalloc.get_traced_memory()[0]
        assert len(cached) == len(bodies)
        return size
    finally:
        tracemalloc.stop()


def test_projected_objects_are_not_visited_by_the_collector() -> None:
    item = Projection(TWELVE).decode(realistic_pod(1))
    assert not gc.is_tracked(item)
    assert sys.getsizeof(item) < 100
