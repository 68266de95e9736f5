"""Python functions with types, as functions of expressions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from rulectl.expression import BUILTIN, EvaluationError, compile_expression, rule_function, typed_function
from rulectl.expression.function import Function
from rulectl.value import Value


@rule_function("zone_of")
def zone(node: str, separator: str = "-") -> str:
    """The zone in a node's name.

    >>> zone('eu-1-a')
    'eu-1'
    """
    return node.rpartition(separator)[0]


def call(made: Any, expression: str) -> Value:
    functions = BUILTIN.with_function(typed_function(made))
    return compile_expression(expression, functions=functions, roots=["object"]).evaluate({"object": {"a": 1}}, 0.0)


def test_its_types_and_its_docstring_say_what_it_is() -> None:
    function = typed_function(zone)
    assert function.signature == "zone_of(node: string, separator?: string) -> string|null"
    assert (function.doc, function.example) == ("The zone in a node's name.", ("zone_of('eu-1-a')", "eu-1"))


def test_it_is_called_like_any_other() -> None:
    assert call(zone, "zone_of('eu-1-a')") == "eu-1"
    assert call(zone, "zone_of('eu/1', '/')") == "eu"
    assert call(zone, "zone_of(object.b)") is None


def test_what_it_raises_is_told_and_unknown() -> None:
    def translate(key: str) -> str:
        return {"a": "b"}[key]

    with pytest.raises(EvaluationError, match=r"translate\(\) raised KeyError: 'x'"):
        call(translate, "translate('x')")


def test_what_is_no_json_of_its_type_is_refused() -> None:
    def wrong() -> str:
        answer: Any = 7
        return str(answer) if answer == 8 else answer

    with pytest.raises(EvaluationError, match=r"wrong\(\) returned int, not string"):
        call(wrong, "wrong()")


def test_containers_and_unions_are_understood() -> None:
    def many(a: Sequence[str], b: Mapping[str, Value] | None, c: object, *d: float) -> list[Value]:
        return [list(a), dict(b or {}), c, *d]  # type: ignore[list-item]  # any JSON will do

    signature = typed_function(many).signature
    assert signature == "many(a: array[string], b: object|null, c: any, d?: number...) -> array"


def test_what_does_not_fit_is_refused_with_the_reason() -> None:
    def untyped(a, b: int) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001 - that is the case
        return b + len(a)

    def sets(a: set[str]) -> str:
        return "".join(a)

    def named(*, a: str) -> str:
        return a

    def silent(a: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - that is the case
        return a

    cases: dict[Any, str] = {
        untyped: "parameter 'a' of untyped() has no type; annotate it",
        sets: "parameter 'a' of sets() cannot be set[str]; use str, int, float, bool, None, list, dict, or object",
        named: "parameter 'a' of named() cannot be given by position, as expressions do",
        silent: "silent() does not say what it returns; annotate it",
    }
    for made, message in cases.items():
        with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the message is compared below
            typed_function(made)
        assert str(refusal.value).startswith(message)


def test_it_stays_a_python_function() -> None:
    assert zone("eu-1-a") == "eu-1"
    assert not isinstance(zone, Function)
