"""Expressions: compiled once, evaluated many times."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final

from rulectl.expression.check import faults, used_roots
from rulectl.expression.codegen.emitter import FILENAME, Program, compile_node
from rulectl.expression.error import EvaluationError, ExpressionError, together
from rulectl.expression.function import Functions, Time
from rulectl.expression.functions.catalog import BUILTIN
from rulectl.expression.parser import parse
from rulectl.expression.reads import RELATIVE_ROOT, read_set
from rulectl.expression.runtime import ArgumentError
from rulectl.expression.syntax import Call, Node, Syntax, walk
from rulectl.expression.timing import next_change
from rulectl.fields import FieldTree
from rulectl.value import Value


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A checked expression. It may be evaluated from any thread; evaluating has no side effects.

    - `condition`: its value is only whether it is true, as JMESPath sees it.
    - `syntax` is its tree, with offsets into `text`.
    - `roots` are the roots that it uses; for a relative one just the empty name.
    - `reads` says, for each of these, what its value depends on (see `read_set`).
    - `uses_time`: whether its value may change though nothing but time goes on.
    """

    text: str
    syntax: Syntax
    functions: Functions
    relative: bool
    condition: bool
    roots: frozenset[str]
    reads: Mapping[str, FieldTree]
    uses_time: bool
    _code: _Code = field(repr=False)

    def evaluate(self, scope: Mapping[str, Value], now: float) -> Value:
        """Its value, where `scope` maps roots to values (a root that is not there is null) and `now` is the time.

        `now` is in seconds since the epoch. The scope of a relative expression has the object under
        the empty name; see also `search`. Parts of the result may be shared with the scope.

        Raises:
            EvaluationError: it has no value: a function was given what it cannot work with.
        """
        code = self._code
        try:
            return (code.program or code.compile()).function(scope, now)
        except Exception as error:
            raise _explained(error, code, self.text) from error

    def search(self, value: Value, now: float = 0.0) -> Value:
        """The value of a relative expression on `value`; see `evaluate`."""
        return self.evaluate({RELATIVE_ROOT: value}, now)

    def next_change(self, scope: Mapping[str, Value], now: float) -> float | None:
        """The earliest time after `now` at which its value may change through time alone; None: it never will.

        Exact where ``age(x)``, ``now()`` or ``time_now()`` is compared with a value that does not itself
        depend on the time, wherever in the expression that stands; 60 s from now for other uses of the time.
        """
        if not self.uses_time:
            return None
        return next_change(self._code.probing().function, scope, now)

    @property
    def source(self) -> str:
        """The Python code that it was compiled to."""
        return (self._code.program or self._code.compile()).source


class _Code:
    """Programs, generated when first needed; doing it twice at once is harmless."""

    __slots__ = ("_condition", "_functions", "_node", "_probing", "_relative", "program")

    def __init__(self, node: Syntax, functions: Functions, *, relative: bool, condition: bool) -> None:
        self._node = node
        self._functions = functions
        self._relative = relative
        self._condition = condition
        self.program: Program | None = None
        self._probing: Program | None = None

    def compile(self) -> Program:
        self.program = self._compiled(probing=False)
        return self.program

    def probing(self) -> Program:
        if self._probing is None:
            self._probing = self._compiled(probing=True)
        return self._probing

    def _compiled(self, *, probing: bool) -> Program:
        return compile_node(
            self._node, self._functions, relative=self._relative, condition=self._condition, probing=probing
        )


def compile_expression(
    text: str,
    *,
    roots: Collection[str],
    functions: Functions = BUILTIN,
    relative: bool = False,
    condition: bool = False,
) -> Expression:
    """The expression in `text`.

    `roots` are the names that it may begin with. With `relative` it has no roots: it is about one
    value, as the paths of ``changed.fields`` are about the object. With `condition` its value is true or
    false, what JMESPath takes it for, and it reads less where the rest makes no difference to that.

    Raises:
        ExpressionError: the text is no expression, or a fault can be seen without evaluating it:
            an unknown root or function, a wrong number of arguments, a literal argument of a wrong
            type or with a wrong text. Its `others` are all further faults.
    """
    key = (text, frozenset(roots), id(functions), relative, condition)
    known = _known.get(key)
    if known is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        known = _known[key] = _compiled(text, roots, functions, relative=relative, condition=condition)
    return known


_MOST_KNOWN: Final = 10_000
_known: dict[tuple[str, frozenset[str], int, bool, bool], Expression] = {}
"""Expressions that were compiled: rules say the same often. Each holds its functions, so that their id stays theirs."""


def _compiled(
    text: str, roots: Collection[str], functions: Functions, *, relative: bool, condition: bool
) -> Expression:
    node = parse(text)
    try:
        found = faults(node, None if relative else roots, functions)
        if found:
            raise together(found)
        reads = read_set(node, functions, relative=relative, condition=condition)
        used = frozenset({RELATIVE_ROOT}) if relative else used_roots(node)
    except RecursionError as error:
        raise ExpressionError("the expression is nested too deeply", 0, len(text), "split it with `let`") from error
    calls = [functions.get(part.name) for part in walk(node) if isinstance(part, Call)]
    return Expression(
        text=text,
        syntax=node,
        functions=functions,
        relative=relative,
        condition=condition,
        roots=used,
        reads=reads,
        uses_time=any(function is not None and function.time is not Time.NONE for function in calls),
        _code=_Code(node, functions, relative=relative, condition=condition),
    )


def _explained(error: Exception, code: _Code, text: str) -> EvaluationError:
    """The error with the function and the place in the text where it happened."""
    if isinstance(error, EvaluationError):
        return error
    node = _failing(error.__traceback__, code.program)
    reason = _reason(error)
    if isinstance(node, Call):
        message = f"{node.name}(): {reason}"
        return EvaluationError(message, text=text, start=node.start, end=node.end, function=node.name)
    return EvaluationError(reason, text=text)


def _failing(traceback: TracebackType | None, program: Program | None) -> Node | None:
    """The node of the innermost line of the program's code that was running."""
    node = None
    while traceback is not None and program is not None:
        frame = traceback.tb_frame
        if frame.f_code.co_filename == FILENAME and frame.f_globals is program.namespace:
            node = program.nodes[traceback.tb_lineno] or node
        traceback = traceback.tb_next
    return node


def _reason(error: Exception) -> str:
    match error:
        case RecursionError():
            return "the value is nested too deeply"
        case ArgumentError() | ValueError() if str(error):
            return str(error)
        case OverflowError() | ArithmeticError():
            return f"the numbers are too large or too small ({error})"
        case _:
            return f"{type(error).__name__}: {error}"
