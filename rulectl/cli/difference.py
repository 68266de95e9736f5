"""What differs between two states of an object, field by field; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from rulectl.value import Value, mapping, same

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_IDENTITIES = ("name", "type", "uid", "containerID", "ip", "key", "port", "containerPort", "mountPath")
"""Fields that tell the elements of Kubernetes' lists apart, the likeliest first."""
_NOISE = ("managedFields", "resourceVersion", "generation", "selfLink")
"""Metadata that changes with every write and says nothing by itself."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after; null stands for absent. `path` is JMESPath: it can be pasted into a rule."""

    path: str
    old: Value
    new: Value


def differences(old: Value, new: Value) -> list[FieldChange]:
    """Every field that differs, in the order of `new`; what only `old` has comes after its neighbours.

    Lists of objects that carry names are compared element by element, whatever their order.
    """
    return list(_differences("", old, new))


def without_noise(obj: Mapping[str, Value]) -> Mapping[str, Value]:
    """`obj` without the metadata that every write changes."""
    metadata = mapping(obj.get("metadata"))
    if not any(name in metadata for name in _NOISE):
        return obj
    return {**obj, "metadata": {name: value for name, value in metadata.items() if name not in _NOISE}}


def step(path: str, name: str) -> str:
    """The path of key `name` below `path`."""
    word = name if _PLAIN.match(name) else '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{path}.{word}" if path else word


def _differences(path: str, old: Value, new: Value) -> Iterator[FieldChange]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _in_maps(path, old, new)
    elif _is_list(old) and _is_list(new):
        yield from _in_lists(path, old, new)
    elif not same(old, new):
        yield FieldChange(path or "@", old, new)


def _in_maps(path: str, old: Mapping[str, Value], new: Mapping[str, Value]) -> Iterator[FieldChange]:
    for name in [*new, *(name for name in old if name not in new)]:
        before, after = old.get(name), new.get(name)
        # A map that came or went is told by its entries: these paths are what a rule would name.
        left = {} if before is None and isinstance(after, Mapping) else before
        right = {} if after is None and isinstance(before, Mapping) else after
        found = list(_differences(step(path, name), left, right))
        if not found and not same(before, after):
            found = [FieldChange(step(path, name), before, after)]
        yield from found


def _in_lists(path: str, old: Sequence[Value], new: Sequence[Value]) -> Iterator[FieldChange]:
    identity = _identity([old, new])
    if identity:
        before, after = _by(identity, old), _by(identity, new)
        for name in [*after, *(name for name in before if name not in after)]:
            yield from _differences(_filtered(path, identity, name), before.get(name), after.get(name))
    elif len(old) == len(new) and all(isinstance(element, Mapping) for element in [*old, *new]):
        for position, (left, right) in enumerate(zip(old, new, strict=True)):
            yield from _differences(f"{path}[{position}]", left, right)
    elif not same(old, new):
        yield FieldChange(path or "@", old, new)


def _identity(lists: Sequence[Sequence[Value]]) -> str:
    """The field by which every element of every one of `lists` can be told from its neighbours; empty: none."""
    for name in _IDENTITIES:
        if all(len(_by(name, each)) == len(each) for each in lists):
            return name
    return ""


def _by(identity: str, elements: Sequence[Value]) -> dict[str | int, Value]:
    found: dict[str | int, Value] = {}
    for element in elements:
        name = mapping(element).get(identity)
        if isinstance(name, str | int) and not isinstance(name, bool):
            found[name] = element
    return found


def _filtered(path: str, identity: str, name: str | int) -> str:
    literal = f"`{name}`" if isinstance(name, int) else "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return f"{path}[?{identity}=={literal}] | [0]"


def _is_list(value: Value) -> TypeGuard[Sequence[Value]]:
    return isinstance(value, list | tuple)
