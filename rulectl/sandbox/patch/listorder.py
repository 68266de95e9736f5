"""The order of a list after a strategic merge: the patch's items, with the others between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rulectl.value import Value, same


def by_presence(items: Sequence[Value], named: Sequence[Value], key: str) -> tuple[list[Value], list[Value]]:
    """`items` in two: those that `named` has (by `key`, or as they are when it is empty), and the others."""
    first: list[Value] = []
    others: list[Value] = []
    for item in items:
        (first if place_of(item, named, key) >= 0 else others).append(item)
    return first, others


def in_order(
    first: Sequence[Value], others: Sequence[Value], wanted: Sequence[Value], live: Sequence[Value], key: str
) -> list[Value]:
    """One list of both: `first` in the order of `wanted`, `others` in that of `live`.

    The two keep their own order; one of `others` goes in front of the next of `first` only where `live`
    has both and has it in front.
    """
    left = sorted(others, key=lambda item: place_of(item, live, key))
    right = sorted(first, key=lambda item: place_of(item, wanted, key))
    result: list[Value] = []
    while left and right:
        ours, theirs = place_of(left[0], live, key), place_of(right[0], live, key)
        result.append(left.pop(0) if 0 <= ours < theirs else right.pop(0))
    return [*result, *left, *right]


def place_of(item: Value, items: Sequence[Value], key: str) -> int:
    """Where `items` has one of the same `key` (or, when that is empty, an equal one); -1: nowhere."""
    wanted = _named(item, key)
    return next((place for place, other in enumerate(items) if same(_named(other, key), wanted)), -1)


def _named(item: Value, key: str) -> Value:
    return item.get(key) if key and isinstance(item, Mapping) else item
