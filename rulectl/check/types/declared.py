"""From a schema to types: what stands below a field, a list, a map."""

from __future__ import annotations

from rulectl.check.types.known import closed, usual
from rulectl.check.types.type import ANYTHING, SCALARS, Declared, Fields, Record, Type, join
from rulectl.expression.kind import ANY, Kind
from rulectl.openapi import Node
from rulectl.value import Value

_KINDS = {
    "object": Kind.OBJECT,
    "array": Kind.ARRAY,
    "string": Kind.STRING,
    "integer": Kind.NUMBER,
    "number": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
}
ELEMENT = "an element of "
"""How the names of elements begin."""
_IN_ALL = frozenset({"apiVersion", "kind", "metadata", "spec"})
_IN_ALL_METADATA = frozenset({"name", "namespace", "uid", "creationTimestamp", "resourceVersion"})
_EMBEDDED = frozenset({"apiVersion", "kind", "metadata"})


def object_of(node: Node, name: str) -> Type:
    """A whole object of the kind `name`."""
    return Type(Kind.OBJECT, objects=(Declared(node, name, is_whole=True),), values=(), name=name, is_sure=True)


def type_of(node: Node, name: str, *, is_sure: bool = False) -> Type:
    """What a schema lets stand at a place called `name`, null included: fields may be absent."""
    kinds = kinds_of(node)
    is_text = kinds == Kind.STRING
    return Type(
        kinds | Kind.NULL,
        objects=(Declared(node, name),) if Kind.OBJECT in kinds and _says_fields(node) else None,
        element=_element(node, name) if Kind.ARRAY in kinds else None,
        values=_values(node, kinds),
        name=name,
        format="quantity" if node.quantity else node.format if is_text else "",
        is_sure=is_sure,
    )


def kinds_of(node: Node) -> Kind:
    """The JSON types that a schema allows, null left out."""
    if node.int_or_string:
        return Kind.NUMBER | Kind.STRING
    if node.quantity:
        return Kind.STRING  # the server writes them as text, whatever was sent
    if not node.type and node.properties:
        return Kind.OBJECT
    return _KINDS.get(node.type, ANY) & ~Kind.NULL


def field_of(fields: Fields, name: str, *, is_sure: bool = False) -> Type | None:
    """What stands at a key of an object; None: it never has that key. `is_sure`: the object is always there."""
    match fields:
        case Record(known, rest):
            return known.get(name, rest)
        case Declared(node, owner, is_whole):
            child = node.child(name)
            if child is None:
                is_open = node.open or (node.embedded_resource and name in _EMBEDDED)
                return ANYTHING if is_open else None
            there = _IN_ALL if is_whole else _IN_ALL_METADATA if owner == "metadata" else frozenset[str]()
            found = type_of(child, name, is_sure=is_sure and (name in node.required or name in there))
            return _with_values(found, node, name) if name in node.properties else found


def entries_of(fields: Fields) -> Type:
    """What the values of an object's keys are, of all together."""
    match fields:
        case Record(known, rest):
            return join([*known.values(), *([rest] if rest is not None else [])])
        case Declared(node, owner):
            if node.properties or node.additional is None:
                return ANYTHING
            return type_of(node.additional, f"an entry of {owner}" if owner else "an entry")


def names_of(fields: Fields) -> list[str]:
    """The keys that are known by name."""
    return list(fields.fields if isinstance(fields, Record) else fields.node.properties)


def _values(node: Node, kinds: Kind) -> tuple[Value, ...] | None:
    if not kinds & SCALARS:
        return ()
    scalars = tuple(value for value in node.enum if isinstance(value, str | int | float))
    return scalars if node.enum else None


def _element(node: Node, name: str) -> Type | None:
    return None if node.items is None else type_of(node.items, f"{ELEMENT}{name}").without_null()


def _says_fields(node: Node) -> bool:
    return bool(node.properties) or node.additional is not None


def _with_values(found: Type, owner: Node, field: str) -> Type:
    """`found` with what is known beyond the schema."""
    if found.kinds & ~Kind.NULL != Kind.STRING or found.values:
        return found
    values = closed(owner, field) or None
    known = usual(owner, field)
    if values is None and not known:
        return found
    return Type(
        found.kinds, objects=None, values=values, usual=known, name=found.name, format="", is_sure=found.is_sure
    )
