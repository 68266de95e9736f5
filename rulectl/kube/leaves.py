"""Which of the kept fields differ between two states of an object: one look for all who read some of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeAlias

from msgspec import Struct

from rulectl.fields import NOTHING, FieldTree
from rulectl.kube.object import KubeObject
from rulectl.value import encode

EVERYTHING = -1
"""Not known which: look at the fields themselves."""
_VERSION = "resourceVersion"
_Get: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Part:
    """The leaves that a reader's tree touches. `exact`: it reads these as far as they are kept."""

    bits: int
    exact: bool

    def __or__(self, other: Part) -> Part:
        return Part(self.bits | other.bits, self.exact and other.exact)


_NO_PART = Part(0, exact=True)


@dataclass(frozen=True, slots=True)
class _Node:
    """`children` of a node that is a struct, by JSON key; a leaf has none."""

    tree: FieldTree
    bits: int
    children: Mapping[str, tuple[_Get, _Node]]

    def changed(self, old: Any, new: Any) -> int:
        """The leaves below this node in which the two differ."""
        if old is new:
            return 0
        kind = type(old)
        if kind is not type(new):
            return self.bits
        if kind is str:
            return 0 if old == new else self.bits
        # Equal bytes, as Python holds true == 1; two orders of the same keys pass for a change, which harms nobody.
        if old == new and encode(old) == encode(new):
            return 0
        if not self.children or not isinstance(old, Struct):
            return self.bits
        found = 0
        for get, child in self.children.values():
            found |= child.changed(get(old), get(new))
        return found

    def part(self, tree: FieldTree) -> Part:
        """What `tree`, a reader's, has to do with this node."""
        if not self.children:
            return Part(self.bits, tree.covers(self.tree))
        if tree.whole:
            return Part(self.bits, exact=True)
        if tree == NOTHING or tree.items is not None or tree.entries is not None:
            return Part(self.bits, exact=False)
        found = _NO_PART
        for name, child in tree.fields.items():
            if name in self.children:
                found |= self.children[name][1].part(child)
        return found


class Leaves:
    """Numbers the leaves of a projected type. Made with the type, so `tree` and slots belong together."""

    def __init__(self, tree: FieldTree, metadata: Mapping[str, str], root: Mapping[str, str]) -> None:
        """`metadata` and `root` map the slots of the generated classes to JSON keys, those of the identity left out."""
        self._next = 1
        inner = tree.child("metadata") or NOTHING
        self._metadata = {name: (attrgetter(slot), self._node(inner.fields[name])) for slot, name in metadata.items()}
        self._root = {name: (attrgetter(slot), self._node(tree.fields[name])) for slot, name in root.items()}
        self._version = self._bit() if _VERSION in inner.fields else 0

    def changed(self, old: KubeObject, new: KubeObject) -> int:
        """The leaves in which two objects of the generated class differ, as bits.

        Nothing that differs is left out; what differs only in the order of an object's keys may be in it.
        """
        found = self._version if old.resource_version != new.resource_version else 0
        before, after = old.metadata, new.metadata  # type: ignore[attr-defined]  # every generated class has it
        for get, node in self._metadata.values():
            found |= node.changed(get(before), get(after))
        for get, node in self._root.values():
            found |= node.changed(get(old), get(new))
        return found

    def part(self, tree: FieldTree) -> Part:
        """The leaves that a reader of `tree` reads."""
        if tree.whole or tree.items is not None or tree.entries is not None:
            return Part(EVERYTHING, exact=False)
        found = _NO_PART
        for name, child in tree.fields.items():
            if name == "metadata":
                found |= self._metadata_part(child)
            elif name in self._root:
                found |= self._root[name][1].part(child)
        return found

    def _metadata_part(self, tree: FieldTree) -> Part:
        if tree.whole or tree == NOTHING or tree.items is not None or tree.entries is not None:
            return Part(EVERYTHING, exact=False)
        found = _NO_PART
        for name, child in tree.fields.items():
            if name == _VERSION:
                found |= Part(self._version, exact=True)
            elif name in self._metadata:
                found |= self._metadata[name][1].part(child)
        return found

    def _node(self, tree: FieldTree) -> _Node:
        children: dict[str, tuple[_Get, _Node]] = {}
        if not tree.whole and tree.entries is None:
            children = {
                name: (attrgetter(f"f{index}"), self._node(child))
                for index, (name, child) in enumerate(tree.fields.items())
            }
        bits = 0
        for _, child in children.values():
            bits |= child.bits
        # A node with children has a leaf of its own for the elements of the list that may stand there instead.
        if not children or tree.items is not None:
            bits |= self._bit()
        return _Node(tree, bits, children)

    def _bit(self) -> int:
        bit, self._next = self._next, self._next << 1
        return bit
