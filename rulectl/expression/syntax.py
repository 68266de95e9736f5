"""The syntax tree of an expression: what jmespath's tree says, plus where in the text each part stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, TypeAlias

from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression; `start` and `end` are 0-based offsets in its text, not compared by ``==``."""

    start: int = field(compare=False)
    end: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Current(Node):
    """``@``."""


@dataclass(frozen=True, slots=True)
class Identity(Node):
    """Nothing written: the current value, for example right of ``[*]``."""


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A key of the current object."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A JSON value in backticks, or a raw string."""

    value: Value


@dataclass(frozen=True, slots=True)
class Index(Node):
    """``[3]``, negative from the end."""

    position: int


@dataclass(frozen=True, slots=True)
class Slice(Node):
    """``[first:last:step]``; the step is never 0."""

    first: int | None
    last: int | None
    step: int | None


@dataclass(frozen=True, slots=True)
class Subexpression(Node):
    """``a.b.c``: each step is evaluated on the value of the one before."""

    steps: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class IndexExpression(Node):
    """``a[0][1]``: a value, then indexes and slices into it."""

    steps: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class Pipe(Node):
    """``a | b | c``: like a subexpression, but ends the projections of the step before."""

    steps: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """``a || b || c``: the first true operand, else the last."""

    operands: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class And(Node):
    """``a && b && c``: the first false operand, else the last."""

    operands: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """``!a``; it binds tighter than a dot."""

    operand: Syntax


@dataclass(frozen=True, slots=True)
class Comparator(Node):
    """`operator` is one of ``== != < <= > >=``."""

    operator: str
    left: Syntax
    right: Syntax


@dataclass(frozen=True, slots=True)
class Projection(Node):
    """``base[*]body``, ``base[]body`` (the base is then a Flatten) or ``base[1:2]body``."""

    base: Syntax
    body: Syntax


@dataclass(frozen=True, slots=True)
class ValueProjection(Node):
    """``base.*body``: over an object's values."""

    base: Syntax
    body: Syntax


@dataclass(frozen=True, slots=True)
class FilterProjection(Node):
    """``base[?condition]body``."""

    base: Syntax
    body: Syntax
    condition: Syntax


@dataclass(frozen=True, slots=True)
class Flatten(Node):
    """The ``[]`` of ``base[]``: one level of lists in a list is merged."""

    base: Syntax


@dataclass(frozen=True, slots=True)
class MultiSelectList(Node):
    """``[a, b]``."""

    parts: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class Pair(Node):
    """One ``key: value`` of a multi-select hash."""

    key: str
    value: Syntax


@dataclass(frozen=True, slots=True)
class MultiSelectHash(Node):
    """``{key: a, other: b}``."""

    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``name(a, b)``; the name stands at the node's start."""

    name: str
    arguments: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class Reference(Node):
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
