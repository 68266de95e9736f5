"""What is known about the values of an expression's parts: types for the check against schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rulectl.expression.kind import ANY, Kind
from rulectl.openapi import Node

_KINDS = {
    "object": Kind.OBJECT,
    "array": Kind.ARRAY,
    "string": Kind.STRING,
    "integer": Kind.NUMBER,
    "number": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
}


@dataclass(frozen=True, slots=True)
class Anything:
    """A value of which nothing is known, except perhaps its JSON types."""

    kind: Kind = ANY


@dataclass(frozen=True, slots=True)
class Of:
    """A value that a schema describes.

    `name` is the field's, for a whole object its kind. `is_sure`: it is there in every object.
    """

    node: Node
    name: str
    is_sure: bool = False
    is_whole: bool = False
    """Whether it is a whole object, with apiVersion, kind and metadata."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that the expression makes or that a schema describes, of such elements; null where its base is."""

    element: Shape


@dataclass(frozen=True, slots=True)
class Record:
    """An object with these keys; `is_closed`: and no others."""

    fields: Mapping[str, Shape] = field(default_factory=dict)
    is_closed: bool = True


Shape: TypeAlias = Anything | Of | Listing | Record
ANYTHING = Anything()
TEXT = Anything(Kind.STRING | Kind.NULL)


def kinds_of(shape: Shape) -> Kind:
    """The JSON types that a value of this shape may have; null is always among them but for literals."""
    match shape:
        case Anything(kind):
            return kind
        case Listing():
            return Kind.ARRAY | Kind.NULL
        case Record():
            return Kind.OBJECT
        case Of(node):
            if node.int_or_string:
                return Kind.NUMBER | Kind.STRING | Kind.NULL
            if node.quantity:
                return Kind.STRING | Kind.NULL
            return _KINDS.get(node.type, ANY) | Kind.NULL


def known_names(node: Node) -> list[str]:
    """The fields that the schema names."""
    return list(node.properties)


def is_object(node: Node) -> bool:
    """Whether the schema says that an object stands here."""
    return node.type == "object" or bool(node.properties)
