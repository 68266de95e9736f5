"""Builds nodes from YAML events: bounded in depth and expansion, no tags, no duplicate keys, 1.2 scalars."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

import msgspec
import yaml

from rulectl.rule.advice import HELM, is_template
from rulectl.rule.faults import Faults
from rulectl.rule.node import Node
from rulectl.rule.scalar import AmbiguousScalar, resolve
from rulectl.rule.source import Source
from rulectl.value import Value

MAX_DEPTH = 100
"""Mappings and lists inside each other; the deepest Kubernetes schemas stay below 60."""
MAX_EXPANSION = 1024 * 1024
"""What all aliases of a document may add, in characters plus nodes."""

_VALUE_IS_KNOWN = frozenset({"RC105", "RC106", "RC107"})
"""Faults after which the rest of the document can still be checked."""

_Start: TypeAlias = "yaml.MappingStartEvent | yaml.SequenceStartEvent"


class _OpenMapping(msgspec.Struct):
    """A mapping that is being filled.

    `key` is the key whose value comes next, None while a key is awaited. `as_key`: it stands
    where a key should.
    """

    node: Node
    anchor: str | None
    as_key: bool
    keys: dict[str, tuple[int, int]]
    children: dict[str, Node]
    value: dict[str, Value]
    key: tuple[str, int, int] | None = None


class _OpenList(msgspec.Struct):
    """A list that is being filled."""

    node: Node
    anchor: str | None
    as_key: bool
    children: list[Node]
    value: list[Value]


class Composer:
    """Turns the events of one parse, which began at index `base` of the file, into document roots."""

    def __init__(self, source: Source, base: int, faults: Faults, lifted: Collection[int] = ()) -> None:
        """`lifted`: where the text that was parsed has a letter in the place of a ``!``."""
        self._source = source
        self._base = base
        self._faults = faults
        self._lifted = lifted
        self.document_start = base
        """Where the document that is being read begins."""
        self._reset()

    def _reset(self) -> None:
        self._anchors: dict[str, Node | None] = {}
        self._open: list[_OpenMapping | _OpenList] = []
        self._expanded = 0
        self._root: Node | None = None
        self._usable = True
        self._sound = True

    def roots(self, events: Iterable[yaml.Event]) -> Iterator[tuple[Node, bool]]:
        """The root of each document as soon as it is complete, and whether nothing was wrong with it.

        A document whose values cannot be known for a fault in it is left out.

        Raises:
            yaml.YAMLError: the syntax is broken; the documents before that have been given.
        """
        for event in events:
            match event:
                case yaml.ScalarEvent():
                    self._scalar(event)
                case yaml.CollectionEndEvent():
                    self._finish(event)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._begin(event)
                case yaml.AliasEvent():
                    self._alias(event)
                case yaml.DocumentStartEvent():
                    self._reset()
                    self.document_start = self._span(event)[0]
                case yaml.DocumentEndEvent() if self._root is not None and self._usable:
                    yield self._root, self._sound
                case _:
                    pass
            if self._faults.full or len(self._open) > MAX_DEPTH:
                return

    def _span(self, event: yaml.Event) -> tuple[int, int]:
        assert event.start_mark is not None
        assert event.end_mark is not None
        return self._base + event.start_mark.index, self._base + event.end_mark.index

    def _fault(self, code: str, message: str, start: int, end: int | None, hint: str) -> None:
        self._sound = False
        self._usable = self._usable and code in _VALUE_IS_KNOWN
        self._faults.report(code, message, start, end, hint)

    def _takes_key(self) -> _OpenMapping | None:
        """The mapping that awaits a key, None where a value is awaited."""
        top = self._open[-1] if self._open else None
        return top if isinstance(top, _OpenMapping) and top.key is None else None

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        start, end = self._span(event)
        style = event.style or ""
        top = self._takes_key()
        if top is not None:
            if event.tag is not None:
                self._tag(event, start)
            self._key(top, event.value, start, end, is_plain=not style)
            return
        if event.anchor is not None:
            start = self._after_anchor(start, end, event.anchor)
        value: Value = event.value
        is_faulty = False
        if event.tag is not None:
            value = self._tag(event, start)
        elif start in self._lifted:
            value, self._sound = f"!{event.value[1:]}", False
        elif not style:
            try:
                value = resolve(event.value)
            except AmbiguousScalar as fault:
                is_faulty = True
                self._fault("RC107", str(fault), start, end, fault.hint)
        node = Node(start, end, style, value, weight=1 + len(event.value), is_faulty=is_faulty)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        self._attach(node)

    def _after_anchor(self, start: int, end: int, anchor: str) -> int:
        text = self._source.text
        index = text.find(f"&{anchor}", start, end)
        index = start if index < 0 else index + 1 + len(anchor)
        while index < end and text[index].isspace():
            index += 1
        return index

    def _key(self, top: _OpenMapping, text: str, start: int, end: int, *, is_plain: bool) -> None:
        top.key = (text, start, end)
        if is_plain and text == "<<":
            self._fault("RC111", "YAML merge keys (<<) are not supported", start, end, "write the keys out")
        elif is_plain and not text:
            self._fault("RC110", "a key is missing before the colon", start, start + 1, "write the key")
        elif text in top.keys:
            line = self._source.place(top.keys[text][0]).line
            hint = f"it is written in line {line} already; remove one of the two"
            self._fault("RC105", f"the key {text!r} occurs twice in this mapping", start, end, hint)

    def _tag(self, event: yaml.ScalarEvent | _Start, start: int) -> str:
        """Reports a tag; gives the text that was most likely meant."""
        line = self._source.text[start : start + 200].split("\n", 1)[0].rstrip()
        written = line.split(" ", 1)[0] if line.startswith("!") else str(event.tag)
        hint = "rule files need no tags: remove it"
        if isinstance(event, yaml.ScalarEvent) and not written.startswith(("!!", "tag:")):
            hint = f'a word that begins with ! is a tag to YAML: quote the term, "{line}"'
        self._fault("RC106", f"the YAML tag {written} is not supported", start, start + len(written), hint)
        return line

    def _begin(self, event: _Start) -> None:
        start, end = self._span(event)
        if event.tag is not None:
            self._tag(event, start)
        if len(self._open) >= MAX_DEPTH:
            message = f"mappings and lists are nested more than {MAX_DEPTH} deep"
            self._fault("RC109", message, start, None, "a rule needs far less; is a bracket missing?")
        as_key = self._takes_key() is not None
        if as_key:
            line = self._source.line(self._source.place(start).line)
            hint = HELM if is_template(line) else "quote it if it is text"
            self._fault("RC110", "a key must be text, not a mapping or a list", start, None, hint)
        node = Node(start, end, "{" if event.flow_style else "")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        top: _OpenMapping | _OpenList
        if isinstance(event, yaml.MappingStartEvent):
            top = _OpenMapping(node, event.anchor, as_key, {}, {}, {})
            node.keys = top.keys
        else:
            top = _OpenList(node, event.anchor, as_key, [], [])
        node.children, node.value = top.children, top.value
        self._open.append(top)

    def _finish(self, event: yaml.Event) -> None:
        done = self._open.pop()
        node = done.node
        node.end = self._span(event)[1]
        if done.anchor is not None:
            self._anchors[done.anchor] = node
        if done.as_key:
            self._stand_in(node.start, node.start)
            return
        self._attach(node)

    def _stand_in(self, start: int, end: int) -> None:
        """Goes on as if there were an empty key where something else stands."""
        top = self._takes_key()
        if top is not None:
            top.key = ("", start, end)

    def _alias(self, event: yaml.AliasEvent) -> None:
        start, end = self._span(event)
        name = str(event.anchor)
        node = self._anchors.get(name)
        if node is None:
            if name in self._anchors:
                message, hint = f"the alias *{name} stands inside what it names", "write the value out"
            else:
                message, hint = f"the alias *{name} names nothing", f'for text write "*{name}" in quotes'
            self._fault("RC108", message, start, end, hint)
            node = Node(start, end)
        self._expanded += node.weight
        if self._expanded > MAX_EXPANSION and self._usable:
            self._fault("RC108", "the aliases of this document expand too far", start, end, "write fewer aliases")
        if not self._usable:
            node = Node(start, end)
        if self._takes_key() is not None:
            self._fault("RC110", "a key must be text, not an alias", start, end, "write the key out")
            self._stand_in(start, end)
            return
        self._attach(node)

    def _attach(self, node: Node) -> None:
        """Puts a finished node where it belongs."""
        if not self._open:
            self._root = node
            return
        top = self._open[-1]
        top.node.weight += node.weight
        if isinstance(top, _OpenList):
            top.children.append(node)
            top.value.append(node.value)
            return
        assert top.key is not None
        text, start, end = top.key
        top.key = None
        if text not in top.children:
            top.children[text], top.value[text] = node, node.value
            top.keys[text] = (start, end)
            top.node.weight += len(text)
