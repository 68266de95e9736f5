"""Finding the readers of a field among many: the same as asking each of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.check.readers import Readers, is_empty
from rulectl.fields import NOTHING, WHOLE, FieldTree, tree_of

TREES = st.recursive(
    st.sampled_from([WHOLE, NOTHING]),
    lambda inner: st.builds(
        FieldTree,
        fields=st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
        items=st.none() | inner,
        entries=st.none() | inner,
    ),
    max_leaves=6,
)
SOME = ("a", "b", "c", "x")


def paths(tree: FieldTree) -> set[tuple[str, ...]]:
    """Where a tree ends, with every key of a few written out for ``*``, and ``[]`` for elements."""
    if tree.whole or is_empty(tree):
        return {()}
    found: set[tuple[str, ...]] = set()
    for name in SOME:
        for part in (tree.fields.get(name), tree.entries):
            found |= {(name, *path) for path in paths(part)} if part is not None else set()
    if tree.items is not None:
        found |= {("[]", *path) for path in paths(tree.items)}
    return found


def is_seen(changed: FieldTree, tree: FieldTree) -> bool:
    """The meaning: one ends where the other goes on, or ends too."""
    if is_empty(changed) or is_empty(tree):
        return False
    return any(
        one[: len(other)] == other or other[: len(one)] == one for one in paths(changed) for other in paths(tree)
    )


@settings(deadline=None)
@given(TREES, st.lists(TREES, max_size=5))
def test_the_readers_of_a_change_are_those_that_see_it(changed: FieldTree, trees: list[FieldTree]) -> None:
    readers = Readers()
    for number, tree in enumerate(trees):
        readers.add(number, tree)
    assert readers.of(changed) == {number for number, tree in enumerate(trees) if is_seen(changed, tree)}


def test_a_reader_of_one_label_does_not_see_another() -> None:
    readers = Readers()
    readers.add(1, tree_of("metadata", "labels", "a"))
    readers.add(2, tree_of("metadata", "labels"))
    assert readers.of(tree_of("metadata", "labels", "b")) == {2}
