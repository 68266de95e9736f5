"""Records and rule states <-> JSON."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from rulectl.state.record import Record, RuleState
from rulectl.value import encode

_T = TypeVar("_T", bound=msgspec.Struct)
_Maker: TypeAlias = Callable[[Any], Any]

_JSON = {"Value": Any, "Values": Mapping[str, Any], "Mapping": Mapping, "Sequence": Sequence}
"""JSON values name themselves in their own type, which can be written down but not looked at at run time."""


class Codec(Generic[_T]):
    """One kind of struct as JSON; fields that have their default are left out."""

    def __init__(self, kind: type[_T]) -> None:
        self._make = _struct_maker(kind)

    def encode(self, value: _T) -> bytes:
        """`value` as JSON."""
        return encode(value)

    def of(self, value: object) -> _T:
        """The struct that the decoded JSON `value` stands for. Fields that this version has not are passed over.

        Raises:
            ValueError: it stands for none.
        """
        try:
            made: _T = self._make(value)
        except (TypeError, AttributeError, ValueError) as error:
            raise ValueError(f"this is no entry of a state: {error}") from error
        return made


def _struct_maker(kind: type[msgspec.Struct]) -> _Maker:
    hints = typing.get_type_hints(kind, localns=_JSON)
    makers = {name: maker for name, hint in hints.items() if (maker := _maker_of(hint)) is not None}
    rich = makers.keys()

    def make(value: Any) -> msgspec.Struct:
        fields = dict(value)
        for name in rich & fields.keys():
            fields[name] = makers[name](fields[name])
        if not fields.keys() <= hints.keys():
            fields = {name: part for name, part in fields.items() if name in hints}
        return kind(**fields)

    return make


def _maker_of(hint: Any) -> _Maker | None:
    """What makes a field's value of decoded JSON; None: it is that already."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _struct_maker(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        item = _maker_of(arguments[0])
        return tuple if item is None else lambda value: tuple(map(item, value))
    if origin in {typing.Union, types.UnionType}:
        inner = next((maker for part in arguments if (maker := _maker_of(part)) is not None), None)
        return None if inner is None else lambda value: None if value is None else inner(value)
    return None


RECORDS = Codec(Record)
RULES = Codec(RuleState)
