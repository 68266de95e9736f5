"""From an offset in a scalar's value to the place in the file where that character was written."""

from __future__ import annotations

import re

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
    wanted = sum(not character.isspace() for character in value[:offset])
    behind = offset - len(value[:offset].rstrip())
    index, after = _nth(text, start, end, style, wanted)
    if offset < len(value) and not value[offset].isspace():
        return index
    return min(after + behind, end)


def _nth(text: str, start: int, end: int, style: str, wanted: int) -> tuple[int, int]:
    """Where the `wanted`-th character that is not white space begins, and where the one before ended."""
    after = start
    seen = 0
    for begin, stop, is_space in _characters(text, start, end, style):
        if is_space:
            continue
        if seen == wanted:
            return begin, after
        seen += 1
        after = stop
    return after, after


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
