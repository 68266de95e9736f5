"""Read sets: joined, compared, applied."""

from __future__ import annotations

import pytest
from hypothesis import given

from rulectl.fields import NOTHING, WHOLE, FieldTree, tree_of
from tests.kube.test_projection import TREES

MANAGED = tree_of("metadata", "managedFields")
VERSION = tree_of("metadata", "resourceVersion")
METADATA = tree_of("metadata")


@given(TREES, TREES, TREES)
def test_joining_knows_no_order_and_no_repetition(one: FieldTree, two: FieldTree, three: FieldTree) -> None:
    assert one | two == two | one
    assert (one | two) | three == one | (two | three)
    assert one | one == one
    assert one | NOTHING == one


@given(TREES, TREES)
def test_what_is_joined_covers_its_parts(one: FieldTree, two: FieldTree) -> None:
    assert (one | two).covers(one)
    assert (one | two).covers(two)


@pytest.mark.parametrize("whole", [WHOLE, METADATA], ids=["object", "metadata"])
def test_what_every_write_changes_is_part_of_a_whole_only_where_it_is_named(whole: FieldTree) -> None:
    assert not whole.covers(MANAGED)
    assert (whole | MANAGED).covers(whole)
    assert not (whole | MANAGED).covers(VERSION)
    assert whole | MANAGED | VERSION == VERSION | (MANAGED | whole)
    assert (whole | MANAGED).covers(MANAGED)


def test_a_whole_covers_everything_else() -> None:
    assert WHOLE.covers(tree_of("spec", "nodeName"))
    assert (WHOLE | tree_of("spec", "nodeName")) == WHOLE
