"""Which parts of an object are read: the shape that expressions yield and decoders keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from rulectl.value import Value

UNASKED = frozenset({"managedFields", "resourceVersion"})
"""What every write changes: what keeps an object, or all of its metadata, keeps these only where they are named."""


class FieldTree(msgspec.Struct, frozen=True):
    """A node of the read set; the root stands for the whole object.

    What a node keeps of a JSON value:

    - `whole`: everything below it (the other attributes are then empty, but for a path to an `UNASKED` field that
      is named);
    - `fields`: of an object, these keys, each cut down by its own node;
    - `items`: of a list, every element, cut down by that node;
    - `entries`: of an object, every key, its value cut down by that node (`*` in JMESPath).

    A node with nothing set keeps only whether a scalar, an empty object or an empty list is
    there. Scalars, null included, are always kept as they are. Trees are values: compare them
    with `==`, join them with `|`.
    """

    whole: bool = False
    fields: Mapping[str, FieldTree] = msgspec.field(default_factory=dict)
    items: FieldTree | None = None
    entries: FieldTree | None = None

    def __or__(self, other: FieldTree) -> FieldTree:
        """What either of the two keeps."""
        if self.whole or other.whole:
            if not (self.fields or other.fields):
                return WHOLE
            ours, theirs = self._unasked(), other._unasked()
            named = {name: ours.get(name, WHOLE) | theirs.get(name, WHOLE) for name in {*ours, *theirs}}
            return FieldTree(whole=True, fields=named) if named else WHOLE
        if other is self or not (other.fields or other.items or other.entries):
            return self
        if not (self.fields or self.items or self.entries):
            return other
        names = list(dict.fromkeys([*self.fields, *other.fields]))
        return FieldTree(
            fields={name: _join(self.fields.get(name), other.fields.get(name)) or NOTHING for name in names},
            items=_join(self.items, other.items),
            entries=_join(self.entries, other.entries),
        )

    def child(self, name: str) -> FieldTree | None:
        """What is kept below key `name`; None when the key is dropped."""
        if self.whole:
            return self.fields.get(name, WHOLE)
        return _join(self.fields.get(name), self.entries)

    def _unasked(self) -> Mapping[str, FieldTree]:
        """The `UNASKED` fields that are named here or in the metadata below, all the way whole."""
        metadata = self.fields.get("metadata")
        inner = {} if metadata is None else metadata._unasked()  # noqa: SLF001 - of the same class
        below = {"metadata": FieldTree(whole=True, fields=inner)} if inner else {}
        return {**dict.fromkeys(UNASKED & self.fields.keys(), WHOLE), **below}

    def prune(self, value: Value) -> Value:
        """`value` cut down to what this tree keeps; parts that are kept whole are shared, not copied.

        This is the meaning of a projection; decoders that keep less than the whole must agree with it.
        """
        kind = type(value)
        if self.whole or kind is str or value is None:
            return value
        if kind is dict and self.entries is None:
            fields = self.fields
            return {key: fields[key].prune(part) for key, part in value.items() if key in fields}  # type: ignore[union-attr]
        if isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, Mapping):
            kept = ((key, self.child(key)) for key in value)
            return {key: tree.prune(value[key]) for key, tree in kept if tree is not None}
        items = self.items
        return [items.prune(item) for item in value] if items is not None else []

    def covers(self, other: FieldTree) -> bool:
        """Whether all that `other` keeps is kept here too."""
        return (self | other) == self

    def paths(self) -> list[str]:
        """The leaves as JMESPath-like paths, sorted: for people and for `rulectl plan`."""
        return sorted(_paths(self, ""))


WHOLE = FieldTree(whole=True)
NOTHING = FieldTree()


def tree_of(*path: str, leaf: FieldTree = WHOLE) -> FieldTree:
    """The tree that keeps `leaf` below the object keys `path`, and nothing else."""
    tree = leaf
    for name in reversed(path):
        tree = FieldTree(fields={name: tree})
    return tree


def union(trees: Iterable[FieldTree]) -> FieldTree:
    """What any of them keeps."""
    left = list(trees)
    while len(left) > 1:
        # Pairs, and then pairs of pairs: one by one, what is joined grows and grows.
        pairs = zip(left[::2], left[1::2], strict=False)
        left = [one | other for one, other in pairs] + (left[-1:] if len(left) % 2 else [])
    return left[0] if left else NOTHING


def _join(left: FieldTree | None, right: FieldTree | None) -> FieldTree | None:
    if left is None or right is None:
        return left if right is None else right
    return left | right


def _quoted(name: str) -> str:
    return name if name.replace("_", "a").isalnum() and not name[:1].isdigit() else f'"{name}"'


def _paths(tree: FieldTree, prefix: str) -> Iterable[str]:
    if tree.whole or not (tree.fields or tree.items or tree.entries):
        yield prefix or "@"
        return
    dot = f"{prefix}." if prefix else ""
    for name, child in tree.fields.items():
        yield from _paths(child, f"{dot}{_quoted(name)}")
    if tree.items is not None:
        yield from _paths(tree.items, f"{prefix}[]")
    if tree.entries is not None:
        yield from _paths(tree.entries, f"{dot}*")
