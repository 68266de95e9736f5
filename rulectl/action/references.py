"""Which Secrets a rule's parameters point to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from rulectl.action.permission import ANYWHERE, Permission, is_template
from rulectl.action.shape import ListShape, MapShape, RecordShape, Shape, UnionShape
from rulectl.resource import Kind
from rulectl.value import Value, mapping, text

SECRET: Final = Kind("v1", "Secret")


def secret_permissions(shape: Shape, parameters: Value) -> tuple[Permission, ...]:
    """To get each Secret that unrendered parameters point to; a name that is a template means any name."""
    found: dict[Permission, None] = {}
    for source in _sources(shape, parameters):
        reference = mapping(source.get("secretKeyRef"))
        if not reference:
            continue
        namespace, name = reference.get("namespace"), reference.get("name")
        where = ANYWHERE if is_template(namespace) else text(namespace) or None
        found[Permission(SECRET, ("get",), "", where, None if is_template(name) else text(name) or None)] = None
    return tuple(found)


def _sources(shape: Shape, value: Value) -> Iterator[Mapping[str, Value]]:
    match shape, value:
        case RecordShape(is_secret=True), Mapping():
            yield value
        case RecordShape(), Mapping():
            for key, part in value.items():
                known = shape.parameter(key)
                if known is not None:
                    yield from _sources(known.shape, part)
        case MapShape(inner), Mapping():
            for part in value.values():
                yield from _sources(inner, part)
        case ListShape(item=item), list() | tuple():
            for part in value:
                yield from _sources(item, part)
        case UnionShape(options), _:
            for option in options:
                yield from _sources(option, value)
        case _:
            return
