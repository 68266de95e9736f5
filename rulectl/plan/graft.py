"""Putting parts of one object into another: how a baseline moves on path by path."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.fields import FieldTree
from rulectl.value import Value, mapping


def graft(base: Value, donor: Value, tree: FieldTree) -> Value:
    """`base`, with the parts that `tree` covers as they are in `donor`; both stay as they were.

    A list is one part: it is taken whole where the tree reaches into it.
    """
    if tree.whole or tree.items is not None or tree.entries is not None:
        return donor
    if not tree.fields:
        return base
    if not isinstance(base, Mapping) and not isinstance(donor, Mapping):
        return donor
    result = dict(mapping(base))
    for name, child in tree.fields.items():
        value = graft(result.get(name), mapping(donor).get(name), child)
        if value is None and name not in mapping(donor):
            result.pop(name, None)
        else:
            result[name] = value
    return result
