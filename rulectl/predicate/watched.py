"""The values that a `changed` rule watches in an object, each under the name that `changes` shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, assert_never

from rulectl.expression import RELATIVE_ROOT, Expression
from rulectl.fields import NOTHING, FieldTree, tree_of
from rulectl.value import Value, mapping, same

Section: TypeAlias = Literal["annotations", "labels"]


@dataclass(frozen=True, slots=True)
class MetadataKey:
    """One annotation or label; `key` may end in ``*``, then every key with that beginning is watched."""

    section: Section
    key: str

    @property
    def is_pattern(self) -> bool:
        """Whether it stands for any number of keys."""
        return self.key.endswith("*")


@dataclass(frozen=True, slots=True)
class Field:
    """The value of an expression relative to the object; a step counts only if it fits `old` and `new`.

    `old` and `new` are the rule's `from` and `to`: the values allowed, None when any will do.
    """

    expression: Expression
    old: tuple[Value, ...] | None = None
    new: tuple[Value, ...] | None = None


Watched: TypeAlias = MetadataKey | Field
Values: TypeAlias = Mapping[str, Value]
"""Watched values by name; what is null or absent is left out."""


PRESENCE = "@present"
"""The one watched value of a rule that watches none: that the object is there."""


def name_of(section: Section, key: str) -> str:
    """The JMESPath of one annotation or label: how `changes` names it."""
    return f'metadata.{section}."{key}"'


def path_of(item: Watched) -> str:
    """What `item` is called, with its ``*`` where it has one: a pattern has any number of names."""
    match item:
        case MetadataKey(section, key):
            return name_of(section, key)
        case Field(expression):
            return expression.text
        case _:
            assert_never(item)


def watches(item: Watched, name: str) -> bool:
    """Whether the value called `name` is one that `item` watches."""
    match item:
        case MetadataKey(section, key) if item.is_pattern:
            return name.startswith(name_of(section, key[:-1])[:-1])
        case _:
            return name == path_of(item)


Reader: TypeAlias = Callable[[Value, float], dict[str, Value]]
"""Takes an object and the time; see `values_of`."""


def values_of(watched: tuple[Watched, ...], obj: Value, now: float) -> dict[str, Value]:
    """The watched values that are present in `obj` (not null), by name.

    Raises:
        EvaluationError: a path could not be evaluated; nothing is known then.
    """
    return reader_of(watched)(obj, now)


def reader_of(watched: tuple[Watched, ...]) -> Reader:
    """`values_of` for the same values of many objects: names are made once."""
    sources = [_source(item) for item in watched]

    def read(obj: Value, now: float) -> dict[str, Value]:
        found: dict[str, Value] = {}
        metadata = mapping(mapping(obj).get("metadata"))
        for source in sources:
            source(found, obj, metadata, now)
        return found

    return read


_Source: TypeAlias = Callable[[dict[str, Value], Value, Mapping[str, Value], float], None]


def _source(item: Watched) -> _Source:
    match item:
        case MetadataKey(section, key) if item.is_pattern:
            return _keys_beginning(section, key[:-1])
        case MetadataKey(section, key):
            return _one_key(section, key)
        case Field(expression):
            return _field(expression)
        case _:
            assert_never(item)


def _one_key(section: Section, key: str) -> _Source:
    name = name_of(section, key)

    def add(found: dict[str, Value], _obj: Value, metadata: Mapping[str, Value], _now: float) -> None:
        value = mapping(metadata.get(section)).get(key)
        if value is not None:
            found[name] = value

    return add


def _keys_beginning(section: Section, beginning: str) -> _Source:
    def add(found: dict[str, Value], _obj: Value, metadata: Mapping[str, Value], _now: float) -> None:
        for key, value in mapping(metadata.get(section)).items():
            if value is not None and key.startswith(beginning):
                found[name_of(section, key)] = value

    return add


def _field(expression: Expression) -> _Source:
    def add(found: dict[str, Value], obj: Value, _metadata: Mapping[str, Value], now: float) -> None:
        value = expression.search(obj, now)
        if value is not None:
            found[expression.text] = value

    return add


def steps(watched: tuple[Watched, ...]) -> Mapping[str, tuple[Field, ...]]:
    """The fields with `from` or `to`, by name: what `step_matches` needs."""
    named: dict[str, tuple[Field, ...]] = {}
    for item in watched:
        if isinstance(item, Field) and (item.old is not None or item.new is not None):
            named[item.expression.text] = (*named.get(item.expression.text, ()), item)
    return named


def step_matches(limits: tuple[Field, ...], old: Value, new: Value) -> bool:
    """Whether going from `old` to `new` is a step that one of `limits` asks for; no limits: any step is."""
    return not limits or any(_allows(limit.old, old) and _allows(limit.new, new) for limit in limits)


def differences(old: Values, new: Values) -> list[str]:
    """The names whose values differ, in the order of `new`, then those that went."""
    changed = [name for name, value in new.items() if not same(old.get(name), value)]
    return changed + [name for name in old if name not in new]


def tree_for(item: Watched) -> FieldTree:
    """What must be kept of an object for `item` to be seen."""
    match item:
        case MetadataKey(section, key):
            return tree_of("metadata", section) if item.is_pattern else tree_of("metadata", section, key)
        case Field(expression):
            return expression.reads.get(RELATIVE_ROOT, NOTHING)
        case _:
            assert_never(item)


def _allows(allowed: tuple[Value, ...] | None, value: Value) -> bool:
    return allowed is None or any(same(candidate, value) for candidate in allowed)
