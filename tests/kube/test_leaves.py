"""Who is told of an update: never less than those whose fields it changes."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import HealthCheck, given, settings

from rulectl.fields import FieldTree, tree_of, union
from rulectl.informer.change import Updated
from rulectl.informer.counters import Counters
from rulectl.informer.registration import Registration
from rulectl.kube.leaves import EVERYTHING
from rulectl.kube.projection import Projection
from rulectl.value import Value, encode, mapping, same
from tests.kube.test_projection import OBJECTS, ROOT_TREES, TREES, kept

ONE = tree_of("metadata", "annotations", "one")
TWO = tree_of("metadata", "annotations", "two")
PHASE = tree_of("status", "phase")


def pod(**parts: Value) -> bytes:
    return encode({"metadata": {"name": "a", "uid": "u", "resourceVersion": "1"}, **parts})


def namespace_of(item: Mapping[str, Value]) -> Mapping[str, Value]:
    return {"namespace": mapping(item["metadata"]).get("namespace", "")}


def entry(tree: FieldTree, projection: Projection) -> Registration:
    registration = Registration(lambda _notice: None, tree, Counters(), is_narrow=True)
    registration.read_with(projection)
    return registration


def update_of(projection: Projection, old: bytes, new: bytes) -> tuple[Updated, int]:
    before, after = projection.decode(old), projection.decode(new)
    return Updated(after.key, before, after), projection.changed(before, after)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROOT_TREES, ROOT_TREES | TREES, OBJECTS, OBJECTS)
def test_a_handler_is_told_where_its_fields_differ(
    mine: FieldTree, others: FieldTree, old: Mapping[str, Value], new: Mapping[str, Value]
) -> None:
    projection = Projection(mine | others)
    old = {**old, "metadata": {**mapping(old["metadata"]), **namespace_of(old)}}
    new = {**new, "metadata": {**mapping(new["metadata"]), **namespace_of(old)}}  # an update is of one object
    update, leaves = update_of(projection, encode(old), encode(new))
    if not same(kept(mine, old), kept(mine, new)):
        assert entry(mine, projection).concerns(update, leaves)
        assert entry(mine, projection).concerns(update, EVERYTHING)


def test_only_those_are_told_who_read_what_changed() -> None:
    projection = Projection(ONE | PHASE)
    update, leaves = update_of(projection, pod(status={"phase": "Pending"}), pod(status={"phase": "Running"}))
    assert [entry(tree, projection).concerns(update, leaves) for tree in (PHASE, ONE)] == [True, False]


def test_a_reader_of_one_key_is_not_told_of_another_though_all_are_kept_for_a_third() -> None:
    projection = Projection(union([ONE, tree_of("metadata", "annotations")]))
    metadata = {"name": "a", "uid": "u"}
    update, leaves = update_of(
        projection,
        encode({"metadata": {**metadata, "annotations": {"one": "1"}}}),
        encode({"metadata": {**metadata, "annotations": {"one": "1", "two": "2"}}}),
    )
    told = [entry(tree, projection).concerns(update, leaves) for tree in (ONE, TWO, tree_of("metadata", "annotations"))]
    assert told == [False, True, True]


def test_true_and_one_are_two_values() -> None:
    projection = Projection(PHASE)
    update, leaves = update_of(projection, pod(status={"phase": True}), pod(status={"phase": 1}))
    assert entry(PHASE, projection).concerns(update, leaves)
