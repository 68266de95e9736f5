"""From the parameters in a rule to what a plugin gets, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import NamedTuple, TypeAlias, assert_never

from rulectl.action.permission import is_template
from rulectl.action.shape import (
    AnyShape,
    BooleanShape,
    ChoiceShape,
    DurationShape,
    ListShape,
    MapShape,
    NullShape,
    NumberShape,
    RecordShape,
    Shape,
    TextShape,
    UnionShape,
    takes_templates,
)
from rulectl.duration import parse_duration
from rulectl.problem import nearest
from rulectl.value import Value

Path: TypeAlias = tuple[str | int, ...]
_Scalar: TypeAlias = AnyShape | NullShape | BooleanShape | NumberShape | TextShape | DurationShape | ChoiceShape


class Fault(NamedTuple):
    """What is wrong with the parameters, and where in them."""

    path: Path
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = dotted(self.path)
        start = f"{where}: " if where else ""
        return f"{start}{self.message}" + (f" ({self.hint})" if self.hint else "")


def dotted(path: Path) -> str:
    """`path` as people write it: ``headers.Accept``, ``command[1]``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def faults(shape: Shape, value: Value, path: Path = ()) -> Iterator[Fault]:
    """All that keeps `value` from being of that shape, in order.

    A string with ``${{`` in it passes for anything but a reference to a secret: what it becomes is
    known only when it has been rendered.
    """
    if is_template(value) and takes_templates(shape):
        return
    match shape:
        case RecordShape():
            yield from _record_faults(shape, value, path)
        case ListShape(item, _, shortest):
            if not isinstance(value, list | tuple):
                yield _wrong(shape, value, path)
                return
            if len(value) < shortest:
                yield Fault(path, f"expected at least {shortest} {'entry' if shortest == 1 else 'entries'}")
            for index, part in enumerate(value):
                yield from faults(item, part, (*path, index))
        case MapShape(inner):
            if not isinstance(value, Mapping):
                yield _wrong(shape, value, path)
                return
            for key, part in value.items():
                yield from faults(inner, part, (*path, key))
        case UnionShape(options):
            yield from _union_faults(options, value, path)
        case _:
            yield from _scalar_faults(shape, value, path)


def build(shape: Shape, value: Value) -> object:
    """`value`, which has no faults, as Python code of the plugin expects it.

    Raises:
        ValueError: a plugin's own check refused it (its path is not known).
    """
    match shape:
        case RecordShape():
            assert isinstance(value, Mapping)
            found = {known.attribute: known for key in value if (known := shape.parameter(key))}
            return shape.make(**{name: build(known.shape, value[known.key]) for name, known in found.items()})
        case ListShape(item, as_tuple):
            assert isinstance(value, list | tuple)
            parts = [build(item, part) for part in value]
            return tuple(parts) if as_tuple else parts
        case MapShape(inner):
            assert isinstance(value, Mapping)
            return {key: build(inner, part) for key, part in value.items()}
        case UnionShape(options):
            return build(next(option for option in options if not any(faults(option, value))), value)
        case DurationShape():
            return parse_duration(str(value))
        case NumberShape(is_integer=is_integer):
            assert isinstance(value, int | float)
            return int(value) if is_integer else float(value)
        case AnyShape() | NullShape() | BooleanShape() | TextShape() | ChoiceShape():
            return value
        case _:
            assert_never(shape)


def built(shape: RecordShape, value: Value) -> object:
    """`build` for a rendered value that may have faults.

    Raises:
        Misfit: it has.
    """
    found = list(_fields_faults(shape, value, ()))
    if found:
        raise Misfit(found)
    try:
        return build(shape, value)
    except Exception as refusal:
        raise Misfit([_refusal(refusal, ())]) from refusal


class Misfit(Exception):  # noqa: N818 - says what the value is
    """A value is not of its shape."""

    def __init__(self, found: list[Fault]) -> None:
        super().__init__("; ".join(map(str, found)))
        self.faults = found


def _refusal(refusal: Exception, path: Path) -> Fault:
    """What a plugin's own check has said."""
    if isinstance(refusal, ValueError):
        return Fault(path, str(refusal))
    hint = "a plugin refuses parameters by ValueError"
    return Fault(path, f"the plugin's own check raised {type(refusal).__name__}: {refusal}", hint)


def _record_faults(shape: RecordShape, value: Value, path: Path) -> Iterator[Fault]:
    before = False
    for fault in _fields_faults(shape, value, path):
        before = True
        yield fault
    if not before and not _has_template(value):
        try:
            build(shape, value)
        except Exception as refusal:  # noqa: BLE001 - a plugin's own check must harm no other rule
            yield _refusal(refusal, path)


