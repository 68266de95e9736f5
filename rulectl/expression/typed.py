"""From a plain Python function with types to a function of expressions."""

from __future__ import annotations

import collections.abc
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from rulectl import value as json_value
from rulectl.expression.function import Function, Parameter
from rulectl.expression.kind import ANY, Kind, accepts
from rulectl.value import Value, decode, encode

_Made = TypeVar("_Made", bound=Callable[..., Any])
_MARK: Final = "rulectl_function"
_SIMPLE: Final[Mapping[object, Kind]] = {
    str: Kind.STRING,
    int: Kind.NUMBER,
    float: Kind.NUMBER,
    bool: Kind.BOOLEAN,
    None: Kind.NULL,
    type(None): Kind.NULL,
    object: ANY,
    Any: ANY,
    dict: Kind.OBJECT,
    list: Kind.ARRAY,
}
_NAMES: Final = {"Mapping": Mapping, "Sequence": Sequence, "Value": json_value.Value}


def rule_function(name: str = "") -> Callable[[_Made], _Made]:
    """Marks a Python function as one that expressions may call; it stays as it is for everybody else.

    Its types say what it takes and gives: str, int, float, bool, None, list, dict, Sequence and Mapping of
    these, unions, object for any JSON. Its docstring describes it, a doctest in it is its example. It raises
    ValueError for what it cannot work with, and depends on nothing but its arguments.

    Args:
        name: How rules call it; the function's own name when absent.
    """

    def mark(made: _Made) -> _Made:
        setattr(made, _MARK, name or made.__name__)
        return made

    return mark


def is_marked(made: object) -> bool:
    """Whether `made` was marked by `rule_function`."""
    return isinstance(getattr(made, _MARK, None), str) and inspect.isfunction(made)


def typed_function(made: Callable[..., Any], name: str = "") -> Function:
    """`made` as a function of expressions.

    Raises:
        ValueError: its types do not fit; the message says which and what may stand there.
    """
    called = name or getattr(made, _MARK, made.__name__)
    hints = _hints(made)
    parameters = tuple(_parameter(one, hints, called) for one in inspect.signature(made).parameters.values())
    if "return" not in hints:
        raise ValueError(f"{called}() does not say what it returns; annotate it")
    result = _kind(hints["return"], f"the result of {called}()")
    is_variadic = any(one.kind is one.VAR_POSITIONAL for one in inspect.signature(made).parameters.values())
    takes_null = any(Kind.NULL in parameter.kind for parameter in parameters)

    def implementation(*arguments: Value) -> Value:
        try:
            found = made(*arguments)
            plain = decode(encode(found))
        except ValueError:
            raise
        except Exception as fault:
            raise ValueError(f"{called}() raised {type(fault).__name__}: {fault}") from fault
        if not accepts(result | Kind.NULL, plain):
            raise ValueError(f"{called}() returned {type(found).__name__}, not {result}")
        return plain

    doc, example = _documented(made, called)
    return Function(
        called,
        parameters,
        result,
        doc,
        implementation,
        example,
        strict=not takes_null,
        variadic=is_variadic,
    )


def _hints(made: Callable[..., Any]) -> dict[str, Any]:
    module = sys.modules.get(made.__module__)
    try:
        return typing.get_type_hints(made, localns={**_NAMES, **(vars(module) if module else {})})
    except (NameError, AttributeError, TypeError, SyntaxError) as fault:
        raise ValueError(
            f"the types of {made.__name__} cannot be resolved ({fault}); import them at run time"
        ) from fault


def _parameter(one: inspect.Parameter, hints: Mapping[str, Any], called: str) -> Parameter:
    if one.kind in {one.KEYWORD_ONLY, one.VAR_KEYWORD}:
        raise ValueError(f"parameter {one.name!r} of {called}() cannot be given by position, as expressions do")
    if one.name not in hints:
        raise ValueError(f"parameter {one.name!r} of {called}() has no type; annotate it")
    is_optional = one.default is not one.empty or one.kind is one.VAR_POSITIONAL
    return Parameter(one.name, _kind(hints[one.name], f"parameter {one.name!r} of {called}()"), is_optional)


def _kind(hint: Any, where: str) -> Kind:
    if hint in (json_value.Value, typing.ForwardRef("Value")):
        return ANY
    if isinstance(hint, collections.abc.Hashable) and hint in _SIMPLE:
        return _SIMPLE[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        joined = Kind(0)
        for option in arguments:
            joined |= _kind(option, where)
        return joined
    if (origin or hint) in {list, tuple, collections.abc.Sequence}:
        items = {str: Kind.STRINGS, float: Kind.NUMBERS, int: Kind.NUMBERS}
        return items.get(arguments[0], Kind.ARRAY) if arguments else Kind.ARRAY
    if (origin or hint) in {dict, collections.abc.Mapping}:
        return Kind.OBJECT
    raise ValueError(f"{where} cannot be {hint!r}; use str, int, float, bool, None, list, dict, or object for any JSON")


def _documented(made: Callable[..., Any], called: str) -> tuple[str, tuple[str, Value]]:
    """The first paragraph, and the first doctest whose result is JSON, in the spelling of expressions."""
    import doctest  # noqa: PLC0415 - slow to import, and only plugins need it

    text = inspect.getdoc(made) or ""
    doc = " ".join(text.partition("\n\n")[0].partition(">>>")[0].split())
    for one in doctest.DocTestParser().get_examples(text):
        try:
            wanted = decode(one.want.strip().replace("'", '"'))
        except ValueError:
            continue
        return doc, (one.source.strip().replace(f"{made.__name__}(", f"{called}("), wanted)
    return doc, ("", None)
