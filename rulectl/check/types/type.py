"""What is known of a value before there is one: the JSON types it may have, and what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from rulectl.expression import is_true
from rulectl.expression.kind import ANY, Kind, kind_of
from rulectl.openapi import Node
from rulectl.value import Value

SCALARS = Kind.STRING | Kind.NUMBER | Kind.BOOLEAN
NONE = Kind(0)


@dataclass(frozen=True, slots=True)
class Declared:
    """An object with the fields that a schema says. `is_whole`: with apiVersion, kind and metadata."""

    node: Node
    name: str = ""
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """An object with `fields`; what other keys have is `rest`, None: there are no other keys."""

    fields: Mapping[str, Type]
    rest: Type | None = None


Fields: TypeAlias = Declared | Record


@dataclass(frozen=True, slots=True)
class Type:
    """A set of values, never too small: every value that the expression can have is in it.

    The parts below `kinds` say more about the values of one JSON type, where more is known.
    """

    kinds: Kind = ANY
    objects: tuple[Fields, ...] | None = None
    """Where it is an object: it is like one of these. None: any object."""
    element: Type | None = None
    """Where it is an array: what its elements are. None: anything."""
    values: tuple[Value, ...] | None = None
    """The only texts, numbers, and true or false that it may be. None: any of `kinds`."""
    usual: tuple[str, ...] = ()
    """Texts that it usually is: a near miss is told, anything else is not."""
    name: str = ""
    """What messages call it: a field's name, or a kind."""
    format: str = ""
    """``date-time`` or ``quantity``, for texts of such a form; ``count`` for numbers that are not below 0."""
    is_sure: bool = False
    """Whether it is there in every object that the server shows."""

    def may_be(self, kinds: Kind) -> bool:
        """Whether it may have one of these JSON types."""
        return bool(self.kinds & kinds)

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it at all."""
        return ANY not in self.kinds

    def without_null(self) -> Type:
        """The same where it is not null."""
        return replace(self, kinds=self.kinds & ~Kind.NULL)

    def or_null(self) -> Type:
        """The same, or null."""
        return self if Kind.NULL in self.kinds else replace(self, kinds=self.kinds | Kind.NULL)

    def items(self) -> Type:
        """What its elements are, where it is an array."""
        return ANYTHING if self.element is None else self.element


ANYTHING = Type()
FAULTY = Type()
"""What something is of which a fault has been told: anything, and no more is told because of it."""
EMPTY = Record({})
NEVER = Type(NONE, objects=(), values=())
"""No value at all: what the elements of an empty list are."""
NULL = Type(Kind.NULL, objects=(), element=NEVER, values=())
BOOLEAN = Type(Kind.BOOLEAN)
NUMBER = Type(Kind.NUMBER)
TEXT = Type(Kind.STRING)
TIME = Type(Kind.STRING, format="date-time")


def list_of(element: Type, *, name: str = "") -> Type:
    """An array of such elements."""
    return Type(Kind.ARRAY, element=element, values=(), name=name)


def record(fields: Mapping[str, Type], rest: Type | None = None, *, name: str = "") -> Type:
    """An object with these fields and, with `rest`, others."""
    return Type(Kind.OBJECT, objects=(Record(fields, rest),), values=(), name=name)


def constant(value: Value) -> Type:
    """The type of exactly this value."""
    match value:
        case None:
            return NULL
        case str() | bool() | int() | float():
            return Type(kind_of(value), values=(value,))
        case Mapping():
            return record({key: constant(part) for key, part in value.items()})
        case _:
            return list_of(join(constant(part) for part in value))


def one_of(*values: str) -> Type:
    """One of these texts."""
    return Type(Kind.STRING, values=values)


def join(types: Iterable[Type]) -> Type:
    """What is one of `types`."""
    result = NEVER
    for one in types:
        result = _joined(result, one)
    return result


def _joined(left: Type, right: Type) -> Type:
    if not left.kinds:
        return right
    if not right.kinds:
        return left
    return Type(
        left.kinds | right.kinds,
        objects=_joined_objects(left, right),
        element=_joined_elements(left, right),
        values=_joined_values(left, right),
        name=left.name if left.name == right.name else "",
        format=_joined_formats(left, right),
    )


def _joined_objects(left: Type, right: Type) -> tuple[Fields, ...] | None:
    parts = [one.objects for one in (left, right) if one.may_be(Kind.OBJECT)]
    if None in parts:
        return None
    found: list[Fields] = []
    for part in (part for objects in parts for part in objects or ()):
        if not any(part is other for other in found):
            found.append(part)
    return tuple(found)


def _joined_elements(left: Type, right: Type) -> Type | None:
    parts = [one.element for one in (left, right) if one.may_be(Kind.ARRAY)]
    if None in parts:
        return None
    return join(part for part in parts if part is not None)


def _joined_values(left: Type, right: Type) -> tuple[Value, ...] | None:
    found: list[Value] = []
    for one in (left, right):
        if one.may_be(SCALARS):
            if one.values is None:
                return None
            found += [value for value in one.values if not among(value, found)]
    return tuple(found)


def _joined_formats(left: Type, right: Type) -> str:
    formats = {one.format for one in (left, right) if one.may_be(Kind.STRING)}
    return formats.pop() if len(formats) == 1 else ""


def among(value: Value, values: Iterable[Value]) -> bool:
    """Whether it is one of them; true is not 1."""
    return any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in values)


def truths(one: Type) -> frozenset[bool]:
    """Whether it may be true, whether it may be false, as JMESPath takes values in a test."""
    found: set[bool] = set()
    if one.may_be(Kind.NULL):
        found.add(False)
    if one.may_be(SCALARS):
        if one.values is not None:
            found |= {is_true(value) for value in one.values}
        else:
            found |= {True} if not one.may_be(Kind.STRING | Kind.BOOLEAN) else {True, False}
    if one.may_be(Kind.ARRAY):
        found |= {True, False}
    if one.may_be(Kind.OBJECT):
        found |= {answer for part in one.objects or (None,) for answer in _object_truths(part)}
    return frozenset(found)


def _object_truths(fields: Fields | None) -> set[bool]:
    match fields:
        case Record(known, rest) if known or rest is None:
            return {bool(known)}
        case _:
            return {True, False}


def when_true(one: Type) -> Type:
    """What it is where a test finds it true."""
    values = None if one.values is None else tuple(value for value in one.values if is_true(value))
    return replace(one, kinds=_of_values(one.kinds & ~Kind.NULL, values), values=values)


def when_false(one: Type) -> Type:
    """What it is where a test finds it false: null, false, or empty."""
    kinds = one.kinds & ~Kind.NUMBER
    falsy: tuple[Value, ...] = (False, "")
    allowed = tuple(value for value in falsy if kind_of(value) in kinds)
    if one.values is not None:
        allowed = tuple(value for value in allowed if among(value, one.values))
    return Type(_of_values(kinds, allowed), objects=(EMPTY,), element=NEVER, values=allowed, name=one.name)


def _of_values(kinds: Kind, values: tuple[Value, ...] | None) -> Kind:
    """`kinds` without those of texts, numbers, true and false that no value is left of."""
    if values is None:
        return kinds
    left = kinds & ~SCALARS
    for value in values:
        left |= kind_of(value)
    return left


def words(one: Type) -> str:
    """Its JSON types, for people; null is not named beside others."""
    kinds = one.kinds & ~Kind.NULL or one.kinds
    found = [word for kind, word in _WORDS if kind in kinds]
    return " or ".join(found) or "nothing"


_WORDS = (
    (Kind.OBJECT, "an object"),
    (Kind.ARRAY, "a list"),
    (Kind.NUMBER, "a number"),
    (Kind.STRING, "text"),
    (Kind.BOOLEAN, "true or false"),
    (Kind.NULL, "null"),
)
