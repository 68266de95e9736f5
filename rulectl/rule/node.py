"""A YAML value with its place: what reading a file gives before anything is known about rules."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from rulectl.value import Value

Path: TypeAlias = tuple[str | int, ...]
"""The keys and indexes that lead from a document's root to a value."""


class Node(msgspec.Struct):
    """One value of a document, bounded by indexes into the file's text.

    `keys` holds where each key of a mapping is written. An aliased node is
    one object that is reached by several paths; its place is where the anchor is. `weight`
    counts characters and nodes below, aliases expanded: what walking over the value costs.
    """

    start: int
    end: int = 0
    style: str = ""
    value: Value = None
    keys: dict[str, tuple[int, int]] | None = None
    children: dict[str, Node] | list[Node] | None = None
    weight: int = 1
    is_faulty: bool = False
    """Whether a fault was told of this very scalar, so that its value means nothing."""

    def child(self, step: str | int) -> Node | None:
        """The node one step down; None when there is none."""
        if isinstance(self.children, dict):
            return self.children.get(step) if isinstance(step, str) else None
        if isinstance(self.children, list) and isinstance(step, int) and 0 <= step < len(self.children):
            return self.children[step]
        return None
