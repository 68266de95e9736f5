"""From a plugin's type annotations to shapes."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, ForwardRef, Literal, TypeAlias

import msgspec

from rulectl import value as json_value
from rulectl.action.shape import (
    AnyShape,
    BooleanShape,
    Choice,
    ChoiceShape,
    DurationShape,
    ListShape,
    MapShape,
    NullShape,
    NumberShape,
    Parameter,
    RecordShape,
    Shape,
    TextShape,
    UnionShape,
)


class _InSeconds:
    """Marks a float as written in Go's duration syntax."""


Duration: TypeAlias = Annotated[float, _InSeconds()]
"""A parameter that rules write as ``10s`` or ``1h30m`` and plugins get in seconds."""

_SIMPLE: Final[Mapping[object, Shape]] = {
    Any: AnyShape(),
    object: AnyShape(),
    None: NullShape(),
    type(None): NullShape(),
    bool: BooleanShape(),
    int: NumberShape(is_integer=True),
    float: NumberShape(is_integer=False),
    str: TextShape(),
    json_value.Value: AnyShape(),
    ForwardRef("Value"): AnyShape(),
}
_FALLBACK_NAMES: Final = {"Mapping": Mapping, "Sequence": Sequence, "Value": json_value.Value}
"""What the alias `rulectl.value.Value` needs to be understood from another module."""


class Unfit(TypeError):  # noqa: N818 - the word the reports use
    """A type that no JSON value can be turned into; the message says which and what may stand there."""


def record_of(made: type | Callable[..., object], *, skip: int = 0) -> RecordShape:
    """The parameters of a dataclass, or of a function but for its first `skip` ones.

    A field `secret_key_ref` is written ``secretKeyRef``; one underscore at the end (``json_``) is dropped.

    Raises:
        Unfit: a type cannot be a parameter's.
    """
    return _record(made, skip, ())


def _record(made: Any, skip: int, above: tuple[object, ...]) -> RecordShape:
    if made in above:
        raise Unfit(f"{made.__name__} contains itself; a parameter's type has to end somewhere")
    hints = _hints(made)
    found = _fields(made) if inspect.isclass(made) else _arguments(made, skip)
    parameters = []
    for name, default, doc in found:
        if name not in hints:
            raise Unfit(f"parameter {name!r} of {made.__name__} has no type; annotate it")
        shape, described = _shape(hints[name], f"{made.__name__}.{name}", (*above, made))
        required = default is inspect.Parameter.empty
        shown = default if isinstance(default, bool | int | float | str) and default != "" else None
        parameters.append(Parameter(_key(name), name, shape, required, shown, doc or described))
    return RecordShape(
        made.__name__,
        made,
        tuple(parameters),
        is_secret=bool(getattr(made, "is_secret", False)),
        extras=getattr(made, "json_schema", {}),
        choices=(
            *(Choice(tuple(keys), is_required=True) for keys in getattr(made, "exactly_one_of", ())),
            *(Choice(tuple(keys), is_required=False) for keys in getattr(made, "at_most_one_of", ())),
        ),
        requires=getattr(made, "requires", {}),
    )


def _hints(made: Any) -> dict[str, Any]:
    module = sys.modules.get(made.__module__)
    names = {**_FALLBACK_NAMES, **(vars(module) if module else {})}
    try:
        return typing.get_type_hints(made, localns=names, include_extras=True)
    except (NameError, AttributeError, TypeError, SyntaxError) as fault:
        raise Unfit(f"the types of {made.__name__} cannot be resolved ({fault}); import them at run time") from fault


def _fields(made: type) -> Iterable[tuple[str, object, str]]:
    if not dataclasses.is_dataclass(made):
        raise Unfit(f"{made.__name__} is no dataclass; write @dataclass(frozen=True, slots=True) above it")
    for one in dataclasses.fields(made):
        if not one.init:
            continue
        default: object = one.default
        if default is dataclasses.MISSING:
            missing = one.default_factory is dataclasses.MISSING
            default = inspect.Parameter.empty if missing else None
        yield one.name, default, str(one.metadata.get("doc", ""))


def _arguments(made: Callable[..., object], skip: int) -> Iterable[tuple[str, object, str]]:
    for one in list(inspect.signature(made).parameters.values())[skip:]:
        if one.kind in {one.VAR_POSITIONAL, one.VAR_KEYWORD, one.POSITIONAL_ONLY}:
            raise Unfit(f"parameter {one} cannot be given by name; rules name every parameter")
        yield one.name, one.default, ""


def _key(name: str) -> str:
    first, *rest = name.removesuffix("_").split("_")
    return first + "".join(part.title() for part in rest)


def _shape(hint: Any, where: str, above: tuple[object, ...]) -> tuple[Shape, str]:
    """The shape of a type, and what its annotation says about it."""
    if typing.get_origin(hint) is not Annotated:
        return _bare(hint, where, above), ""
    bare, *notes = typing.get_args(hint)
    if any(isinstance(note, _InSeconds) for note in notes):
        return DurationShape(), _described(notes)
    return _limited(_bare(bare, where, above), notes), _described(notes)


def _described(notes: Iterable[object]) -> str:
    for note in notes:
        if isinstance(note, str):
            return note
        if isinstance(note, msgspec.Meta) and note.description:
            return note.description
    return ""


def _limited(shape: Shape, notes: Iterable[object]) -> Shape:
    for note in notes:
        if not isinstance(note, msgspec.Meta):
            continue
        if isinstance(shape, NumberShape):
            shape = dataclasses.replace(shape, least=note.ge, most=note.le)
        elif isinstance(shape, TextShape):
            shape = TextShape(note.pattern or "", note.min_length or 0, note.max_length)
        elif isinstance(shape, ListShape):
            shape = dataclasses.replace(shape, shortest=note.min_length or 0)
    return shape


def _bare(hint: Any, where: str, above: tuple[object, ...]) -> Shape:
    if typing.get_origin(hint) is None and _hashable(hint) and hint in _SIMPLE:
        return _SIMPLE[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return UnionShape(tuple(_shape(option, where, above)[0] for option in arguments))
    if origin is Literal:
        return ChoiceShape(arguments)
    if inspect.isclass(hint) and issubclass(hint, enum.StrEnum):
        return ChoiceShape(tuple(member.value for member in hint))
    container = origin or hint
    if container in {list, tuple, Sequence}:
        return _list(container, arguments, where, above)
    if container in {dict, Mapping}:
        if arguments and arguments[0] is not str:
            raise Unfit(f"{where}: the keys of a mapping have to be str")
        return MapShape(_shape(arguments[1], where, above)[0] if arguments else AnyShape())
    if dataclasses.is_dataclass(hint):
        return _record(hint, 0, above)
    raise Unfit(
        f"{where}: {hint!r} cannot be a parameter's type; use str, int, float, bool, Duration, Literal, "
        "list, tuple[X, ...], Mapping[str, X], a dataclass, a union of these, or object for any JSON"
    )


def _list(container: object, arguments: tuple[Any, ...], where: str, above: tuple[object, ...]) -> Shape:
    if container is tuple and (len(arguments) != 2 or arguments[1] is not Ellipsis):
        raise Unfit(f"{where}: write tuple[X, ...]; tuples of a fixed length cannot be parameters")
    item = _shape(arguments[0], where, above)[0] if arguments else AnyShape()
    return ListShape(item, as_tuple=container is tuple)


def _hashable(hint: object) -> bool:
    try:
        hash(hint)
    except TypeError:
        return False
    return True
