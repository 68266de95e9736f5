"""Kubernetes quantities and Go durations as numbers, and arithmetic on numbers."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal

from rulectl.duration import format_duration, parse_duration
from rulectl.expression.function import Function, Parameter
from rulectl.expression.kind import Kind
from rulectl.value import Value

_QUANTITY = re.compile(r"([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:[eE]([+-]?[0-9]{1,3})|([KMGTPE]i|[numkMGTPE]))?\Z")
_BINARY = {unit: Decimal(1024) ** power for power, unit in enumerate(["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"], 1)}
_DECIMAL = {
    unit: Decimal(1000) ** power
    for power, unit in zip(range(-3, 7), ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"], strict=True)
}
_UNITS = {**_BINARY, **_DECIMAL}
_MAX_DIGITS = 100


def parse_quantity(text: str) -> int | float:
    """The number that a quantity such as ``500m``, ``1Gi`` or ``1e3`` stands for.

    Raises:
        ValueError: it is no quantity.
    """
    match = _QUANTITY.match(text) if len(text) <= _MAX_DIGITS else None
    if match is None:
        msg = f"{text[:40]!r} is not a quantity; write a number and a unit such as 500m, 2, 1.5k or 1Gi"
        raise ValueError(msg)
    number, exponent, unit = match.groups()
    value = Decimal(number) * (Decimal(10) ** int(exponent) if exponent else _UNITS[unit or ""])
    return int(value) if value == value.to_integral_value() else float(value)


def _quantity(value: str | float) -> Value:
    return parse_quantity(value) if isinstance(value, str) else value


def _duration(value: str | float) -> Value:
    return parse_duration(value) if isinstance(value, str) else value


def _divide(left: float, right: float) -> Value:
    if right == 0:
        msg = "the divisor is 0; test it before dividing"
        raise ValueError(msg)
    return left / right if left % right else left // right


def _modulo(left: float, right: float) -> Value:
    if right == 0:
        msg = "the divisor is 0; test it before dividing"
        raise ValueError(msg)
    result = math.fmod(left, right)
    return int(result) if isinstance(left, int) and isinstance(right, int) else result


def _round(number: float, places: float) -> Value:
    if places != int(places) or not 0 <= places <= 15:
        msg = f"{places} is no number of decimal places; write a whole number from 0 to 15"
        raise ValueError(msg)
    rounded = Decimal(str(number)).quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)


def _duration_text(seconds: float) -> Value:
    return format_duration(seconds)


_LEFT, _RIGHT = Parameter("left", Kind.NUMBER), Parameter("right", Kind.NUMBER)
_HINT = "Numbers only: wrap texts in quantity() or duration()."

QUANTITY: tuple[Function, ...] = (
    Function(
        "quantity",
        (Parameter("quantity", Kind.STRING | Kind.NUMBER, check=parse_quantity),),
        Kind.NUMBER,
        "The number that a Kubernetes quantity stands for; numbers stay as they are.",
        _quantity,
        ("quantity('500m') < quantity('1Gi')", True),
        strict=True,
    ),
    Function(
        "duration",
        (Parameter("duration", Kind.STRING | Kind.NUMBER, check=parse_duration),),
        Kind.NUMBER,
        "The seconds in a duration as Go writes it; numbers stay as they are.",
        _duration,
        ("duration('1h30m')", 5400.0),
        strict=True,
    ),
    Function(
        "duration_text",
        (Parameter("seconds", Kind.NUMBER),),
        Kind.STRING,
        "Seconds as people write them.",
        _duration_text,
        ("duration_text(`5400`)", "1h30m"),
        strict=True,
    ),
    Function(
        "add",
        (_LEFT, _RIGHT),
        Kind.NUMBER,
        f"left + right. {_HINT}",
        lambda left, right: left + right,
        ("add(`1`, `2`)", 3),
        strict=True,
    ),
    Function(
        "subtract",
        (_LEFT, _RIGHT),
        Kind.NUMBER,
        f"left - right. {_HINT}",
        lambda left, right: left - right,
        ("subtract(`3`, `2`)", 1),
        strict=True,
    ),
    Function(
        "multiply",
        (_LEFT, _RIGHT),
        Kind.NUMBER,
        f"left * right. {_HINT}",
        lambda left, right: left * right,
        ("multiply(quantity('500m'), `4`)", 2.0),
        strict=True,
    ),
    Function(
        "divide",
        (_LEFT, _RIGHT),
        Kind.NUMBER,
        f"left / right. {_HINT}",
        _divide,
        ("divide(`3`, `2`)", 1.5),
        strict=True,
    ),
    Function(
        "modulo",
        (_LEFT, _RIGHT),
        Kind.NUMBER,
        "The rest of left / right, with the sign of left.",
        _modulo,
        ("modulo(`7`, `3`)", 1),
        strict=True,
    ),
    Function(
        "round",
        (Parameter("number", Kind.NUMBER), Parameter("places", Kind.NUMBER)),
        Kind.NUMBER,
        "The number with so many decimal places; halves go away from 0.",
        _round,
        ("round(`2.345`, `2`)", 2.35),
        strict=True,
    ),
)
