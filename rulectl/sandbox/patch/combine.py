"""An applied configuration laid over the live object: nothing is removed, applied values win."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from rulectl.openapi import Node
from rulectl.sandbox.patch.element import Element, shown
from rulectl.sandbox.patch.shape import Shape, elements_of, shape
from rulectl.value import Value


def combine(live: Value, applied: Value, node: Node | None) -> Value:
    """`live` with every part that `applied` has taken from there.

    Items of keyed lists and sets that both have stand in the order of `applied`; items that only one
    has keep their place between those. Neither argument is changed.

    Raises:
        ValueError: an item of a keyed list has no name, or `applied` has one twice.
    """
    if live and shape(live, node) is shape(applied, node):
        match live:
            case Mapping() if shape(live, node) is Shape.MAP:
                return _maps(live, applied if isinstance(applied, Mapping) else {}, node)
            case list() | tuple() if shape(live, node) is Shape.LIST and node is not None:
                return _lists(live, applied if isinstance(applied, list | tuple) else (), node)
    return applied


def _maps(live: Mapping[str, Value], applied: Mapping[str, Value], node: Node | None) -> Value:
    result = dict(live)
    for key, value in applied.items():
        below = node.child(key) if node is not None else None
        result[key] = combine(live[key], value, below) if key in live else value
    return result


def _lists(live: Sequence[Value], applied: Sequence[Value], node: Node) -> Value:
    left, right = elements_of(live, node), elements_of(applied, node)
    wanted: dict[Element, Value] = {}
    for element, item in right:
        if element in wanted:
            raise ValueError(f"duplicate entries for key {shown((element,))}")
        wanted[element] = item
    counts = Counter(element for element, _ in left)
    known = dict(left)

    def merged(element: Element) -> Value:
        # What the live list has twice is not merged with the one that is applied, but replaced by it.
        return combine(known[element], wanted[element], node.items) if counts[element] == 1 else wanted[element]

    result: list[Value] = []
    for side, place in interleaved([element for element, _ in left], list(wanted)):
        result.append(left[place][1] if side == "live" else merged(right[place][0]))
    return result


def interleaved(live: Sequence[Element], applied: Sequence[Element]) -> Iterator[tuple[str, int]]:
    """The order of a merged list: ("live", place) for what only the live one has, else ("applied", place).

    Applied items come in their order. The others come between them where the live list has them, as
    far as the two orders agree: it is the order that structured-merge-diff gives, with its decision where
    they do not agree (the live side is passed over until the next shared item that is due).
    """
    present, at_live, at_applied = set(applied), 0, 0
    due = [element for element in applied if element in set(live)]
    done: set[Element] = set()

    def take() -> tuple[str, int]:
        element = applied[at_applied]
        done.add(element)
        if due and due[0] == element:
            due.pop(0)
        return "applied", at_applied

    while at_live < len(live) or at_applied < len(applied):
        if at_live < len(live):
            element = live[at_live]
            if at_applied < len(applied):
                if element == applied[at_applied]:
                    yield take()
                    at_live, at_applied = at_live + 1, at_applied + 1
                    continue
                if element in present and due and due[0] != element:
                    at_live += 1
                    continue
            if element not in present:
                yield "live", at_live
                at_live += 1
                continue
            if element in done:
                at_live += 1
        if at_applied < len(applied):
            yield take()
            at_applied += 1
