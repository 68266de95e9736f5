"""Which parts of its roots an expression reads: what must be kept so that its value stays the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from rulectl.expression.function import Body, Functions, everything_whole
from rulectl.expression.origin import NOWHERE, Mark, Origin, either
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
from rulectl.fields import FieldTree
from rulectl.value import Value

RELATIVE_ROOT = ""
"""The name of the one root of an expression that is relative to an object."""


def read_set(
    node: Syntax, functions: Functions, *, relative: bool = False, condition: bool = False
) -> Mapping[str, FieldTree]:
    """The tree of every root that `node` uses; with `condition` only whether its value is true matters.

    Sound: for every value, evaluating on what the tree keeps gives the same as evaluating on all of it.
    Comparing, testing for truth, handing to a function and returning use a value as a whole;
    walking through it, taking list elements and the accessor functions use only what they name.
    """
    reader = _Reader(functions)
    root = Mark()
    scope = Origin((root,))
    start = scope.get(RELATIVE_ROOT) if relative else scope
    value = reader.value(node, start)
    if condition:
        value.keep_size()
    else:
        value.keep_whole()
    return root.tree().fields


class _Reader:
    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def value(self, node: Syntax, current: Origin) -> Origin:  # noqa: PLR0912 - one case per node
        """Where the value of `node` comes from; everything that it depends on has then been marked."""
        match node:
            case Current() | Identity():
                return current
            case Field(name=name):
                return current.get(name)
            case Literal():
                return NOWHERE
            case Index():
                return current.item()
            case Slice():
                return Origin(elements=current.item())
            case Subexpression(steps=steps) | IndexExpression(steps=steps) | Pipe(steps=steps):
                for step in steps:
                    current = self.value(step, current)
                return current
            case Or(operands=operands) | And(operands=operands):
                origins = [self.value(operand, current) for operand in operands]
                for origin in origins[:-1]:
                    origin.keep_size()
                # What `&&` gives of an earlier operand is null, false or empty: nothing is in it.
                return either(origins) if isinstance(node, Or) else origins[-1]
            case Not(operand=operand):
                self.value(operand, current).keep_size()
                return NOWHERE
            case Comparator(left=left, right=right):
                self.value(left, current).keep_whole()
                self.value(right, current).keep_whole()
                return NOWHERE
            case Projection(base=base, body=body):
                return Origin(elements=self.value(body, self.value(base, current).item()))
            case ValueProjection(base=base, body=body):
                return Origin(elements=self.value(body, self.value(base, current).value()))
            case FilterProjection(base=base, body=body, condition=condition):
                element = self.value(base, current).item()
                self.value(condition, element).keep_size()
                return Origin(elements=self.value(body, element))
            case Flatten(base=base):
                element = self.value(base, current).item()
                return Origin(elements=either([element, element.item()]))
            case MultiSelectList(parts=parts):
                return Origin(elements=either([self.value(part, current) for part in parts]))
            case MultiSelectHash(pairs=pairs):
                return Origin(fields={pair.key: self.value(pair.value, current) for pair in pairs})
            case Call():
                return self._call(node, current)
            case Reference():
                return NOWHERE
            case _:
                assert_never(node)

    def _call(self, node: Call, current: Origin) -> Origin:
        function = self._functions.get(node.name)
        reads = function.reads if function and function.reads else everything_whole
        arguments: list[Origin | Body] = []
        literals: list[Value] = []
        for argument in node.arguments:
            literals.append(argument.value if isinstance(argument, Literal) else None)
            if isinstance(argument, Reference):
                arguments.append(self._body(argument.expression))
            else:
                arguments.append(self.value(argument, current))
        return reads(arguments, literals)

    def _body(self, node: Syntax) -> Body:
        return lambda element: self.value(node, element)
