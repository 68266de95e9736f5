"""Collects the lines of a generated module: functions, indentation, bound constants, values already computed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rulectl.expression.codegen.operand import NULL, Operand
from rulectl.expression.kind import Kind, kind_of
from rulectl.expression.syntax import Node
from rulectl.value import Value

_MAX_PLAIN_INTEGER = 10**18


@dataclass(slots=True)
class _Frame:
    """One function that is being written."""

    lines: list[tuple[str, Node | None]] = field(default_factory=list)
    indent: int = 0
    loops: int = 0
    known: list[dict[str, Operand]] = field(default_factory=lambda: [{}])


class Writer:
    """`namespace` is what the generated code sees; `lines` is filled as functions are finished."""

    def __init__(self, namespace: dict[str, object]) -> None:
        self.namespace = namespace
        self.lines: list[tuple[str, Node | None]] = []
        self._frames: list[_Frame] = []
        self._names = 0

    @property
    def is_deep(self) -> bool:
        """Whether more nesting should go to a function of its own (CPython allows 20 nested loops)."""
        frame = self._frames[-1]
        return frame.loops >= 8 or frame.indent >= 24

    def name(self, prefix: str = "v") -> str:
        """A name that is used nowhere else."""
        self._names += 1
        return f"{prefix}{self._names}"

    def line(self, text: str, node: Node | None = None) -> None:
        """One statement; `node` is what an error in it is about."""
        frame = self._frames[-1]
        frame.lines.append((" " * frame.indent + text, node))

    @contextmanager
    def function(self, header: str) -> Iterator[None]:
        """What is written inside becomes a function of the module."""
        self._frames.append(_Frame(indent=1))
        yield
        frame = self._frames.pop()
        self.lines.append((header, None))
        self.lines.extend(frame.lines)

    @contextmanager
    def block(self, header: str, node: Node | None = None, *, is_loop: bool = False) -> Iterator[None]:
        """What is written inside is nested below `header`; values computed there are not known after it."""
        self.line(header, node)
        frame = self._frames[-1]
        frame.indent += 1
        frame.loops += is_loop
        with self.apart():
            yield
        frame.loops -= is_loop
        frame.indent -= 1

    @contextmanager
    def inside(self, header: str) -> Iterator[None]:
        """Nested below `header`, but values computed there stay known to what follows (see `apart`)."""
        self.line(header)
        frame = self._frames[-1]
        frame.indent += 1
        yield
        frame.indent -= 1

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Values computed inside are forgotten afterwards."""
        known = self._frames[-1].known
        known.append({})
        yield
        known.pop()

    def computed(self, code: str, kind: Kind, node: Node | None = None) -> Operand:
        """The value of the pure expression `code`, computed once."""
        known = self.recall(code)
        if known is not None:
            return known
        operand = Operand(self.name(), kind)
        self.line(f"{operand.code} = {code}", node)
        self.remember(code, operand)
        return operand

    def recall(self, key: str) -> Operand | None:
        """What was remembered under `key` where we are, if anything."""
        return next((scope[key] for scope in reversed(self._frames[-1].known) if key in scope), None)

    def remember(self, key: str, operand: Operand) -> None:
        """Makes `operand` known under `key` until the block ends."""
        self._frames[-1].known[-1][key] = operand

    def constant(self, value: Value) -> Operand:
        """An operand for a literal: written out if it is simple, bound otherwise."""
        if value is None:
            return NULL
        kind = kind_of(value)
        if (
            isinstance(value, bool | str)
            or (isinstance(value, int) and abs(value) < _MAX_PLAIN_INTEGER)
            or (isinstance(value, float) and math.isfinite(value))
        ):
            return Operand(repr(value), kind, is_constant=True, value=value)
        return Operand(self.bind("k", value), kind, is_constant=True, value=value)

    def bind(self, prefix: str, value: object) -> str:
        """A name for a Python object that generated code uses."""
        name = self.name(prefix)
        self.namespace[name] = value
        return name
