"""JMESPath's own functions, with the results and errors of jmespath.py.

Two differences: ``contains('text', 5)`` is false instead of a Python TypeError, and merge() checks all of
its arguments, not just the first.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence

from rulectl.expression.function import Body, Function, Parameter
from rulectl.expression.kind import ANY, Kind, kind_of
from rulectl.expression.origin import NOWHERE, Origin, either
from rulectl.value import Value

_Key = Callable[[Value], Value]
_ORDERED = Kind.STRING | Kind.NUMBER


def _average(numbers: list[float]) -> Value:
    return sum(numbers) / len(numbers) if numbers else None


def contains(subject: str | Sequence[Value], search: Value) -> Value:
    """Whether an array has the element, or a text the part; a text contains nothing but texts."""
    if isinstance(subject, str):
        return isinstance(search, str) and search in subject
    return search in subject


def _not_null(*arguments: Value) -> Value:
    return next((argument for argument in arguments if argument is not None), None)


def _to_array(value: Value) -> Value:
    return value if kind_of(value) is Kind.ARRAY else [value]


def _to_string(value: Value) -> Value:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)


def _to_number(value: Value) -> Value:
    if isinstance(value, str):
        for reader in (int, float):
            try:
                return reader(value)
            except ValueError:
                continue
        return None
    return value if kind_of(value) is Kind.NUMBER else None


def _reverse(value: str | list[Value]) -> Value:
    return value[::-1] if isinstance(value, str) else list(reversed(value))


def _type(value: Value) -> Value:
    return str(kind_of(value))


def _merge(*objects: Mapping[str, Value]) -> Value:
    return {key: value for each in objects for key, value in each.items()}


def _map(key: _Key, values: list[Value]) -> Value:
    return [key(value) for value in values]


def _keys(values: list[Value], key: _Key) -> list[str | float]:
    """The key of each value; all must be of one orderable type."""
    keys = [key(value) for value in values]
    types = {type(found) for found in keys}
    if types == {str} or types <= {int, float}:
        return keys  # type: ignore[return-value] # just checked
    kinds = {kind_of(found) for found in keys}
    if len(kinds) > 1 or not kinds <= {Kind.STRING, Kind.NUMBER}:
        found = " and ".join(sorted(str(kind) for kind in kinds))
        msg = f"the keys of the elements must all be strings or all be numbers, but are {found}"
        raise ValueError(msg)
    return keys  # type: ignore[return-value] # just checked


def _order(values: list[Value], key: _Key) -> list[int]:
    """The places of the values, by rising key."""
    keys = _keys(values, key)
    return sorted(range(len(keys)), key=keys.__getitem__)


def _sort_by(values: list[Value], key: _Key) -> Value:
    return [values[place] for place in _order(values, key)]


def _max_by(values: list[Value], key: _Key) -> Value:
    keys = _keys(values, key)
    return values[max(range(len(keys)), key=keys.__getitem__)] if values else None


def _min_by(values: list[Value], key: _Key) -> Value:
    keys = _keys(values, key)
    return values[min(range(len(keys)), key=keys.__getitem__)] if values else None


def _read_pass(arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    return either([argument for argument in arguments if isinstance(argument, Origin)])


def _read_type(_arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    return NOWHERE


def _read_size(arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    for argument in arguments:
        if isinstance(argument, Origin):
            argument.keep_size()
    return NOWHERE


def _read_to_array(arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    value = arguments[0]
    assert isinstance(value, Origin)
    return either([value, Origin(elements=value)])


def _read_elements(arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    value = arguments[0]
    assert isinstance(value, Origin)
    return Origin(elements=value.item())


def _read_values(arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    value = arguments[0]
    assert isinstance(value, Origin)
    return Origin(elements=value.value())


def _read_map(arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    body, values = arguments
    assert isinstance(values, Origin)
    assert not isinstance(body, Origin)
    return Origin(elements=body(values.item()))


def read_sorted(arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    """A function of an array and a key: the keys matter, the elements come out again in a list."""
    values, body = arguments
    assert isinstance(values, Origin)
    assert not isinstance(body, Origin)
    element = values.item()
    body(element).keep_whole()
    return Origin(elements=element)


def _read_extreme(arguments: Sequence[Origin | Body], literals: Sequence[Value]) -> Origin:
    return read_sorted(arguments, literals).item()


_NUMBER = Parameter("number", Kind.NUMBER)
_NUMBERS = Parameter("numbers", Kind.NUMBERS)
_SORTABLE = Parameter("array", Kind.STRINGS | Kind.NUMBERS)
_TEXT = Parameter("text", Kind.STRING)
_OBJECT = Parameter("object", Kind.OBJECT)
_VALUE = Parameter("value", ANY)
_ARRAY = Parameter("array", Kind.ARRAY)
_KEY = Parameter("key", Kind.REFERENCE)

STANDARD: tuple[Function, ...] = (
    Function("abs", (_NUMBER,), Kind.NUMBER, "The number without its sign.", abs, ("abs(`-2`)", 2)),
    Function(
        "avg",
        (_NUMBERS,),
        Kind.NUMBER | Kind.NULL,
        "The average; null of an empty array.",
        _average,
        ("avg(`[1, 2]`)", 1.5),
    ),
    Function(
        "ceil",
        (_NUMBER,),
        Kind.NUMBER,
        "The next whole number, up.",
        math.ceil,
        ("ceil(`1.2`)", 2),
    ),
    Function(
        "contains",
        (Parameter("subject", Kind.STRING | Kind.ARRAY), Parameter("search", ANY)),
        Kind.BOOLEAN,
        "Whether an array has the element, or a text the part.",
        contains,
        ("contains(['a', 'b'], 'a')", True),
        intrinsic=True,
    ),
    Function(
        "ends_with",
        (_TEXT, Parameter("suffix", Kind.STRING)),
        Kind.BOOLEAN,
        "Whether the text ends so.",
        str.endswith,
        ("ends_with('web-1', '-1')", True),
    ),
    Function(
        "floor",
        (_NUMBER,),
        Kind.NUMBER,
        "The next whole number, down.",
        math.floor,
        ("floor(`1.8`)", 1),
    ),
    Function(
        "join",
        (Parameter("glue", Kind.STRING), Parameter("texts", Kind.STRINGS)),
        Kind.STRING,
        "The texts in one, with the glue between them.",
        str.join,
        ("join(', ', ['a', 'b'])", "a, b"),
    ),
    Function(
        "keys",
        (_OBJECT,),
        Kind.ARRAY,
        "The object's keys.",
        list,
        ('keys(`{"a": 1}`)', ["a"]),
    ),
    Function(
        "length",
        (Parameter("subject", Kind.STRING | Kind.ARRAY | Kind.OBJECT),),
        Kind.NUMBER,
        "How many characters, elements or keys.",
        len,
        ("length('abc')", 3),
        reads=_read_size,
    ),
    Function(
        "map",
        (_KEY, _ARRAY),
        Kind.ARRAY,
        "The expression's value for each element, nulls included.",
        _map,
        ('map(&a, `[{"a": 1}, {}]`)', [1, None]),
        reads=_read_map,
        intrinsic=True,
    ),
    Function(
        "max",
        (_SORTABLE,),
        _ORDERED | Kind.NULL,
        "The greatest element; null of an empty array.",
        lambda values: max(values, default=None),
        ("max(`[1, 3]`)", 3),
    ),
    Function(
        "max_by",
        (_ARRAY, _KEY),
        ANY,
        "The element with the greatest key.",
        _max_by,
        ('max_by(`[{"a": 1}, {"a": 3}]`, &a)', {"a": 3}),
        reads=_read_extreme,
    ),
    Function(
        "merge",
        (_OBJECT,),
        Kind.OBJECT,
        "One object of all; later ones win.",
        _merge,
        ('merge(`{"a": 1}`, `{"a": 2}`)', {"a": 2}),
        variadic=True,
    ),
    Function(
        "min",
        (_SORTABLE,),
        _ORDERED | Kind.NULL,
        "The least element; null of an empty array.",
        lambda values: min(values, default=None),
        ("min(`[1, 3]`)", 1),
    ),
    Function(
        "min_by",
        (_ARRAY, _KEY),
        ANY,
        "The element with the least key.",
        _min_by,
        ('min_by(`[{"a": 1}, {"a": 3}]`, &a)', {"a": 1}),
        reads=_read_extreme,
    ),
    Function(
        "not_null",
        (_VALUE,),
        ANY,
        "The first argument that is not null.",
        _not_null,
        ("not_null(`null`, 'a')", "a"),
        variadic=True,
        reads=_read_pass,
    ),
    Function(
        "reverse",
        (Parameter("subject", Kind.STRING | Kind.ARRAY),),
        Kind.STRING | Kind.ARRAY,
        "The text or the array from its end.",
        _reverse,
        ("reverse(`[1, 2]`)", [2, 1]),
        reads=_read_elements,
    ),
    Function(
        "sort",
        (_SORTABLE,),
        Kind.ARRAY,
        "The elements in rising order.",
        sorted,
        ("sort(['b', 'a'])", ["a", "b"]),
    ),
    Function(
        "sort_by",
        (_ARRAY, _KEY),
        Kind.ARRAY,
        "The elements in the order of their keys.",
        _sort_by,
        ('sort_by(`[{"a": 3}, {"a": 1}]`, &a)', [{"a": 1}, {"a": 3}]),
        reads=read_sorted,
    ),
    Function(
        "starts_with",
        (_TEXT, Parameter("prefix", Kind.STRING)),
        Kind.BOOLEAN,
        "Whether the text begins so.",
        str.startswith,
        ("starts_with('web-1', 'web')", True),
    ),
    Function("sum", (_NUMBERS,), Kind.NUMBER, "All numbers added up.", sum, ("sum(`[1, 2]`)", 3)),
    Function(
        "to_array",
        (_VALUE,),
        Kind.ARRAY,
        "The array itself, or an array with just the value.",
        _to_array,
        ("to_array('a')", ["a"]),
        reads=_read_to_array,
    ),
    Function(
        "to_number",
        (_VALUE,),
        Kind.NUMBER | Kind.NULL,
        "The number that a text spells; null when it spells none (see quantity for 500m or 1Gi).",
        _to_number,
        ("to_number('12')", 12),
    ),
    Function(
        "to_string",
        (_VALUE,),
        Kind.STRING,
        "The text itself, or the value as JSON.",
        _to_string,
        ("to_string(`[1, true]`)", "[1,true]"),
    ),
    Function(
        "type",
        (_VALUE,),
        Kind.STRING,
        "string, number, boolean, array, object or null.",
        _type,
        ("type(`1`)", "number"),
        reads=_read_type,
    ),
    Function(
        "values",
        (_OBJECT,),
        Kind.ARRAY,
        "The object's values.",
        lambda each: list(each.values()),
        ('values(`{"a": 1}`)', [1]),
        reads=_read_values,
    ),
)
