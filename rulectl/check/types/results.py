"""What functions give, where the types of their arguments say more than their signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from rulectl.check.types.declared import entries_of, field_of
from rulectl.check.types.type import (
    ANYTHING,
    NUMBER,
    TEXT,
    Type,
    join,
    list_of,
    one_of,
    record,
)
from rulectl.expression.kind import Kind
from rulectl.expression.syntax import Literal, MultiSelectList, Syntax
from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a call: their nodes and types; an ``&expression`` has the type of its value for an element."""

    nodes: tuple[Syntax, ...]
    types: tuple[Type, ...]

    def literal(self, position: int) -> Value:
        """The value of an argument that is a literal, or a list of literals; else null."""
        node = self.nodes[position] if position < len(self.nodes) else None
        if isinstance(node, MultiSelectList):
            values = [part.value for part in node.parts if isinstance(part, Literal)]
            return values if len(values) == len(node.parts) else None
        return node.value if isinstance(node, Literal) else None


Result: TypeAlias = Callable[[Arguments], Type]


def below(owner: Type, path: Sequence[str]) -> Type:
    """What stands at a path of keys below `owner`; nothing is known where a schema does not have it."""
    for key in path:
        if not owner.may_be(Kind.OBJECT) or owner.objects is None:
            return ANYTHING
        found = [field_of(part, key) for part in owner.objects]
        owner = join(one for one in found if one is not None) if any(found) else ANYTHING
    return owner


def _entry(section: str) -> Result:
    def of(arguments: Arguments) -> Type:
        entries = below(arguments.types[0], ("metadata", section))
        found = _entries(entries)
        return replace(found, name=str(arguments.literal(1) or section)).or_null() if found.is_known else ANYTHING

    return of


def _entries(owner: Type) -> Type:
    if not owner.may_be(Kind.OBJECT) or owner.objects is None:
        return ANYTHING
    return join(entries_of(part) for part in owner.objects)


def _condition(arguments: Arguments) -> Type:
    conditions = below(arguments.types[0], ("status", "conditions"))
    return replace(conditions.items(), name="a condition").or_null() if conditions.element else ANYTHING


def _owner(arguments: Arguments) -> Type:
    return below(arguments.types[0], ("metadata", "ownerReferences")).items().or_null()


def _default(arguments: Arguments) -> Type:
    value, fallback = arguments.types
    return join([value.without_null(), fallback]) if value.may_be(Kind.NULL) else value


def _not_null(arguments: Arguments) -> Type:
    *first, last = arguments.types
    return join([*(one.without_null() for one in first), last])


def _get(arguments: Arguments) -> Type:
    path = arguments.literal(1)
    keys = path if isinstance(path, list | tuple) else [path]
    texts = [key for key in keys if isinstance(key, str)]
    if len(texts) < len(keys) or not texts:
        return ANYTHING
    found = below(arguments.types[0], texts).or_null()
    return join([found, arguments.types[2]]) if len(arguments.types) > 2 else found


def _keys(_: Arguments) -> Type:
    return list_of(TEXT)


def _values(arguments: Arguments) -> Type:
    return list_of(_entries(arguments.types[0]))


def _same_list(arguments: Arguments) -> Type:
    return list_of(arguments.types[0].items(), name=arguments.types[0].name)


def _strict_same_list(arguments: Arguments) -> Type:
    is_nullable = any(one.may_be(Kind.NULL) for one in arguments.types)
    return _same_list(arguments).or_null() if is_nullable else _same_list(arguments)


def _one(arguments: Arguments) -> Type:
    return arguments.types[0].items().or_null()


def _map(arguments: Arguments) -> Type:
    return list_of(arguments.types[0])


def _to_array(arguments: Arguments) -> Type:
    given = arguments.types[0]
    single = list_of(replace(given, kinds=given.kinds & ~Kind.ARRAY))
    return join([list_of(given.items()), single]) if given.may_be(Kind.ARRAY) else single


def _texts(arguments: Arguments) -> Type:
    is_nullable = any(one.may_be(Kind.NULL) for one in arguments.types)
    return list_of(TEXT).or_null() if is_nullable else list_of(TEXT)


def _items(arguments: Arguments) -> Type:
    key, value = arguments.literal(1), arguments.literal(2)
    if not isinstance(key, str) or not isinstance(value, str) or key == value:
        return list_of(ANYTHING).or_null()
    given = arguments.types[0]
    name = TEXT if not given.may_be(Kind.ARRAY) else NUMBER if not given.may_be(Kind.OBJECT) else ANYTHING
    parts = [given.items()] if given.may_be(Kind.ARRAY) else []
    parts += [_entries(given)] if given.may_be(Kind.OBJECT) else []
    pair = record({key: name, value: join(parts)})
    return list_of(pair).or_null() if given.may_be(Kind.NULL) else list_of(pair)


RESULTS: Mapping[str, Result] = {
    "annotation": _entry("annotations"),
    "label": _entry("labels"),
    "condition": _condition,
    "owner": _owner,
    "default": _default,
    "not_null": _not_null,
    "get": _get,
    "lookup": lambda arguments: _get(arguments) if isinstance(arguments.literal(1), str) else ANYTHING,
    "keys": _keys,
    "values": _values,
    "sort": _same_list,
    "sort_by": _same_list,
    "unique": _strict_same_list,
    "difference": _strict_same_list,
    "intersection": _strict_same_list,
    "max": _one,
    "min": _one,
    "max_by": _one,
    "min_by": _one,
    "map": _map,
    "to_array": _to_array,
    "split": _texts,
    "items": _items,
    "length": lambda _: Type(Kind.NUMBER, format="count"),
    "type": lambda _: one_of("string", "number", "boolean", "array", "object", "null"),
}
"""Of built-in functions only: a plugin's of the same name cannot be, and of others only the signature is known."""
