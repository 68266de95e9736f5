"""The types of values as signatures and the compiler name them."""

from __future__ import annotations

import enum
from collections.abc import Mapping

from rulectl.value import Value


class Kind(enum.Flag):
    """A set of JSON types; ``Kind.STRING | Kind.NULL`` is a string or null.

    `STRINGS` and `NUMBERS` are arrays with only such elements; `REFERENCE` is ``&expression``.
    """

    NULL = enum.auto()
    BOOLEAN = enum.auto()
    NUMBER = enum.auto()
    STRING = enum.auto()
    ARRAY = enum.auto()
    OBJECT = enum.auto()
    STRINGS = enum.auto()
    NUMBERS = enum.auto()
    REFERENCE = enum.auto()

    def __str__(self) -> str:
        return _words(self, " or ")

    @property
    def notation(self) -> str:
        """As signatures write it: ``string|null``, ``any``."""
        return "any" if ANY in self else _words(self, "|")

    @property
    def loose(self) -> Kind:
        """The same set without restrictions on the elements of arrays."""
        if self & (Kind.STRINGS | Kind.NUMBERS):
            return (self & ~(Kind.STRINGS | Kind.NUMBERS)) | Kind.ARRAY
        return self


ANY = Kind.NULL | Kind.BOOLEAN | Kind.NUMBER | Kind.STRING | Kind.ARRAY | Kind.OBJECT

_WORDS = {
    Kind.STRING: "string",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "boolean",
    Kind.ARRAY: "array",
    Kind.OBJECT: "object",
    Kind.STRINGS: "array[string]",
    Kind.NUMBERS: "array[number]",
    Kind.REFERENCE: "&expression",
    Kind.NULL: "null",
}


def _words(kinds: Kind, joint: str) -> str:
    return joint.join(word for kind, word in _WORDS.items() if kind in kinds)


def kind_of(value: Value) -> Kind:
    """The one type of a JSON value; tuples count as arrays, every Mapping as an object."""
    if value is None:
        return Kind.NULL
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int | float):
        return Kind.NUMBER
    if isinstance(value, str):
        return Kind.STRING
    return Kind.OBJECT if isinstance(value, Mapping) else Kind.ARRAY


def accepts(kinds: Kind, value: Value) -> bool:
    """Whether `value` is of one of `kinds`, the elements of typed arrays included."""
    kind = kind_of(value)
    if kind in kinds:
        return True
    if kind is not Kind.ARRAY or not isinstance(value, list | tuple):
        return False
    return (Kind.STRINGS in kinds and all(kind_of(item) is Kind.STRING for item in value)) or (
        Kind.NUMBERS in kinds and all(kind_of(item) is Kind.NUMBER for item in value)
    )
