"""Taking fields out of a value by their paths, and finding out which ones a new configuration gave up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from types import MappingProxyType

from rulectl.openapi import Node
from rulectl.sandbox.patch.element import field, name_of
from rulectl.sandbox.patch.fieldset import EMPTY, FieldSet
from rulectl.sandbox.patch.owned import fields_of
from rulectl.sandbox.patch.shape import Shape, element_of, shape
from rulectl.value import Value

_EMPTIED: Mapping[str, Value] = MappingProxyType({})
"""Stands where a container lost all it had, until it is known whether somebody keeps it."""


def given_up(merged: Value, node: Node | None, last: FieldSet, managed: Iterable[FieldSet]) -> Value:
    """`merged` without what its applier claimed before (`last`) and nobody claims now (`managed`: all sets).

    An item of a keyed list goes as a whole when it was claimed as one. What nobody ever claimed stays.
    A container that loses everything goes too, unless somebody claims the container itself: then a
    mark stands in its place, which `tidied` takes away.

    Raises:
        ValueError: an item of a keyed list has no name.
    """
    if not last:
        return merged
    claimed = with_named(last, node)
    present = with_named(fields_of(merged, node), node)
    kept = with_named(reduce(or_, managed, EMPTY), node)
    pruned = _without(merged, claimed, node)
    left = with_named(fields_of(pruned, node), node)
    # First everything that was claimed goes, then what others own comes back, then what was never claimed.
    pruned = _without(merged, present - (left | kept), node)
    left = with_named(fields_of(pruned, node), node)
    return _without(merged, (present - left) & claimed, node)


def with_named(paths: FieldSet, node: Node | None) -> FieldSet:
    """`paths` with every declared field on the way to one of them as a member too."""
    children: dict[str, FieldSet] = {}
    named: set[str] = set()
    for element, below in paths.children.items():
        name = name_of(element)
        if name is None:
            child = node.items if node is not None and element.startswith("k:") else None
        else:
            child = node.child(name) if node is not None else None
            if node is not None and name in node.properties:
                named.add(element)
        children[element] = with_named(below, child)
    return FieldSet(paths.members | named, children)


def _without(value: Value, paths: FieldSet, node: Node | None) -> Value:
    if not paths or not value:
        return value
    match shape(value, node):
        case Shape.MAP if isinstance(value, Mapping):
            fields: dict[str, Value] = {}
            for key, part in value.items():
                element = field(key)
                if element not in paths.members:
                    below = node.child(key) if node is not None else None
                    fields[key] = _without(part, paths.below(element), below)
            return fields or _EMPTIED
        case Shape.LIST if isinstance(value, list | tuple) and node is not None:
            named = [(element_of(item, node), item) for item in value]
            items = [
                _without(item, paths.below(element), node.items)
                for element, item in named
                if element not in paths.members
            ]
            return items or _EMPTIED
        case _:
            return value


def tidied(value: Value, node: Node | None) -> Value:
    """`value` without the marks of emptied containers: declared fields go, others become null."""
    if value is _EMPTIED:
        return {}
    if isinstance(value, Mapping):
        fields: dict[str, Value] = {}
        for key, part in value.items():
            below = node.child(key) if node is not None else None
            if part is not _EMPTIED:
                fields[key] = tidied(part, below)
            elif below is None or below.anything:
                fields[key] = None
        return fields
    if isinstance(value, list | tuple):
        items = node.items if node is not None else None
        return [tidied(item, items) for item in value]
    return value
