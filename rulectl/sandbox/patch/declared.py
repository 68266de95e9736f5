"""Whether an applied configuration keeps to the schema, as far as merging it depends on that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rulectl.openapi import Node
from rulectl.sandbox.patch.element import Path, field, shown
from rulectl.sandbox.patch.shape import element_of, is_associative
from rulectl.value import Value


def undeclared(value: Value, node: Node | None, path: Path = ()) -> Iterator[str]:
    """What cannot be merged: unknown fields, values of a wrong make, list items without a name of their own.

    Messages are the server's, such as ``.spec.colour: field not declared in schema``.
    """
    if node is None or value is None or node.anything:
        return
    match value:
        case Mapping():
            if node.type not in ("object", ""):
                yield f"{shown(path)}: expected {_expected(node)}, got a map"
                return
            for key, part in value.items():
                below = (*path, field(key))
                if key not in node.properties and not node.open:
                    yield f"{shown(below)}: field not declared in schema"
                yield from undeclared(part, node.child(key), below)
        case list() | tuple():
            if node.type not in ("array", ""):
                yield f"{shown(path)}: expected {_expected(node)}, got a list"
                return
            yield from _items(value, node, path)
        case _:
            if not _fits(value, node):
                yield f"{shown(path)}: expected {_expected(node)}, got {_told(value)}"


def _items(value: list[Value] | tuple[Value, ...], node: Node, path: Path) -> Iterator[str]:
    if not is_associative(node):
        for place, item in enumerate(value):
            yield from undeclared(item, node.items, (*path, f"i:{place}"))
        return
    seen: set[str] = set()
    for place, item in enumerate(value):
        try:
            element = element_of(item, node)
        except ValueError as fault:
            yield f"{shown(path)}: element {place}: {fault}"
            continue
        if element in seen:
            yield f"{shown(path)}: duplicate entries for key {shown((element,))}"
        seen.add(element)
        yield from undeclared(item, node.items, (*path, element))


def _fits(value: Value, node: Node) -> bool:
    if node.int_or_string or node.quantity or node.type == "":
        return True
    match node.type:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer" | "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:
            return False


def _expected(node: Node) -> str:
    kinds = {
        "object": "map",
        "array": "list",
        "integer": "numeric (int or float)",
        "number": "numeric (int or float)",
    }
    return kinds.get(node.type, node.type or "scalar")


def _told(value: Value) -> str:
    kind = {bool: "boolean", str: "string", int: "int", float: "float"}.get(type(value), "value")
    return f"{kind} {value!r}" if kind != "string" else f'string "{value}"'
