"""Accessors of Kubernetes objects: they read only what they name, and give null for null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rulectl.expression.function import Body, Function, Parameter
from rulectl.expression.kind import ANY, Kind
from rulectl.expression.origin import NOWHERE, Origin, either
from rulectl.value import Value, mapping

_NULLABLE_OBJECT = Kind.OBJECT | Kind.NULL


def _metadata_of(value: Value, section: str, key: str) -> Value:
    return mapping(mapping(mapping(value).get("metadata")).get(section)).get(key)


def _annotation(value: Value, key: str) -> Value:
    return _metadata_of(value, "annotations", key)


def _label(value: Value, key: str) -> Value:
    return _metadata_of(value, "labels", key)


def _first(values: Value, key: str, wanted: Value) -> Value:
    if not isinstance(values, list | tuple):
        return None
    return next((value for value in values if mapping(value).get(key) == wanted), None)


def _condition(value: Value, name: str) -> Value:
    return _first(mapping(mapping(value).get("status")).get("conditions"), "type", name)


def _owner(value: Value, kind: str | None = None) -> Value:
    owners = mapping(mapping(value).get("metadata")).get("ownerReferences")
    if kind is not None:
        return _first(owners, "kind", kind)
    if not isinstance(owners, list | tuple):
        return None
    return next((owner for owner in owners if mapping(owner).get("controller") is True), None)


def _default(value: Value, fallback: Value) -> Value:
    return fallback if value is None else value


def _step(value: Value, key: Value) -> Value:
    if isinstance(value, Mapping):
        return value.get(key) if isinstance(key, str) else None
    if isinstance(value, list | tuple) and isinstance(key, int | float) and not isinstance(key, bool):
        position = int(key)
        return value[position] if position == key and -len(value) <= position < len(value) else None
    return None


def _get(value: Value, path: Value, fallback: Value = None) -> Value:
    for key in path if isinstance(path, list | tuple) else [path]:
        value = _step(value, key)
    return fallback if value is None else value


def _of(arguments: Sequence[Origin | Body], position: int) -> Origin:
    origin = arguments[position] if position < len(arguments) else NOWHERE
    assert isinstance(origin, Origin)
    return origin


class _ReadMap:
    """Reads of annotation() and label(): one key where it is a literal, else every entry."""

    def __init__(self, section: str) -> None:
        self._section = section

    def __call__(self, arguments: Sequence[Origin | Body], literals: Sequence[Value]) -> Origin:
        entries = _of(arguments, 0).walk("metadata", self._section)
        key = literals[1]
        if isinstance(key, str):
            return entries.get(key)
        _of(arguments, 1).keep_whole()
        return entries.value()


def _read_step(value: Origin, key: Origin, literal: Value) -> Origin:
    key.keep_whole()
    if isinstance(literal, str):
        return value.get(literal)
    if isinstance(literal, int | float):
        return value.item()
    return either([value.value(), value.item()])


def _read_condition(arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    _of(arguments, 1).keep_whole()
    condition = _of(arguments, 0).walk("status", "conditions").item()
    condition.get("type").keep_whole()
    return condition


def _read_owner(arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    _of(arguments, 1).keep_whole()
    owner = _of(arguments, 0).walk("metadata", "ownerReferences").item()
    owner.get("kind" if len(arguments) > 1 else "controller").keep_whole()
    return owner


def _read_default(arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    return either([_of(arguments, 0), _of(arguments, 1)])


def _read_get(arguments: Sequence[Origin | Body], literals: Sequence[Value]) -> Origin:
    value, path = _of(arguments, 0), literals[1]
    if isinstance(path, list | tuple):
        for key in path:
            value = _read_step(value, NOWHERE, key)
    elif path is not None:
        value = _read_step(value, NOWHERE, path)
    else:  # the keys are known only when it is evaluated: any of them, at any depth
        _of(arguments, 1).keep_whole()
        value.keep_whole()
    return either([value, _of(arguments, 2)])


def _read_lookup(arguments: Sequence[Origin | Body], literals: Sequence[Value]) -> Origin:
    return _read_step(_of(arguments, 0), _of(arguments, 1), literals[1])


_OBJECT = Parameter("object", _NULLABLE_OBJECT)
_KEY = Parameter("key", Kind.STRING)
_POD = '`{"metadata": {"annotations": {"a.io/x": "1"}, "labels": {"app": "web"}}}`'
_READY = '`{"status": {"conditions": [{"type": "Ready", "status": "True"}]}}`'
_OWNED = '`{"metadata": {"ownerReferences": [{"kind": "Job", "name": "a", "controller": true}]}}`'

ACCESS: tuple[Function, ...] = (
    Function(
        "annotation",
        (_OBJECT, _KEY),
        ANY,
        "The object's annotation of that key; null when it has none.",
        _annotation,
        (f"annotation({_POD}, 'a.io/x')", "1"),
        strict=True,
        reads=_ReadMap("annotations"),
        intrinsic=True,
    ),
    Function(
        "label",
        (_OBJECT, _KEY),
        ANY,
        "The object's label of that key; null when it has none.",
        _label,
        (f"label({_POD}, 'app')", "web"),
        strict=True,
        reads=_ReadMap("labels"),
        intrinsic=True,
    ),
    Function(
        "condition",
        (_OBJECT, Parameter("type", Kind.STRING)),
        ANY,
        "The object's status condition of that type; null when it has none.",
        _condition,
        (f"condition({_READY}, 'Ready').status", "True"),
        strict=True,
        reads=_read_condition,
    ),
    Function(
        "owner",
        (_OBJECT, Parameter("kind", Kind.STRING, optional=True)),
        ANY,
        "The owner reference of the object's controller, or the first one of a kind; null when it has none.",
        _owner,
        (f"owner({_OWNED}).name", "a"),
        strict=True,
        reads=_read_owner,
    ),
    Function(
        "default",
        (Parameter("value", ANY), Parameter("fallback", ANY)),
        ANY,
        "The value, or the fallback when the value is null ('', [] and false stay, unlike with ||).",
        _default,
        ("default(`null`, 'none')", "none"),
        reads=_read_default,
        intrinsic=True,
    ),
    Function(
        "get",
        (
            Parameter("value", ANY),
            Parameter("path", Kind.STRING | Kind.NUMBER | Kind.ARRAY),
            Parameter("fallback", ANY, optional=True),
        ),
        ANY,
        "The value of a key (taken as it is, dots and slashes too), at an index, or along an array of these.",
        _get,
        ("get(`{\"a\": {\"b.c/d\": 1}}`, ['a', 'b.c/d'])", 1),
        strict=True,
        reads=_read_get,
        intrinsic=True,
    ),
    Function(
        "lookup",
        (
            Parameter("collection", Kind.OBJECT | Kind.ARRAY | Kind.NULL),
            Parameter("key", Kind.STRING | Kind.NUMBER),
        ),
        ANY,
        "The value of a key in an object, or the element at an index of an array.",
        _step,
        ("lookup(`{\"a\": 1}`, 'a')", 1),
        strict=True,
        reads=_read_lookup,
    ),
)
