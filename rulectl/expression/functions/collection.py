"""Functions on arrays and objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rulectl.expression.function import Body, Function, Parameter
from rulectl.expression.functions.standard import read_sorted
from rulectl.expression.kind import Kind, kind_of
from rulectl.expression.origin import Origin, either
from rulectl.value import Value, encode_sorted, same

_FEW = 16


def _members(values: Sequence[Value]) -> Callable[[Value], bool]:
    """A test for membership; JSON equality, by digest when there are many."""
    if len(values) <= _FEW:
        return lambda value: any(same(value, each) for each in values)
    known = {_digest(each) for each in values}
    return lambda value: _digest(value) in known


def _digest(value: Value) -> bytes:
    return encode_sorted(_normal(value))


def _normal(value: Value) -> Value:
    """With 1.0 as 1, so that equal numbers have equal text."""
    if isinstance(value, Mapping):
        return {key: _normal(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_normal(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unique(values: Sequence[Value]) -> list[Value]:
    seen: set[bytes] = set()
    kept = []
    for value in values:
        digest = _digest(value)
        if digest not in seen:
            seen.add(digest)
            kept.append(value)
    return kept


def _difference(left: list[Value], right: list[Value]) -> Value:
    is_member = _members(right)
    return [value for value in _unique(left) if not is_member(value)]


def _intersection(left: list[Value], right: list[Value]) -> Value:
    is_member = _members(right)
    return [value for value in _unique(left) if is_member(value)]


def _items(collection: Mapping[str, Value] | list[Value], key: str, value: str) -> Value:
    pairs = collection.items() if isinstance(collection, Mapping) else enumerate(collection)
    return [{key: name, value: each} for name, each in pairs]


def _object_from_lists(keys: list[str], values: list[Value]) -> Value:
    padded = [*values, *[None] * (len(keys) - len(values))]
    return dict(zip(keys, padded, strict=False))


def _zip(left: list[Value], right: list[Value]) -> Value:
    return [[a, b] for a, b in zip(left, right, strict=False)]


def _group_by(values: list[Value], key: Callable[[Value], Value]) -> Value:
    groups: dict[str, list[Value]] = {}
    for value in values:
        name = key(value)
        if not isinstance(name, str):
            msg = f"the key of an element is of type {kind_of(name)}, but must be a string"
            raise ValueError(msg)  # noqa: TRY004 - how functions refuse values
        groups.setdefault(name, []).append(value)
    return groups


def _label_match(selector: Mapping[str, Value], labels: Mapping[str, Value]) -> Value:
    return all(key in labels and same(labels[key], value) for key, value in selector.items())


def _read_items(arguments: Sequence[Origin | Body], literals: Sequence[Value]) -> Origin:
    collection = arguments[0]
    assert isinstance(collection, Origin)
    for argument in arguments[1:]:
        assert isinstance(argument, Origin)
        argument.keep_whole()
    each = either([collection.value(), collection.item()])
    name = literals[2]
    pair = Origin(fields={name: each}) if isinstance(name, str) else Origin(values=each)
    return Origin(elements=pair)


def _read_zip(arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    left, right = arguments
    assert isinstance(left, Origin)
    assert isinstance(right, Origin)
    return Origin(elements=Origin(elements=either([left.item(), right.item()])))


def _read_groups(arguments: Sequence[Origin | Body], literals: Sequence[Value]) -> Origin:
    return Origin(values=read_sorted(arguments, literals))


_LEFT, _RIGHT = Parameter("left", Kind.ARRAY), Parameter("right", Kind.ARRAY)

COLLECTION: tuple[Function, ...] = (
    Function(
        "difference",
        (_LEFT, _RIGHT),
        Kind.ARRAY,
        "The elements of left that right does not have, each once, in left's order.",
        _difference,
        ("difference(['a', 'b', 'a'], ['b'])", ["a"]),
        strict=True,
    ),
    Function(
        "intersection",
        (_LEFT, _RIGHT),
        Kind.ARRAY,
        "The elements of left that right has too, each once, in left's order.",
        _intersection,
        ("intersection(['a', 'b'], ['b', 'c'])", ["b"]),
        strict=True,
    ),
    Function(
        "unique",
        (Parameter("values", Kind.ARRAY),),
        Kind.ARRAY,
        "The elements, each once, in their order.",
        _unique,
        ("unique(['a', 'b', 'a'])", ["a", "b"]),
        strict=True,
    ),
    Function(
        "items",
        (
            Parameter("collection", Kind.OBJECT | Kind.ARRAY),
            Parameter("key", Kind.STRING),
            Parameter("value", Kind.STRING),
        ),
        Kind.ARRAY,
        "An array of {key, value} objects, under the two names given; of an array with its indexes.",
        _items,
        ("items(`{\"a\": 1}`, 'name', 'count')", [{"name": "a", "count": 1}]),
        strict=True,
        reads=_read_items,
    ),
    Function(
        "object_from_lists",
        (Parameter("keys", Kind.STRINGS), Parameter("values", Kind.ARRAY)),
        Kind.OBJECT,
        "An object of these keys and values; null where values are missing.",
        _object_from_lists,
        ("object_from_lists(['a', 'b'], `[1, 2]`)", {"a": 1, "b": 2}),
        strict=True,
    ),
    Function(
        "zip",
        (_LEFT, _RIGHT),
        Kind.ARRAY,
        "Pairs of the elements at the same place, as many as the shorter array has.",
        _zip,
        ("zip(['a', 'b'], `[1, 2]`)", [["a", 1], ["b", 2]]),
        strict=True,
        reads=_read_zip,
    ),
    Function(
        "group_by",
        (Parameter("values", Kind.ARRAY), Parameter("key", Kind.REFERENCE)),
        Kind.OBJECT,
        "An object with, for each key, the array of the elements that have it.",
        _group_by,
        ('group_by(`[{"a": "x"}, {"a": "y"}]`, &a)', {"x": [{"a": "x"}], "y": [{"a": "y"}]}),
        strict=True,
        reads=_read_groups,
    ),
    Function(
        "label_match",
        (Parameter("selector", Kind.OBJECT), Parameter("labels", Kind.OBJECT)),
        Kind.BOOLEAN,
        "Whether the labels have every key of the selector with the same value.",
        _label_match,
        ('label_match(`{"a": "1"}`, `{"a": "1", "b": "2"}`)', True),
        strict=True,
    ),
)
