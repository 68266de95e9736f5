"""Functions that expressions may call: their signatures, and the registry that plugins extend."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from rulectl.expression.kind import Kind
from rulectl.expression.origin import NOWHERE, Origin
from rulectl.problem import nearest
from rulectl.value import Value

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

Body: TypeAlias = Callable[[Origin], Origin]
"""How a ``&expression`` argument maps the origin of an element to the origin of its result."""

Reads: TypeAlias = "Callable[[Sequence[Origin | Body], Sequence[Value]], Origin]"
"""Given the origins of the arguments (a Body for ``&expression``) and their literal values (null
where an argument is not a literal): marks what is read, returns where the result comes from."""


class Time(enum.Enum):
    """How a function's result depends on the time; other than NONE, `implementation` gets `now` first."""

    NONE = "none"
    SECONDS = "grows by one a second"
    TEXT = "the time as RFC 3339 text in UTC, whole seconds"
    COARSE = "in some other way: looked at again every 60 s"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: `check` refuses literals at load, by raising ValueError with what to write instead."""

    name: str
    kind: Kind
    optional: bool = False
    check: Callable[[str], object] | None = None

    def __str__(self) -> str:
        return f"{self.name}{'?' if self.optional else ''}: {self.kind.notation}"


@dataclass(frozen=True, slots=True)
class Function:
    """A pure function on JSON values.

    Arguments are checked against `parameters` before `implementation` is called; for a
    ``&expression`` it gets a callable of one value. It raises ValueError for what it cannot work
    with; the message says what to write instead. With `strict`, a null argument gives null
    (except where the parameter's kind has null in it). `variadic`: the last parameter may repeat.
    `example` is an expression over nothing (only literals) and its result.

    Results must depend on nothing but the arguments (and `now`, if `time` says so).
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Kind
    doc: str
    implementation: Callable[..., Value]
    example: tuple[str, Value]
    strict: bool = False
    variadic: bool = False
    time: Time = Time.NONE
    reads: Reads | None = None
    intrinsic: bool = False

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            msg = f"{self.name!r} cannot name a function: use letters, digits and _"
            raise ValueError(msg)

    @property
    def required(self) -> int:
        """How many arguments a call needs at least."""
        return sum(not parameter.optional for parameter in self.parameters)

    @property
    def signature(self) -> str:
        """For people: ``split(text: string, separator: string) -> array``."""
        dots = "..." if self.variadic else ""
        inner = ", ".join(str(parameter) for parameter in self.parameters)
        return f"{self.name}({inner}{dots}) -> {self.returned.notation}"

    @property
    def returned(self) -> Kind:
        """The types of the result, null included where a null argument gives null."""
        nullable = self.strict and any(Kind.NULL not in parameter.kind for parameter in self.parameters)
        return self.result | Kind.NULL if nullable else self.result

    def parameter(self, position: int) -> Parameter:
        """The parameter that takes the argument at `position` (0-based)."""
        return self.parameters[min(position, len(self.parameters) - 1)]

    def arity_fault(self, count: int) -> str:
        """What is wrong with `count` arguments; empty when nothing is."""
        most = None if self.variadic else len(self.parameters)
        if count >= self.required and (most is None or count <= most):
            return ""
        least = self.required
        wanted = f"at least {least}" if most is None else str(least) if most == least else f"{least} to {most}"
        plural = "argument" if wanted.endswith("1") and wanted in {"1", "at least 1"} else "arguments"
        return f"{self.name}() takes {wanted} {plural}, not {count}"


@dataclass(frozen=True, slots=True)
class Functions:
    """A set of functions by name; extending it gives a new one."""

    by_name: Mapping[str, Function] = field(default_factory=dict)

    def get(self, name: str) -> Function | None:
        """The function of that name, or None."""
        return self.by_name.get(name)

    def nearest(self, name: str) -> str | None:
        """The name that a misspelt one most likely meant."""
        return nearest(name, self.by_name)

    def with_function(self, function: Function) -> Functions:
        """These and one more.

        Raises:
            ValueError: there is one of that name already.
        """
        if function.name in self.by_name:
            msg = f"there is a function {function.name}() already: choose another name"
            raise ValueError(msg)
        return Functions({**self.by_name, function.name: function})

    def with_functions(self, functions: Iterable[Function]) -> Functions:
        """These and several more; see `with_function`."""
        extended = self
        for function in functions:
            extended = extended.with_function(function)
        return extended

    def __iter__(self) -> Iterator[Function]:
        """In the order of their names."""
        return (self.by_name[name] for name in sorted(self.by_name))

    def __len__(self) -> int:
        return len(self.by_name)


def everything_whole(arguments: Sequence[Origin | Body], _literals: Sequence[Value]) -> Origin:
    """The reads of a function about which nothing more is known."""
    for argument in arguments:
        if isinstance(argument, Origin):
            argument.keep_whole()
    return NOWHERE
