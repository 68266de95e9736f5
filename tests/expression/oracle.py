"""jmespath.py's own interpreter with our functions: what compiled expressions are compared with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jmespath import functions
from jmespath.parser import Parser
from jmespath.visitor import Options, TreeInterpreter

from rulectl.expression import BUILTIN, Kind
from rulectl.expression.runtime import check
from rulectl.value import Value


class _Standard(functions.Functions):  # type: ignore[misc] # jmespath has no types
    """With the other deliberate differences: a text contains nothing but texts, and merge() takes only objects.

    (jmespath.py checks no more than the first argument of merge().)
    """

    @functions.signature({"types": ["object"], "variadic": True})  # type: ignore[untyped-decorator]
    def _func_merge(self, *arguments: Any) -> Any:
        if not all(isinstance(argument, dict) for argument in arguments):
            raise ValueError(arguments)
        return super()._func_merge(*arguments)

    @functions.signature({"types": ["array", "string"]}, {"types": []})  # type: ignore[untyped-decorator]
    def _func_contains(self, subject: Any, search: Any) -> bool:
        return search in subject if isinstance(search, str) or not isinstance(subject, str) else False


class _Ours:
    """Calls the functions of BUILTIN by their signatures."""

    def call_function(self, name: str, arguments: list[Any]) -> Value:
        function = BUILTIN.get(name)
        assert function is not None
        values: list[Any] = [
            _callable(argument) if hasattr(argument, "expression") else argument for argument in arguments
        ]
        kinds = [function.parameter(position).kind for position in range(len(values))]
        if function.strict and any(v is None and Kind.NULL not in k for v, k in zip(values, kinds, strict=True)):
            return None
        for position, value in enumerate(values):
            if kinds[position] is not Kind.REFERENCE:
                check(function, position, value)
        return function.implementation(*values)


def _callable(reference: Any) -> Callable[[Value], Value]:
    return lambda value: reference.visit(reference.expression, value)


class _Interpreter(TreeInterpreter):  # type: ignore[misc] # jmespath has no types
    """With the one deliberate difference of comparators: null where jmespath.py raises a TypeError."""

    def visit_comparator(self, node: Any, value: Any) -> Any:
        left, right = (self.visit(child, value) for child in node["children"])
        literals = [{"type": "literal", "value": operand, "children": []} for operand in (left, right)]
        try:
            return super().visit_comparator({**node, "children": literals}, value)
        except TypeError:
            return None


def interpret(text: str, value: Value, *, ours: bool = False) -> Value:
    """The value of `text` on `value`, with jmespath.py's functions or (`ours`) with those of BUILTIN."""
    interpreter = _Interpreter(Options(custom_functions=_Ours() if ours else _Standard()))
    result: Value = interpreter.visit(Parser().parse(text).parsed, value)
    return result
