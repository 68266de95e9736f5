"""The syntax tree of an expression: what jmespath's tree says, plus where in the text each part stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, Final, TypeAlias

import msgspec

from rulectl.value import Value


class Node(msgspec.Struct, frozen=True):
    """A part of an expression; `start` and `end` are 0-based offsets in its text, not compared by ``==``."""

    start: int
    end: int

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.content() == other.content()

    def __hash__(self) -> int:
        return hash((type(self), self.content()))

    def content(self) -> tuple[object, ...]:
        """What it says, wherever it stands: its fields but for `start` and `end`."""
        return tuple(getattr(self, name) for name in self.__struct_fields__[2:])


class Current(Node, frozen=True):
    """``@``."""


class Identity(Node, frozen=True):
    """Nothing written: the current value, for example right of ``[*]``."""


class Field(Node, frozen=True):
    """A key of the current object."""

    name: str


class Literal(Node, frozen=True):
    """A JSON value in backticks, or a raw string."""

    value: Value


class Index(Node, frozen=True):
    """``[3]``, negative from the end."""

    position: int


class Slice(Node, frozen=True):
    """``[first:last:step]``; the step is never 0."""

    first: int | None
    last: int | None
    step: int | None


class Subexpression(Node, frozen=True):
    """``a.b.c``: each step is evaluated on the value of the one before."""

    steps: tuple[Syntax, ...]


class IndexExpression(Node, frozen=True):
    """``a[0][1]``: a value, then indexes and slices into it."""

    steps: tuple[Syntax, ...]


class Pipe(Node, frozen=True):
    """``a | b | c``: like a subexpression, but ends the projections of the step before."""

    steps: tuple[Syntax, ...]


class Or(Node, frozen=True):
    """``a || b || c``: the first true operand, else the last."""

    operands: tuple[Syntax, ...]


class And(Node, frozen=True):
    """``a && b && c``: the first false operand, else the last."""

    operands: tuple[Syntax, ...]


class Not(Node, frozen=True):
    """``!a``; it binds tighter than a dot."""

    operand: Syntax


class Comparator(Node, frozen=True):
    """`operator` is one of ``== != < <= > >=``."""

    operator: str
    left: Syntax
    right: Syntax


class Projection(Node, frozen=True):
    """``base[*]body``, ``base[]body`` (the base is then a Flatten) or ``base[1:2]body``."""

    base: Syntax
    body: Syntax


class ValueProjection(Node, frozen=True):
    """``base.*body``: over an object's values."""

    base: Syntax
    body: Syntax


class FilterProjection(Node, frozen=True):
    """``base[?condition]body``."""

    base: Syntax
    body: Syntax
    condition: Syntax


class Flatten(Node, frozen=True):
    """The ``[]`` of ``base[]``: one level of lists in a list is merged."""

    base: Syntax


class MultiSelectList(Node, frozen=True):
    """``[a, b]``."""

    parts: tuple[Syntax, ...]


class Pair(Node, frozen=True):
    """One ``key: value`` of a multi-select hash."""

    key: str
    value: Syntax


class MultiSelectHash(Node, frozen=True):
    """``{key: a, other: b}``."""

    pairs: tuple[Pair, ...]


class Call(Node, frozen=True):
    """``name(a, b)``; the name stands at the node's start."""

    name: str
    arguments: tuple[Syntax, ...]


class Reference(Node, frozen=True):
    """``&expression``: handed to a function unevaluated."""

    expression: Syntax


Syntax: TypeAlias = (
    Current
    | Identity
    | Field
    | Literal
    | Index
    | Slice
    | Subexpression
    | IndexExpression
    | Pipe
    | Or
    | And
    | Not
    | Comparator
    | Projection
    | ValueProjection
    | FilterProjection
    | Flatten
    | MultiSelectList
    | MultiSelectHash
    | Call
    | Reference
)


def children(node: Syntax) -> tuple[Syntax, ...]:
    """The parts of `node`, in the order of the tree (a filter's condition comes last)."""
    find = _CHILDREN.get(type(node))
    return () if find is None else find(node)


_CHILDREN: Final[Mapping[type[Node], Callable[[Any], tuple[Syntax, ...]]]] = {
    **dict.fromkeys((Subexpression, IndexExpression, Pipe), attrgetter("steps")),
    **dict.fromkeys((Or, And), attrgetter("operands")),
    **dict.fromkeys((Projection, ValueProjection), attrgetter("base", "body")),
    Comparator: attrgetter("left", "right"),
    FilterProjection: attrgetter("base", "body", "condition"),
    MultiSelectList: attrgetter("parts"),
    Call: attrgetter("arguments"),
    Not: lambda node: (node.operand,),
    Flatten: lambda node: (node.base,),
    Reference: lambda node: (node.expression,),
    MultiSelectHash: lambda node: tuple(pair.value for pair in node.pairs),
}
"""By type of node: every part of every expression is asked for its parts, several times."""


def walk(node: Syntax) -> Iterator[Syntax]:
    """`node` and everything below it, parents first; any depth, no recursion."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(children(part)))


def height(node: Syntax) -> int:
    """The number of levels of the tree, without recursion."""
    tallest, waiting = 0, [(node, 1)]
    while waiting:
        part, level = waiting.pop()
        tallest = max(tallest, level)
        waiting.extend((child, level + 1) for child in children(part))
    return tallest
