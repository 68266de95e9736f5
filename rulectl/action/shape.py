"""What a parameter may look like: read once from a plugin's types, then only used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class AnyShape:
    """Any JSON value."""


@dataclass(frozen=True, slots=True)
class NullShape:
    """null."""


@dataclass(frozen=True, slots=True)
class BooleanShape:
    """true or false."""


@dataclass(frozen=True, slots=True)
class NumberShape:
    """A number within limits, both included; `is_integer`: a whole one."""

    is_integer: bool
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class TextShape:
    """A string; `pattern` is searched in it, as JSON Schema does."""

    pattern: str = ""
    shortest: int = 0
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class DurationShape:
    """A duration such as ``10s``; plugins get seconds."""


@dataclass(frozen=True, slots=True)
class ChoiceShape:
    """One of these scalars."""

    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class ListShape:
    """A list; plugins get a tuple or a list, whichever their type says."""

    item: Shape
    as_tuple: bool
    shortest: int = 0


@dataclass(frozen=True, slots=True)
class MapShape:
    """A mapping from text."""

    value: Shape


@dataclass(frozen=True, slots=True)
class UnionShape:
    """Any of these; the first that fits is taken."""

    options: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One field of a record: as rules write it, as Python knows it."""

    key: str
    attribute: str
    shape: Shape
    is_required: bool
    default: Value = None
    """What the schema shows as default; None when there is none worth showing."""
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Keys of which at most one may be given; `is_required`: exactly one. Templates need not be known for that."""

    keys: tuple[str, ...]
    is_required: bool


@dataclass(frozen=True, slots=True)
class RecordShape:
    """A mapping with known keys.

    `make` builds the plugin's object from the given fields, by attribute name; it may raise ValueError.
    """

    name: str
    make: Callable[..., object]
    parameters: tuple[Parameter, ...]
    is_secret: bool = False
    """A reference to a secret: a template as a whole cannot stand for it."""
    extras: Mapping[str, Value] = field(default_factory=dict)
    """More of its JSON Schema."""
    choices: tuple[Choice, ...] = ()
    requires: Mapping[str, str] = field(default_factory=dict)
    """Packages that must be installed for it, and what to install to have them."""
    documented: Callable[..., object] | None = None
    """The function whose docstring describes the fields; None: `make` does."""

    def parameter(self, key: str) -> Parameter | None:
        """The field that rules write as `key`."""
        return next((parameter for parameter in self.parameters if parameter.key == key), None)


Shape: TypeAlias = (
    AnyShape
    | NullShape
    | BooleanShape
    | NumberShape
    | TextShape
    | DurationShape
    | ChoiceShape
    | ListShape
    | MapShape
    | UnionShape
    | RecordShape
)


def takes_templates(shape: Shape) -> bool:
    """Whether a template as a whole may stand for such a value: not for a reference to a secret."""
    match shape:
        case RecordShape(is_secret=is_secret):
            return not is_secret
        case UnionShape(options):
            return any(map(takes_templates, options))
        case NullShape():
            return False
        case _:
            return True
