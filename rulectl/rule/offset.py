"""From an offset in a scalar's value to the place in the file where that character was written."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

_QUOTED_TOKEN = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r\n|.)|.",
    re.DOTALL,
)
_SPACE_ESCAPES = frozenset("tnvfr _NLP \t\r\n\v")
"""Escapes of a double-quoted scalar whose meaning is white space, or nothing (a folded line break)."""


def source_index(text: str, span: tuple[int, int], style: str, value: str, offset: int) -> int:
    """The index in `text` of the character that became ``value[offset]``.

    `span` bounds the scalar in `text`, quotes and block header included; `style` is
    YAML's (``''`` plain, ``'``, ``"``, ``|``, ``>``). Folding and indentation only ever change
    white space, so the other characters are counted: the answer is exact for each of them, in
    every style. An offset past the value's end gives the place one past its last character.
    """
    start, end = span
    if style in {"'", '"'}:
        start, end = start + 1, end - 1
    elif style in {"|", ">"}:
        newline = text.find("\n", start, end)
        start = newline + 1 if newline >= 0 else end
    visible = _visible(value)
    wanted = bisect_left(visible, offset)
    behind = offset - (visible[wanted - 1] + 1 if wanted else 0)
    begins, ends = _written(text, start, end, style)
    after = ends[min(wanted, len(ends)) - 1] if wanted and ends else start
    if offset < len(value) and not value[offset].isspace():
        return begins[wanted] if wanted < len(begins) else after
    return min(after + behind, end)


@lru_cache(maxsize=8)
def _visible(value: str) -> list[int]:
    """The offsets of the characters that are not white space; a value with many faults is asked for often."""
    return [offset for offset, character in enumerate(value) if not character.isspace()]


@lru_cache(maxsize=8)
def _written(text: str, start: int, end: int, style: str) -> tuple[list[int], list[int]]:
    """Where the characters that are not white space begin and end in the file."""
    found = [(begin, stop) for begin, stop, is_space in _characters(text, start, end, style) if not is_space]
    return [begin for begin, _ in found], [stop for _, stop in found]


def _characters(text: str, start: int, end: int, style: str) -> list[tuple[int, int, bool]]:
    if style == "'":
        found: list[tuple[int, int, bool]] = []
        index = start
        while index < end:
            width = 2 if text.startswith("''", index) else 1
            found.append((index, index + width, text[index].isspace()))
            index += width
        return found
    if style == '"':
        tokens = _QUOTED_TOKEN.finditer(text, start, end)
        return [(token.start(), token.end(), _is_space(token[0])) for token in tokens]
    return [(index, index + 1, text[index].isspace()) for index in range(start, end)]


def _is_space(token: str) -> bool:
    if not token.startswith("\\"):
        return token.isspace()
    if token[1] in "xuU" and len(token) > 2:
        return chr(int(token[2:], 16)).isspace()
    return token[1] in _SPACE_ESCAPES
