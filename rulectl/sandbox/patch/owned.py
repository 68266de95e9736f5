"""Which field paths an applied configuration claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from rulectl.openapi import Node
from rulectl.sandbox.patch.element import Path, field
from rulectl.sandbox.patch.fieldset import FieldSet
from rulectl.sandbox.patch.shape import Shape, elements_of, shape
from rulectl.value import Value


def fields_of(value: Value, node: Node | None) -> FieldSet:
    """The leaves of `value`, the items of its keyed lists, and the entries of its maps.

    Declared fields that hold objects are not in the set themselves, only what they hold; but empty
    objects and nulls are.

    Raises:
        ValueError: an item of a keyed list has no name.
    """
    return FieldSet.of(_paths(value, node, ()))


def _paths(value: Value, node: Node | None, path: Path) -> Iterator[Path]:
    match shape(value, node):
        case Shape.LEAF:
            yield path
        case Shape.MAP if isinstance(value, Mapping):
            for key, part in value.items():
                below = (*path, field(key))
                yield from _paths(part, node.child(key) if node is not None else None, below)
                undeclared = node is None or key not in node.properties
                if undeclared or part is None or (isinstance(part, Mapping) and not part):
                    yield below
        case Shape.LIST if isinstance(value, list | tuple) and node is not None:
            named = elements_of(value, node)
            counts = Counter(element for element, _ in named)
            for element, item in named:
                yield (*path, element)
                if counts[element] == 1:
                    yield from _paths(item, node.items, (*path, element))
        case _:  # a null where the schema has a map or a list holds no fields
            return