def _fields_faults(shape: RecordShape, value: Value, path: Path) -> Iterator[Fault]:
    """All but what the plugin's own check has to say."""
    if not isinstance(value, Mapping):
        yield _wrong(shape, value, path)
        return
    yield from _choice_faults(shape, value, path)
    meant: set[str | None] = set()
    for key, part in value.items():
        known = shape.parameter(key)
        if known is None:
            near = nearest(key, (parameter.key for parameter in shape.parameters))
            there = ", ".join(parameter.key for parameter in shape.parameters)
            hint = f"did you mean {near!r}?" if near else f"it knows {there}"
            meant.add(near)
            yield Fault((*path, key), f"unknown parameter {key!r}", hint)
            continue
        yield from faults(known.shape, part, (*path, key))
    for parameter in shape.parameters:
        if parameter.is_required and parameter.key not in value and parameter.key not in meant:
            yield Fault(path, f"missing parameter {parameter.key!r}", f"it is {describe(parameter.shape)}")


def _choice_faults(shape: RecordShape, value: Mapping[str, Value], path: Path) -> Iterator[Fault]:
    for package, install in shape.requires.items():
        if find_spec(package) is None:
            yield Fault(path, f"the package {package} is missing", f"pip install '{install}'")
    for choice in shape.choices:
        given = [key for key in choice.keys if value.get(key) is not None or (key in value and key == "json")]
        if len(given) > 1 or (choice.is_required and not given):
            which = "exactly" if choice.is_required else "at most"
            *keys, last = choice.keys
            yield Fault(path, f"give {which} one of {', '.join(keys)} and {last}")


def _union_faults(options: tuple[Shape, ...], value: Value, path: Path) -> Iterator[Fault]:
    found: list[list[Fault]] = []
    for option in options:
        those = list(faults(option, value, path))
        if not those:
            return
        found.append(those)
    near = [
        those
        for option, those in zip(options, found, strict=True)
        if (isinstance(option, RecordShape | MapShape) and isinstance(value, Mapping))
        or (isinstance(option, ListShape) and isinstance(value, list | tuple))
        or (len(options) == 2 and NullShape() in options and not isinstance(option, NullShape))
    ]
    if len(near) == 1:
        yield from near[0]
        return
    yield Fault(path, f"expected {describe(UnionShape(options))}, not {_shown(value)}")


def _scalar_faults(shape: _Scalar, value: Value, path: Path) -> Iterator[Fault]:
    if _fits(shape, value):
        return
    hint = ""
    if isinstance(shape, TextShape) and isinstance(value, bool | int | float):
        hint = "write it in quotes"
    if isinstance(shape, ChoiceShape) and isinstance(value, str):
        near = nearest(value, [str(known) for known in shape.values])
        hint = f"did you mean {near!r}?" if near else ""
    yield Fault(path, f"expected {describe(shape)}, not {_shown(value)}", hint)


def _fits(shape: _Scalar, value: Value) -> bool:
    match shape:
        case AnyShape():
            return True
        case NullShape():
            return value is None
        case BooleanShape():
            return isinstance(value, bool)
        case NumberShape(is_integer, least, most):
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            whole = not is_integer or isinstance(value, int) or value.is_integer()
            return whole and (least is None or value >= least) and (most is None or value <= most)
        case TextShape(pattern, shortest, longest):
            if not isinstance(value, str):
                return False
            within = len(value) >= shortest and (longest is None or len(value) <= longest)
            return within and (not pattern or re.search(pattern, value) is not None)
        case DurationShape():
            return isinstance(value, str) and _is_duration(value)
        case ChoiceShape(values):
            return any(value == known and isinstance(value, bool) == isinstance(known, bool) for known in values)
        case _:
            assert_never(shape)


def _is_duration(text: str) -> bool:
    try:
        return parse_duration(text) >= 0
    except ValueError:
        return False


def _wrong(shape: Shape, value: Value, path: Path) -> Fault:
    return Fault(path, f"expected {describe(shape)}, not {_shown(value)}")


def _has_template(value: Value) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_template, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_template, value))
    return is_template(value)


def describe(shape: Shape) -> str:
    """What is expected, in words."""
    match shape:
        case AnyShape():
            return "any value"
        case NullShape():
            return "null"
        case BooleanShape():
            return "true or false"
        case NumberShape(is_integer, least, most):
            return ("a whole number" if is_integer else "a number") + _range(least, most)
        case TextShape(pattern, shortest, longest):
            like = f" like {pattern}" if pattern else ""
            return ("text that is not empty" if shortest else "text") + like + _range(None, longest, " characters")
        case DurationShape():
            return "a duration such as 30s or 5m"
        case ChoiceShape(values):
            return _either(str(value) for value in values)
        case ListShape(item):
            return f"a list of {describe(item)}" if not isinstance(item, AnyShape) else "a list"
        case MapShape():
            return "a mapping"
        case RecordShape(parameters=parameters):
            return "a mapping with " + _either(parameter.key for parameter in parameters)
        case UnionShape(options):
            return _either(map(describe, options))
        case _:
            assert_never(shape)


def _range(least: float | None, most: float | None, unit: str = "") -> str:
    if least is not None and most is not None:
        return f" from {least:g} to {most:g}{unit}"
    if least is not None:
        return f" of at least {least:g}{unit}"
    return f" of at most {most:g}{unit}" if most is not None else ""


def _either(words: Iterable[str]) -> str:
    *rest, last = words
    return f"{', '.join(rest)} or {last}" if rest else last


def _shown(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else value[:57] + "...")
    return "a mapping" if isinstance(value, Mapping) else "a list"
