"""How the parts of a value hold together: whole, field by field, or item by item."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence

from rulectl.openapi import Node
from rulectl.sandbox.patch.element import Element, keyed, member
from rulectl.value import Value


class Shape(enum.Enum):
    """What a value is made of, for whoever merges it or says who owns which part.

    A LEAF belongs to one manager as a whole (scalars, atomic maps and lists); a MAP is owned field by
    field, a LIST item by item.
    """

    LEAF = enum.auto()
    MAP = enum.auto()
    LIST = enum.auto()


def shape(value: Value, node: Node | None) -> Shape:
    """The shape of a value that is there. Without a schema maps go field by field and lists are whole.

    Null takes the shape that the schema says, that of a map where nothing is known.
    """
    if isinstance(value, Mapping):
        return Shape.LEAF if node is not None and node.map_type == "atomic" else Shape.MAP
    if isinstance(value, list | tuple):
        return Shape.LIST if node is not None and is_associative(node) else Shape.LEAF
    if value is None:
        return _shape_of_null(node)
    return Shape.LEAF


def _shape_of_null(node: Node | None) -> Shape:
    if node is None or node.anything:
        return Shape.MAP
    if node.type == "array" and is_associative(node):
        return Shape.LIST
    return Shape.MAP if node.type == "object" and node.map_type != "atomic" else Shape.LEAF


def is_associative(node: Node) -> bool:
    """Whether a list's items have names of their own (list types map and set).

    A strategy of strategic merge counts where the schema gives no list type, as on the server.
    """
    if node.list_type:
        return node.list_type in ("map", "set")
    return "merge" in node.patch_strategy


def keys_of(node: Node) -> tuple[str, ...]:
    """The fields that name an item; empty when the item is its own name (a set)."""
    if node.list_type:
        return node.map_keys if node.list_type == "map" else ()
    return (node.merge_key,) if node.merge_key else ()


def element_of(item: Value, node: Node) -> Element:
    """The path element of an item of an associative list.

    Key fields that the item leaves out take the schema's default, or stay out where there is none.

    Raises:
        ValueError: the item cannot be named; the message says why.
    """
    keys = keys_of(node)
    if not keys:
        if item is None:
            raise ValueError("associative list without keys has an element that's an explicit null")
        if isinstance(item, Mapping | list | tuple):
            raise ValueError("associative list without keys has an element that's a map or list type")
        return member(item)
    if not isinstance(item, Mapping):
        told = "associative list with keys may not have non-map elements"
        raise ValueError(told)  # noqa: TRY004 - the data's fault, not the caller's
    named: dict[str, Value] = {}
    for key in keys:
        declared = node.items.properties.get(key) if node.items is not None else None
        if key in item:
            named[key] = item[key]
        elif declared is not None and declared.has_default:
            named[key] = declared.default
    if not named:
        told = " ".join(f'"{key}"' for key in keys)
        raise ValueError(
            f"associative list with keys has an element that omits all key fields [{told}]"
            " (and doesn't have default values for any key fields)"
        )
    return keyed(named)


def elements_of(items: Sequence[Value], node: Node) -> list[tuple[Element, Value]]:
    """The items with their path elements, in order.

    Raises:
        ValueError: an item cannot be named.
    """
    return [(element_of(item, node), item) for item in items]
