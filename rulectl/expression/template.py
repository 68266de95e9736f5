"""Templates: text and nested values with ``${{ expression }}`` in their strings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeAlias, assert_never

import msgspec

from rulectl.expression.error import ExpressionError, together
from rulectl.expression.expression import Expression, compile_expression
from rulectl.expression.function import Functions
from rulectl.expression.functions.catalog import BUILTIN
from rulectl.fields import NOTHING, FieldTree
from rulectl.value import Value, encode

OPEN, CLOSE = "${{", "}}"
MAX_DEPTH = 100
"""Levels of objects and arrays that a templated value may have."""

Path: TypeAlias = tuple[str | int, ...]


class Placed(msgspec.Struct, frozen=True):
    """An expression of a template: `path` leads to its string, `start` is its offset there."""

    path: Path
    start: int
    expression: Expression


class _Constant(msgspec.Struct, frozen=True):
    value: Value


class _Single(msgspec.Struct, frozen=True):
    expression: Expression


class _Joined(msgspec.Struct, frozen=True):
    pieces: tuple[str | Expression, ...]


class _Object(msgspec.Struct, frozen=True):
    entries: tuple[tuple[str, _Part], ...]


class _Array(msgspec.Struct, frozen=True):
    elements: tuple[_Part, ...]


_Part: TypeAlias = "_Constant | _Single | _Joined | _Object | _Array"


class Template(msgspec.Struct, frozen=True, eq=False):
    """A compiled template; rendering it has no side effects and may be done from any thread.

    `expressions` are all of them, in the order of the value. `roots` are those that they use, and `reads` says for
    each of these what it depends on; see `Expression.reads`.
    """

    value: Value
    expressions: tuple[Placed, ...]
    roots: frozenset[str]
    reads: Mapping[str, FieldTree]
    _part: _Part

    @property
    def is_constant(self) -> bool:
        """Whether it has no expression, and so always renders to itself."""
        return not self.expressions

    @property
    def uses_time(self) -> bool:
        """Whether it may render differently though nothing but time goes on."""
        return any(placed.expression.uses_time for placed in self.expressions)

    def render(self, scope: Mapping[str, Value], now: float) -> Value:
        """The value with all expressions evaluated; see `Expression.evaluate`.

        A string that is nothing but one expression becomes that expression's value, whatever its type.
        In other strings, texts are put in as they are, null as nothing, and other values as compact JSON.

        Raises:
            EvaluationError: one of the expressions has no value.
        """
        return _render(self._part, scope, now)


def compile_template(value: Value, *, roots: Collection[str], functions: Functions = BUILTIN) -> Template:
    """The template that `value` is: a string, or an object or array with strings anywhere in it.

    Only values are templates, keys are not: an expression in a key is an error. To write a ``${{``
    that is none, put it in an expression: ``${{ '${{' }}``.

    Raises:
        ExpressionError: an expression is wrong or not closed. Offsets count from the beginning of the
            string, `path` leads to it, and `others` are all further faults in the value.
    """
    compiler = _Compiler(roots, functions)
    part = compiler.part(value, ())
    if compiler.errors:
        raise together(compiler.errors)
    placed = tuple(compiler.expressions)
    reads = _joined_reads(placed)
    return Template(value, placed, frozenset(root for one in placed for root in one.expression.roots), reads, part)


def _joined_reads(placed: tuple[Placed, ...]) -> Mapping[str, FieldTree]:
    trees: dict[str, FieldTree] = {}
    for one in placed:
        for root, tree in one.expression.reads.items():
            trees[root] = trees.get(root, NOTHING) | tree
    return trees


class _Compiler:
    def __init__(self, roots: Collection[str], functions: Functions) -> None:
        self._roots = roots
        self._functions = functions
        self.errors: list[ExpressionError] = []
        self.expressions: list[Placed] = []

    def part(self, value: Value, path: Path) -> _Part:
        if len(path) > MAX_DEPTH:
            error = ExpressionError(f"the value is nested more than {MAX_DEPTH} levels deep", 0, 0)
            self.errors.append(error.at(0, path))
            return _Constant(None)
        if isinstance(value, str):
            return self._string(value, path)
        if isinstance(value, Mapping):
            entries = [(key, self._entry(key, each, (*path, key))) for key, each in value.items()]
            if all(isinstance(each, _Constant) for _, each in entries):
                return _Constant(value)
            return _Object(tuple(entries))
        if isinstance(value, Sequence):
            elements = [self.part(each, (*path, position)) for position, each in enumerate(value)]
            if all(isinstance(each, _Constant) for each in elements):
                return _Constant(value)
            return _Array(tuple(elements))
        return _Constant(value)

    def _entry(self, key: str, value: Value, path: Path) -> _Part:
        if OPEN in key:
            start = key.index(OPEN)
            message, hint = "a key cannot be an expression", "build the object with object_from_lists(keys, values)"
            self.errors.append(ExpressionError(message, start, len(key), hint).at(0, path))
        return self.part(value, path)

    def _string(self, text: str, path: Path) -> _Part:
        if OPEN not in text:
            return _Constant(text)
        pieces: list[str | Expression] = []
        try:
            for start, piece, is_expression in _pieces(text):
                if not is_expression:
                    pieces.append(piece)
                    continue
                expression = self._expression(piece, start, path)
                if expression is not None:
                    pieces.append(expression)
        except ExpressionError as error:
            self.errors.append(error.at(0, path))
            return _Constant(text)
        match pieces:
            case [Expression() as only]:
                return _Single(only)
            case _:
                return _Joined(tuple(pieces))

    def _expression(self, text: str, start: int, path: Path) -> Expression | None:
        try:
            expression = compile_expression(text, roots=self._roots, functions=self._functions)
        except ExpressionError as error:
            self.errors.extend(each.at(start, path) for each in error.every())
            return None
        self.expressions.append(Placed(path, start, expression))
        return expression


def _pieces(text: str) -> Iterator[tuple[int, str, bool]]:
    """The parts of a string: offset, text, and whether it is an expression (then without the braces)."""
    position = 0
    while True:
        opening = text.find(OPEN, position)
        if opening < 0:
            if position < len(text):
                yield position, text[position:], False
            return
        if opening > position:
            yield position, text[position:opening], False
        start = opening + len(OPEN)
        end = _closing(text, start)
        if end is None:
            hint = "end the expression with }}, and close its quotes and brackets before"
            raise ExpressionError("this ${{ is never closed", opening, len(text), hint)
        yield start, text[start:end], True
        position = end + len(CLOSE)


def _closing(text: str, position: int) -> int | None:
    """Where the ``}}`` stands that ends the expression: outside of quotes and of its own braces."""
    depth = 0
    while position < len(text):
        character = text[position]
        if character in "'\"`":
            position += 1
            while position < len(text) and text[position] != character:
                position += 2 if text[position] == "\\" else 1
        elif character == "{":
            depth += 1
        elif character == "}":
            if depth == 0 and text.startswith(CLOSE, position):
                return position
            depth = max(0, depth - 1)
        position += 1
    return None


def _render(part: _Part, scope: Mapping[str, Value], now: float) -> Value:
    match part:
        case _Constant(value):
            return value
        case _Single(expression):
            return expression.evaluate(scope, now)
        case _Joined(pieces):
            return "".join(piece if isinstance(piece, str) else _text(piece.evaluate(scope, now)) for piece in pieces)
        case _Object(entries):
            return {key: _render(each, scope, now) for key, each in entries}
        case _Array(elements):
            return [_render(each, scope, now) for each in elements]
        case _:
            assert_never(part)


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else encode(value).decode()
