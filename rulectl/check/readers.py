"""Who reads what: from a field to the rules whose trees may see a change of it, without looking at each rule."""

from __future__ import annotations

from dataclasses import dataclass, field

from rulectl.fields import FieldTree


class Readers:
    """Readers are known by number. Asking takes as long as the change and the answer are large."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, number: int, tree: FieldTree) -> None:
        """The reader `number` reads `tree`; an empty tree sees nothing."""
        if not is_empty(tree):
            self._root.add(number, tree)

    def of(self, changed: FieldTree) -> set[int]:
        """The readers whose trees overlap `changed`."""
        found: set[int] = set()
        if not is_empty(changed):
            self._root.collect(changed, found)
        return found


@dataclass(slots=True)
class _Node:
    """A node of many trees laid over each other: whose tree ends here, and whose comes here at all."""

    ends: set[int] = field(default_factory=set)
    all: set[int] = field(default_factory=set)
    fields: dict[str, _Node] = field(default_factory=dict)
    items: _Node | None = None
    entries: _Node | None = None

    def add(self, number: int, tree: FieldTree) -> None:
        self.all.add(number)
        if tree.whole or is_empty(tree):
            self.ends.add(number)
            return
        for name, part in tree.fields.items():
            self.fields.setdefault(name, _Node()).add(number, part)
        if tree.items is not None:
            self.items = self.items or _Node()
            self.items.add(number, tree.items)
        if tree.entries is not None:
            self.entries = self.entries or _Node()
            self.entries.add(number, tree.entries)

    def collect(self, changed: FieldTree, found: set[int]) -> None:
        if changed.whole or is_empty(changed):
            found |= self.all
            return
        found |= self.ends
        for name, part in changed.fields.items():
            for below in (self.fields.get(name), self.entries):
                if below is not None:
                    below.collect(part, found)
        if changed.entries is not None:
            for below in (*self.fields.values(), self.entries):
                if below is not None:
                    below.collect(changed.entries, found)
        if changed.items is not None and self.items is not None:
            self.items.collect(changed.items, found)


def is_empty(tree: FieldTree) -> bool:
    """Whether the tree has nothing set: at the root it reads nothing, below it ends there."""
    return not (tree.whole or tree.fields or tree.items or tree.entries)


def overlap(left: FieldTree, right: FieldTree) -> bool:
    """Whether a change of something in one tree may be seen in the other; an empty tree sees nothing."""
    readers = Readers()
    readers.add(0, right)
    return bool(readers.of(left))
