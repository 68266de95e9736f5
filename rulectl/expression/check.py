"""What can be found wrong with an expression before it is ever evaluated."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import assert_never

from rulectl.expression.error import ExpressionError
from rulectl.expression.function import Function, Functions
from rulectl.expression.kind import Kind, accepts, kind_of
from rulectl.expression.syntax import (
    And,
    Call,
    Comparator,
    Current,
    Field,
    FilterProjection,
    Flatten,
    Identity,
    Index,
    IndexExpression,
    Literal,
    MultiSelectHash,
    MultiSelectList,
    Not,
    Or,
    Pipe,
    Projection,
    Reference,
    Slice,
    Subexpression,
    Syntax,
    ValueProjection,
)
from rulectl.problem import nearest

_VALUES = {"true", "false", "null"}
_ROOTLESS = {"new": "object", "this": "object", "self": "object", "obj": "object", "resource": "object"}


def faults(node: Syntax, roots: Collection[str] | None, functions: Functions) -> list[ExpressionError]:
    """All faults in `node`, in the order of the text; `roots` is None where it is relative to an object."""
    found = list(_Checker(roots or (), functions).check(node, at_scope=roots is not None))
    return sorted(found, key=lambda fault: fault.start)


def used_roots(node: Syntax) -> frozenset[str]:
    """The roots that a checked expression names."""
    return frozenset(field.name for field, at_scope in _at_scope(node, at_scope=True) if at_scope)


def _at_scope(node: Syntax, *, at_scope: bool) -> Iterator[tuple[Field, bool]]:
    """Every key in `node`, and whether it is looked up among the roots."""
    if isinstance(node, Field):
        yield node, at_scope
    for child, at in _children(node, at_scope=at_scope):
        yield from _at_scope(child, at_scope=at)


def _children(node: Syntax, *, at_scope: bool) -> list[tuple[Syntax, bool]]:
    """The parts of a node, and whether the roots (instead of some value) are current for them."""
    match node:
        case Field() | Literal() | Current() | Identity() | Index() | Slice():
            return []
        case Subexpression(steps=steps) | IndexExpression(steps=steps) | Pipe(steps=steps):
            return [(step, at_scope and position == 0) for position, step in enumerate(steps)]
        case Or(operands=parts) | And(operands=parts) | MultiSelectList(parts=parts) | Call(arguments=parts):
            return [(part, at_scope) for part in parts]
        case Not(operand=part) | Flatten(base=part):
            return [(part, at_scope)]
        case Comparator(left=left, right=right):
            return [(left, at_scope), (right, at_scope)]
        case Projection(base=base, body=body) | ValueProjection(base=base, body=body):
            return [(base, at_scope), (body, False)]
        case FilterProjection(base=base, body=body, condition=condition):
            return [(base, at_scope), (condition, False), (body, False)]
        case MultiSelectHash(pairs=pairs):
            return [(pair.value, at_scope) for pair in pairs]
        case Reference(expression=part):
            return [(part, False)]
        case _:
            assert_never(node)


class _Checker:
    def __init__(self, roots: Collection[str], functions: Functions) -> None:
        self._roots = roots
        self._functions = functions

    def check(self, node: Syntax, *, at_scope: bool, in_call: bool = False) -> Iterator[ExpressionError]:
        match node:
            case Field() if at_scope and node.name not in self._roots:
                yield self._unknown_root(node)
            case Current() | Identity() | Index() | Slice() if at_scope:
                yield self._rootless(node)
            case Call():
                yield from self._call(node)
            case Reference() if not in_call:
                hint = "it may only be an argument of functions such as sort_by(array, &key)"
                yield ExpressionError("& has no meaning here", node.start, node.end, hint)
            case _:
                pass
        for child, at in _children(node, at_scope=at_scope):
            yield from self.check(child, at_scope=at, in_call=isinstance(node, Call))

    def _unknown_root(self, node: Field) -> ExpressionError:
        name = node.name
        near = nearest(name, self._roots) or (_ROOTLESS.get(name) if _ROOTLESS.get(name) in self._roots else None)
        known = ", ".join(sorted(self._roots)) or "none"
        if name in _VALUES:
            hint = f"the value is written `{name}`, in backticks"
        elif near:
            hint = f"did you mean {near!r}?"
        elif "object" in self._roots and name in {"metadata", "spec", "status", "kind", "data"}:
            hint = f"did you mean 'object.{name}'?"
        else:
            hint = f"the roots here are: {known}; a text is written in single quotes, '{name}'"
        return ExpressionError(f"unknown root {name!r}", node.start, node.end, hint)

    def _rootless(self, node: Syntax) -> ExpressionError:
        known = ", ".join(sorted(self._roots)) or "none"
        hint = f"begin with one of the roots: {known}"
        return ExpressionError("there is no current value here", node.start, max(node.end, node.start + 1), hint)

    def _call(self, node: Call) -> Iterator[ExpressionError]:
        name_end = node.start + len(node.name)
        function = self._functions.get(node.name)
        if function is None:
            near = self._functions.nearest(node.name)
            hint = f"did you mean {near}()?" if near else "`rulectl schema functions` lists them all"
            yield ExpressionError(f"unknown function {node.name}()", node.start, name_end, hint)
            return
        arity_fault = function.arity_fault(len(node.arguments))
        if arity_fault:
            yield ExpressionError(arity_fault, node.start, node.end, function.signature)
            return
        for position, argument in enumerate(node.arguments):
            message = _argument_fault(function, position, argument)
            if message:
                yield ExpressionError(message, argument.start, argument.end, function.signature)


def _argument_fault(function: Function, position: int, argument: Syntax) -> str:
    parameter = function.parameter(position)
    label = f"{function.name}(): argument '{parameter.name}' must be"
    if (parameter.kind is Kind.REFERENCE) != isinstance(argument, Reference):
        wanted = (
            "an &expression: write & before it" if parameter.kind is Kind.REFERENCE else "a value, not an &expression"
        )
        return f"{label} {wanted}"
    if not isinstance(argument, Literal):
        return ""
    value = argument.value
    if not accepts(parameter.kind, value) and not (function.strict and value is None):
        return f"{label} {parameter.kind}, not {kind_of(value)}"
    if parameter.check and isinstance(value, str):
        try:
            parameter.check(value)
        except ValueError as error:
            return f"{function.name}(): {error}"
    return ""
