"""One YAML or JSON document: its plain value, and the place in the file of every part of it."""

from __future__ import annotations

from typing import Protocol

from rulectl.problem import Place, Problem, Severity
from rulectl.rule.node import Node, Path
from rulectl.rule.offset import source_index
from rulectl.rule.source import Source
from rulectl.value import Value


class Placed(Protocol):
    """A value whose parts have places; parts may come from more than one file."""

    @property
    def value(self) -> Value:
        """The plain value."""
        ...

    def place(self, path: Path, *, key: bool = False, offset: int | None = None, end: int | None = None) -> Place:
        """See `Document.place`."""
        ...

    def problem(
        self,
        code: str,
        message: str,
        path: Path,
        *,
        key: bool = False,
        offset: int | None = None,
        end: int | None = None,
        hint: str = "",
        severity: Severity = Severity.ERROR,
        rule: str = "",
    ) -> Problem:
        """See `Document.problem`."""
        ...

    def rest_of_line(self, path: Path) -> str:
        """See `Document.rest_of_line`."""
        ...


class Document:
    """One document of a file. Values are shared and read-only; aliases are expanded by sharing."""

    def __init__(self, source: Source, root: Node, *, sound: bool = True) -> None:
        self.source = source
        self.root = root
        self.sound = sound
        """Whether reading found no fault in it; an unsound document is checked on, but not used."""

    @property
    def file(self) -> str:
        """The file's name as problems show it."""
        return self.source.file

    @property
    def value(self) -> Value:
        """The plain value."""
        return self.root.value

    def place(self, path: Path, *, key: bool = False, offset: int | None = None, end: int | None = None) -> Place:
        """Where the value at `path` is written, or with `key` the key that leads to it.

        With `offset` (and `end`) the place of a part of a scalar's value: exact in every YAML
        style, for escapes and folded lines too. For a path that leads nowhere: the place of
        the last step that does. A value that is left empty is shown by its key.
        """
        node, parent = self.root, None
        last: str | int = ""
        for step in path:
            below = node.child(step)
            if below is None:
                key = key or node.start == node.end
                break
            parent, node, last = node, below, step
        key_span = parent.keys.get(last) if parent is not None and parent.keys and isinstance(last, str) else None
        if key_span is not None and (key or node.start == node.end):
            return self.source.place(*key_span)
        if offset is None or not isinstance(node.value, str):
            return self.source.place(node.start, node.end if node.children is None else self._head_end(node))
        first = self._index(node, node.value, offset)
        until = self._index(node, node.value, max(offset, end - 1)) + 1 if end is not None else None
        return self.source.place(first, until)

    def problem(
        self,
        code: str,
        message: str,
        path: Path,
        *,
        key: bool = False,
        offset: int | None = None,
        end: int | None = None,
        hint: str = "",
        severity: Severity = Severity.ERROR,
        rule: str = "",
    ) -> Problem:
        """A problem with the value (or its `key`) at `path`; see `place`."""
        place = self.place(path, key=key, offset=offset, end=end)
        return self.source.problem(code, message, place, hint=hint, severity=severity, rule=rule)

    def is_faulty(self, path: Path) -> bool:
        """Whether a fault has been told already of the very scalar at `path`."""
        node: Node | None = self.root
        for step in path:
            node = node.child(step) if node is not None else None
        return node is not None and node.is_faulty

    def rest_of_line(self, path: Path) -> str:
        """What follows a plain scalar on its line: a comment there may be a cut-off piece of it."""
        node: Node | None = self.root
        for step in path:
            node = node.child(step) if node is not None else None
        if node is None or node.style or not isinstance(node.value, str):
            return ""
        return self.source.text[node.end : node.end + 200].partition("\n")[0]

    def _index(self, node: Node, value: str, offset: int) -> int:
        return source_index(self.source.text, (node.start, node.end), node.style, value, offset)

    @staticmethod
    def _head_end(node: Node) -> int | None:
        return next(iter(node.keys.values()))[1] if node.keys and not node.style else None
