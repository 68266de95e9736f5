"""What generated code calls: the slow paths, and JMESPath's rules that are too long to write out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeGuard

from rulectl.expression.function import Function
from rulectl.expression.kind import accepts, kind_of
from rulectl.value import Value


class ArgumentError(ValueError):
    """A function got an argument of a type that it does not take."""


def field(value: Value, name: str) -> Value:
    """The key of anything that is not a plain dict."""
    if value is None or isinstance(value, str | list):
        return None
    return value.get(name) if isinstance(value, Mapping) else None


def is_array(value: Value) -> TypeGuard[list[Value]]:
    """Whether something that is not a plain list counts as an array."""
    return isinstance(value, list | tuple)


def is_object(value: Value) -> TypeGuard[Mapping[str, Value]]:
    """Whether something that is not a plain dict counts as an object."""
    return isinstance(value, Mapping)


def flatten(value: Value) -> Value:
    """The array with the arrays in it merged; null of anything else."""
    if not isinstance(value, list | tuple):
        return None
    if not any(type(element) is list or type(element) is tuple for element in value):
        return value
    merged: list[Value] = []
    for element in value:
        if isinstance(element, list | tuple):
            merged.extend(element)
        else:
            merged.append(element)
    return merged


def equal(left: Value, right: Value) -> bool:
    """JMESPath's ``==``: true is not 1 (but inside of arrays Python's equality decides, as in jmespath.py)."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def is_true(value: Value) -> bool:
    """Whether JMESPath takes `value` for true: all but null, false, '', [] and {}; 0 is true."""
    return bool(value) or (value == 0 and value is not False)


def _comparable(left: Value, right: Value) -> bool:
    if isinstance(left, str):
        return isinstance(right, str)
    number = int | float
    return (
        isinstance(left, number)
        and isinstance(right, number)
        and not isinstance(left, bool)
        and not isinstance(right, bool)
    )


def less(left: Value, right: Value) -> bool | None:
    """``<``: null unless both are numbers or both are texts."""
    return left < right if _comparable(left, right) else None  # type: ignore[operator] # just checked


def less_equal(left: Value, right: Value) -> bool | None:
    """``<=``; see `less`."""
    return left <= right if _comparable(left, right) else None  # type: ignore[operator] # just checked


def greater(left: Value, right: Value) -> bool | None:
    """``>``; see `less`."""
    return left > right if _comparable(left, right) else None  # type: ignore[operator] # just checked


def greater_equal(left: Value, right: Value) -> bool | None:
    """``>=``; see `less`."""
    return left >= right if _comparable(left, right) else None  # type: ignore[operator] # just checked


COMPARATORS: Mapping[str, Callable[[Value, Value], bool | None]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": less,
    "<=": less_equal,
    ">": greater,
    ">=": greater_equal,
}
"""The comparators as functions."""


def check(function: Function, position: int, value: Value) -> None:
    """Lets arguments of the right type pass.

    Raises:
        ArgumentError: it is of another type.
    """
    parameter = function.parameter(position)
    if not accepts(parameter.kind, value):
        found = kind_of(value)
        if found in parameter.kind.loose:
            msg = f"argument '{parameter.name}' must be {parameter.kind}, but an element is of another type"
        else:
            msg = f"argument '{parameter.name}' must be {parameter.kind}, not {found}"
        raise ArgumentError(msg)
