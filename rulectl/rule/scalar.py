"""What a plain (unquoted) YAML scalar means: YAML 1.2's core schema, no guess where 1.1 reads a number."""

from __future__ import annotations

import math
import re

_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_OCTAL = re.compile(r"[-+]?0o[0-7]+")
_BINARY = re.compile(r"[-+]?0b[01_]+")
_UNDERSCORES = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?")
_BITS = 64


class AmbiguousScalar(ValueError):  # noqa: N818 - it says what the scalar is
    """The scalar means one thing to a YAML 1.1 reader and another to a 1.2 reader, or is no JSON value.

    `hint` says how to write what was meant.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def resolve(text: str) -> bool | int | float | str | None:
    """The value of a plain scalar.

    ``on off yes no y n``, dates and ``12:30:45`` are strings, as YAML 1.2 has it: the text
    stays what was written. Numbers that 1.1 and 1.2 read differently (``010``, ``0o17``,
    ``0b1``, ``1_000``) are refused, because either answer would silently be wrong for someone.

    Raises:
        AmbiguousScalar: the reader has to quote it or write it another way.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.":
        return text
    if _INTEGER.fullmatch(text) or _HEX.fullmatch(text):
        return _integer(text)
    _refuse_two_meanings(text)
    if _FLOAT.fullmatch(text):
        value = float(text)
        if not math.isfinite(value):
            raise AmbiguousScalar(f"the number {_short(text)} is too large", "quote it if it is text")
        return value
    if _NOT_FINITE.fullmatch(text):
        raise AmbiguousScalar(f"{text} is not a JSON number", "quote it if it is text")
    return text


def _integer(text: str) -> int:
    if len(text) > _BITS or not -(2 ** (_BITS - 1)) <= (value := int(text, 0)) < 2**_BITS:
        raise AmbiguousScalar(f"the number {_short(text)} does not fit in 64 bits", "quote it if it is text")
    return value


def _refuse_two_meanings(text: str) -> None:
    plain = text.replace("_", "")
    if _LEADING_ZERO.fullmatch(text):
        sign, digits = plain.rstrip("0123456789"), plain.lstrip("+-0") or "0"
        is_octal = not set(plain) & set("89") and len(plain) < _BITS
        old = f"{sign}{int(plain.lstrip('+-'), 8)}" if is_octal else "text"
        message = f"{_short(text)} is {old} in YAML 1.1 and {_short(sign + digits)} in YAML 1.2"
        number = old if is_octal else sign + digits
    elif _OCTAL.fullmatch(text) or _BINARY.fullmatch(text):
        message = f"{_short(text)} is text to some YAML readers and a number to others"
        number = str(int(plain, 0)) if len(plain) < _BITS and plain[-1] not in "ob" else "digits only"
    elif "_" in text and _UNDERSCORES.fullmatch(text):
        message = f"{_short(text)} is {_short(plain)} in YAML 1.1 and text in YAML 1.2"
        number = plain
    else:
        return
    raise AmbiguousScalar(message, f'write "{_short(text)}" for text, or {_short(number)} for the number')


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."
