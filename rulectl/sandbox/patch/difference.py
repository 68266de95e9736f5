"""What changed between two values, as sets of field paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute

from rulectl.openapi import Node
from rulectl.sandbox.patch.element import Element, Path, field
from rulectl.sandbox.patch.fieldset import FieldSet
from rulectl.sandbox.patch.shape import Shape, elements_of, shape
from rulectl.value import Value, same


@dataclass(frozen=True, slots=True)
class Difference:
    """Paths that only the new value has, that only the old one had, and whose leaves differ.

    No path is in two of the three. Containers count as added or removed when they come or go as a
    whole; a change below them is only theirs where they are atomic.
    """

    added: FieldSet
    removed: FieldSet
    modified: FieldSet

    @property
    def written(self) -> FieldSet:
        """What the new value set: added or modified."""
        return self.added | self.modified

    def without(self, ignored: FieldSet) -> Difference:
        """Without the trees of `ignored`."""
        if not ignored:
            return self
        return Difference(
            self.added.without_trees(ignored),
            self.removed.without_trees(ignored),
            self.modified.without_trees(ignored),
        )


class Absent:
    """Nothing stands at this place of this value (null is something)."""


ABSENT = Absent()


def difference(old: Value, new: Value, node: Node | None) -> Difference:
    """What changed from `old` to `new`.

    Raises:
        ValueError: an item of a keyed list has no name.
    """
    walk = _Walk()
    walk.compare(old, new, node, ())
    return Difference(FieldSet.of(walk.added), FieldSet.of(walk.removed), FieldSet.of(walk.modified))


@dataclass(slots=True)
class _Walk:
    added: list[Path] = attribute(default_factory=list)
    removed: list[Path] = attribute(default_factory=list)
    modified: list[Path] = attribute(default_factory=list)

    def compare(self, old: Value | Absent, new: Value | Absent, node: Node | None, path: Path) -> None:
        if old is new:
            return
        shapes = {shape(side, node) for side in (old, new) if not isinstance(side, Absent)}
        if shapes == {Shape.LEAF} or _both_empty(old, new):
            # Two empty containers count as leaves, so that empty and null can be told apart.
            self._leaf(old, new, path)
            return
        if Shape.LEAF in shapes:
            self.modified.append(path)
        if Shape.MAP in shapes:
            self._maps(old, new, node, path)
        if Shape.LIST in shapes and node is not None:
            self._lists(old, new, node, path)
        if isinstance(old, Absent):
            self.added.append(path)
        elif isinstance(new, Absent):
            self.removed.append(path)

    def _leaf(self, old: Value | Absent, new: Value | Absent, path: Path) -> None:
        if isinstance(old, Absent):
            self.added.append(path)
        elif isinstance(new, Absent):
            self.removed.append(path)
        elif not same(old, new):
            self.modified.append(path)

    def _maps(self, old: Value | Absent, new: Value | Absent, node: Node | None, path: Path) -> None:
        left = old if isinstance(old, Mapping) else {}
        right = new if isinstance(new, Mapping) else {}
        for key in dict.fromkeys([*left, *right]):
            below = node.child(key) if node is not None else None
            self.compare(left.get(key, ABSENT), right.get(key, ABSENT), below, (*path, field(key)))

    def _lists(self, old: Value | Absent, new: Value | Absent, node: Node, path: Path) -> None:
        left, right = _grouped(old, node), _grouped(new, node)
        for element in dict.fromkeys([*left, *right]):
            olds, news = left.get(element, []), right.get(element, [])
            below = (*path, element)
            if len(olds) > 1 and len(news) > 1:
                if not same(olds, news):
                    self.modified.append(below)
            elif len(olds) > 1:
                # What is there twice is owned as a whole, and named anew when it is single again.
                if news:
                    self.compare(ABSENT, news[0], node.items, below)
                self.removed.append(below)
            elif len(news) > 1:
                if olds:
                    self.compare(olds[0], ABSENT, node.items, below)
                self.added.append(below)
            else:
                self.compare(olds[0] if olds else ABSENT, news[0] if news else ABSENT, node.items, below)


def _both_empty(old: Value | Absent, new: Value | Absent) -> bool:
    return all(side is None or isinstance(side, Absent) or side in ({}, [], ()) for side in (old, new))


def _grouped(value: Value | Absent, node: Node) -> dict[Element, list[Value]]:
    groups: dict[Element, list[Value]] = {}
    if isinstance(value, list | tuple):
        for element, item in elements_of(value, node):
            groups.setdefault(element, []).append(item)
    return groups
