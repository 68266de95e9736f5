"""Field trees -> msgspec types that decode those fields and skip all else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from rulectl.fields import NOTHING, FieldTree

Type: TypeAlias = Any
"""A type as msgspec takes it: a class, or one of typing's constructs."""

_SCALARS = (str, int, float, bool, None)


class Unprojectable(Exception):  # noqa: N818 - says what the tree is, and never leaves this package
    """No type keeps exactly what the tree keeps; decode in full and prune instead."""


class _Nothing(Struct, frozen=True, gc=False):
    """An object of which only its being there is kept."""


def type_of(tree: FieldTree) -> Type:
    """The type whose decoded values, made plain again, equal ``tree.prune(value)``.

    Where the data is a list and the tree knows only object keys (or the other way round) decoding fails
    and the caller prunes that object in full: such data is rare, and a mistake in the rule where it is not.

    Raises:
        Unprojectable: see there.
    """
    tree = simplified(tree)
    if tree.whole:
        return Any
    parts: list[Type] = list(_SCALARS)
    if tree.entries is not None:
        if tree.fields:
            raise Unprojectable("some keys of an object are read further than the others")
        parts.append(dict[str, type_of(tree.entries)])  # type: ignore[misc]  # a type made at run time
    elif tree.fields or tree.items is None:
        parts.append(struct_of(tree.fields) if tree.fields else _Nothing)
    if tree.items is not None:
        # Not a list: the collector stops looking at a tuple of what it does not look at.
        parts.append(tuple[type_of(tree.items), ...])  # type: ignore[misc]  # a type made at run time
    return reduce(or_, parts)


def struct_of(fields: Mapping[str, FieldTree]) -> type[Struct]:
    """A struct with a slot for each of `fields`, UNSET where the data has none.

    Raises:
        Unprojectable: a key cannot be the name of a slot.
    """
    columns = [(f"f{index}", type_of(tree), UNSET) for index, tree in enumerate(fields.values())]
    names = {f"f{index}": name for index, name in enumerate(fields)}
    return define("Fields", [(name, optional(kind), default) for name, kind, default in columns], names)


def define(
    name: str,
    columns: list[tuple[str, Type, Any]],
    rename: Mapping[str, str],
    bases: tuple[type[Struct], ...] = (),
    namespace: dict[str, Any] | None = None,
) -> type[Struct]:
    """A frozen struct that the cyclic collector does not visit; `rename` maps slots to JSON keys.

    Raises:
        Unprojectable: a JSON key that msgspec cannot take (quotes, backslashes, control characters).
    """
    try:
        return msgspec.defstruct(
            name,
            columns,
            bases=bases or None,
            namespace=namespace,
            frozen=True,
            gc=False,
            kw_only=True,
            omit_defaults=True,
            rename=dict(rename),
        )
    except ValueError as error:
        raise Unprojectable(str(error)) from error


def optional(kind: Type) -> Type:
    """`kind`, or nothing there at all."""
    return kind if kind is Any else kind | UnsetType


def simplified(tree: FieldTree) -> FieldTree:
    """A tree that keeps the same, without keys for which `entries` already keeps all that is read."""
    entries = tree.entries
    if entries is None:
        return tree
    fields = {name: child for name, child in tree.fields.items() if not entries.covers(child | NOTHING)}
    return FieldTree(fields=fields, items=tree.items, entries=entries)
