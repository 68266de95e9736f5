"""Which of the kept fields differ between two states of an object: one look for all who read some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from msgspec import Struct, to_builtins

from rulectl.fields import NOTHING, FieldTree
from rulectl.value import encode, same

EVERYTHING = -1
"""Not known which: look at the fields themselves."""
_VERSION = "resourceVersion"
_DEEPEST = 24
"""Code cannot be indented without end: what differs deeper counts for all that is read there."""
_Compare: TypeAlias = Callable[[Any, Any], int]


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
    children: Mapping[str, tuple[str, _Node]]
    """With the slot in which each stands."""

    def code(self, slot: str, depth: int) -> Iterator[str]:
        """Lines that add to ``found`` the leaves below this node in which ``old`` and ``new`` differ.

        They stand in a function at `depth`, where ``o{depth}`` and ``n{depth}`` have the node in `slot`.
        """
        indent, inner = "    " * (depth + 1), depth + 1
        mine, theirs = f"o{inner}", f"n{inner}"
        yield f"{indent}{mine} = o{depth}.{slot}; {theirs} = n{depth}.{slot}"
        yield f"{indent}if {mine} is not {theirs}:"
        differs = f"{mine} != {theirs} or type({mine}) is not str and unlike({mine}, {theirs})"
        if not self.children or depth > _DEEPEST:
            yield f"{indent}    if {differs}: found |= {self.bits}"
            return
        yield f"{indent}    if not (type({mine}) is type({theirs}) and isinstance({mine}, Struct)):"
        yield f"{indent}        if {differs}: found |= {self.bits}"
        yield f"{indent}    else:"
        for child_slot, child in self.children.values():
            for line in child.code(child_slot, inner):
                yield f"    {line}"

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
        self._metadata = {name: (slot, self._node(inner.fields[name])) for slot, name in metadata.items()}
        self._root = {name: (slot, self._node(tree.fields[name])) for slot, name in root.items()}
        self._version = self._bit() if _VERSION in inner.fields else 0
        self.changed: _Compare = self._compiled()
        """The leaves in which two objects of the generated class differ, as bits; 0: they are the same as JSON."""

    def _compiled(self) -> _Compare:
        """One function for this very shape: no loop, no look-up, and a call only where two containers are equal."""
        version = f"{self._version} if old.resource_version != new.resource_version else 0" if self._version else "0"
        lines = ["def changed(old, new):", f"    found = {version}", "    o0 = old.metadata; n0 = new.metadata"]
        for slot, node in self._metadata.values():
            lines += node.code(slot, 0)
        lines += ["    o0 = old; n0 = new"]
        for slot, node in self._root.values():
            lines += node.code(slot, 0)
        lines += ["    return found"]
        names: dict[str, Any] = {"unlike": _unlike, "Struct": Struct}
        exec(compile("\n".join(lines), "<rulectl comparison>", "exec"), names)  # noqa: S102 - numbers and our own names only
        compare: _Compare = names["changed"]
        return compare

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
        children: dict[str, tuple[str, _Node]] = {}
        if not tree.whole and tree.entries is None:
            children = {
                name: (f"f{index}", self._node(child)) for index, (name, child) in enumerate(tree.fields.items())
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


def _unlike(old: Any, new: Any) -> bool:
    """Whether two values that Python holds for equal differ as JSON: for Python true is 1."""
    if type(old) is not type(new):
        return not same(old, new)
    return encode(old) != encode(new) and not same(to_builtins(old), to_builtins(new))
