"""The code generator: one method per kind of node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from rulectl.expression import runtime
from rulectl.expression.codegen import call, navigation
from rulectl.expression.codegen.comparison import comparison
from rulectl.expression.codegen.operand import NULL, SCOPE, Operand, array_test, object_test, truth
from rulectl.expression.codegen.writer import Writer
from rulectl.expression.function import Functions, Time
from rulectl.expression.functions import standard
from rulectl.expression.kind import ANY, Kind
from rulectl.expression.reads import RELATIVE_ROOT
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
    Node,
    Not,
    Or,
    Pipe,
    Projection,
    Reference,
    Slice,
    Subexpression,
    Syntax,
    ValueProjection,
    walk,
)
from rulectl.value import Value

FILENAME = "<rulectl expression>"

_Projected: TypeAlias = Projection | ValueProjection | FilterProjection

_RUNTIME: dict[str, object] = {
    "__builtins__": {},
    "type": type, "len": len, "str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict,
    "field": runtime.field, "flatten": runtime.flatten, "is_array": runtime.is_array,
    "is_object": runtime.is_object, "check": runtime.check, "contains": standard.contains,
    "less": runtime.less, "less_equal": runtime.less_equal,
    "greater": runtime.greater, "greater_equal": runtime.greater_equal,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Program:
    """Generated code: `function` is called with the scope and the time (and, in a probing one, a probe).

    `nodes` says for each line of `source` (1-based, place 0 is empty) which node an error in it is about.
    """

    function: Callable[..., Value]
    source: str
    nodes: tuple[Node | None, ...]
    namespace: Mapping[str, object]


def compile_node(
    node: Syntax, functions: Functions, *, relative: bool = False, condition: bool = False, probing: bool = False
) -> Program:
    """The program of a checked tree.

    With `condition` it gives only whether the value is true. With `probing` it also tells a probe, as it
    runs, when its value may change (see `timing`).
    """
    emitter = Emitter(functions, probing=probing)
    emitter.write("evaluate", node, relative=relative, condition=condition)
    return emitter.program("evaluate")


class Emitter:
    """Writes functions into one module; several expressions may share an emitter."""

    def __init__(self, functions: Functions, *, probing: bool = False) -> None:
        self.functions = functions
        self.is_probing = probing
        self.out = Writer(dict(_RUNTIME))
        self._time = ", now, probe" if probing else ", now"

    def write(self, name: str, node: Syntax, *, relative: bool = False, condition: bool = False) -> None:
        """A function `name` of scope and time that evaluates `node`; see `compile_node`."""
        with self.out.function(f"def {name}(scope{self._time}):"):
            current = navigation.key(self.out, SCOPE, RELATIVE_ROOT) if relative else SCOPE
            value = self.emit(node, current)
            self.out.line(f"return True if {truth(value)} else False" if condition else f"return {value.code}")

    def program(self, name: str) -> Program:
        """What has been written, compiled; its function is `name`."""
        out = self.out
        source = "\n".join(line for line, _ in out.lines) + "\n"
        exec(compile(source, FILENAME, "exec"), out.namespace)  # noqa: S102 - see the package's docstring
        function = out.namespace[name]
        assert callable(function)
        return Program(function, source, (None, *(node for _, node in out.lines)), out.namespace)

    def is_timed(self, node: Syntax) -> bool:
        """Whether the value of `node` depends on the time."""
        calls = (self.functions.get(part.name) for part in walk(node) if isinstance(part, Call))
        return any(function is not None and function.time is not Time.NONE for function in calls)

    def emit(self, node: Syntax, current: Operand) -> Operand:  # noqa: PLR0912 - one case per node
        """Writes what computes `node` on `current`; gives the operand that then holds its value."""
        out = self.out
        match node:
            case Current() | Identity():
                return current
            case Field(name=name):
                return navigation.key(out, current, name)
            case Literal(value=value):
                return out.constant(value)
            case Index(position=position):
                return navigation.index(out, current, position)
            case Slice():
                return navigation.part(out, current, node)
            case Subexpression(steps=steps) | IndexExpression(steps=steps) | Pipe(steps=steps):
                return self._steps(steps, current)
            case Or(operands=operands):
                return self._logic(operands, current, until=True)
            case And(operands=operands):
                return self._logic(operands, current, until=False)
            case Not(operand=operand):
                return out.computed(f"not ({truth(self.emit(operand, current))})", Kind.BOOLEAN)
            case Comparator():
                return self._comparator(node, current)
            case Projection() | ValueProjection() | FilterProjection():
                return self._projection(node, current)
            case Flatten(base=base):
                return self._flatten(self.emit(base, current))
            case MultiSelectList(parts=parts):
                return self._selection(current, parts, lambda codes: f"[{', '.join(codes)}]", Kind.ARRAY)
            case MultiSelectHash(pairs=pairs):
                keys = [repr(pair.key) for pair in pairs]
                return self._selection(
                    current,
                    [pair.value for pair in pairs],
                    lambda codes: f"{{{', '.join(f'{k}: {c}' for k, c in zip(keys, codes, strict=True))}}}",
                    Kind.OBJECT,
                )
            case Call():
                return call.call(self, node, current)
            case Reference():
                raise AssertionError(node)  # refused by the check, or taken by its call
            case _:
                assert_never(node)

    def callable(self, node: Syntax) -> str:
        """Code for a function of one value that evaluates `node` on it."""
        name = self._outlined(node, Operand("value"))[0]
        return f"(lambda value: {name}(value{self._time}))" if self.is_timed(node) else name

    def mapped(self, node: Syntax, values: Operand) -> Operand:
        """A list of the node's values on each of `values`, nulls included."""
        result, element = self.out.name(), Operand(self.out.name("e"))
        self.out.line(f"{result} = []")
        with self.out.block(f"for {element.code} in {values.code}:", is_loop=True):
            self.out.line(f"{result}.append({self._nested(node, element).code})")
        return Operand(result, Kind.ARRAY)

    # Helpers

    def _outlined(self, node: Syntax, current: Operand) -> tuple[str, Operand]:
        """A function of its own for `node`: its name, and an operand with the types of its result."""
        name = self.out.name("h")
        parameter = Operand("scope" if current.is_scope else "value", current.kind, is_scope=current.is_scope)
        time = self._time if self.is_timed(node) else ""
        with self.out.function(f"def {name}({parameter.code}{time}):"):
            result = self.emit(node, parameter)
            self.out.line(f"return {result.code}")
        return name, result

    def _nested(self, node: Syntax, current: Operand) -> Operand:
        """Like emit, but what would nest too deeply goes to a function of its own."""
        if not self.out.is_deep or isinstance(node, Field | Literal | Current | Identity):
            return self.emit(node, current)
        name, result = self._outlined(node, current)
        time = self._time if self.is_timed(node) else ""
        value = Operand(self.out.name(), result.kind)
        self.out.line(f"{value.code} = {name}({current.code}{time})")
        return value

    def _steps(self, steps: tuple[Syntax, ...], current: Operand) -> Operand:
        position = 0
        while position < len(steps):
            step = steps[position]
            rest = _after_first(steps[position + 1]) if position + 1 < len(steps) else None
            if rest is not None and isinstance(step, _Projected) and not self._may_fail(step):
                current = self._projection(step, current, first_only=True)
                for further in rest:
                    current = self.emit(further, current)
                position += 2
            else:
                current = self.emit(step, current)
                position += 1
        return current

    def _may_fail(self, node: _Projected) -> bool:
        parts = [node.body, node.condition] if isinstance(node, FilterProjection) else [node.body]
        return any(isinstance(part, Call) for root in parts for part in walk(root))

    def _logic(self, operands: tuple[Syntax, ...], current: Operand, *, until: bool) -> Operand:
        """The first operand that is true (`until`) or false, else the last."""
        first = self.emit(operands[0], current)
        result = Operand(self.out.name(), first.kind)
        self.out.line(f"{result.code} = {first.code}")
        kept = ~Kind.NULL if until else ~Kind.NUMBER  # null is never true, a number never false
        with self.out.apart():
            for operand in operands[1:]:
                test = truth(result)
                with self.out.inside(f"if not ({test}):" if until else f"if {test}:"):
                    value = self._nested(operand, current)
                    self.out.line(f"{result.code} = {value.code}")
                result = Operand(result.code, (result.kind & kept) | value.kind)
        return result

    def _comparator(self, node: Comparator, current: Operand) -> Operand:
        timed = self._watched_side(node) if self.is_probing else None
        left, right = (
            call.call(self, side, current, is_watched=True) if side is timed and isinstance(side, Call)
            else self.emit(side, current)
            for side in (node.left, node.right)
        )  # fmt: skip
        if timed is not None:
            instant, other = (left, right) if timed is node.left else (right, left)
            watch = "seconds" if instant.is_only(Kind.NUMBER | Kind.NULL) else "text"
            what = f"{instant.code}, {other.code}" if watch == "seconds" else other.code
            self.out.line(f"probe.{watch}(now, {what})")
        code, kind = comparison(node.operator, left, right)
        return self.out.computed(code, kind) if kind is not Kind.NULL else NULL

    def _watched_side(self, node: Comparator) -> Call | None:
        """The side that is age(x), now() or the like, where nothing else in the comparison depends on the time."""
        for side, other in ((node.left, node.right), (node.right, node.left)):
            function = self.functions.get(side.name) if isinstance(side, Call) else None
            if (
                isinstance(side, Call)
                and function is not None
                and function.time in {Time.SECONDS, Time.TEXT}
                and not self.is_timed(other)
                and not any(self.is_timed(argument) for argument in side.arguments)
            ):
                return side
        return None

    # Projections

    def _projection(self, node: _Projected, current: Operand, *, first_only: bool = False) -> Operand:
        base = self.emit(node.base, current)
        over_values = isinstance(node, ValueProjection)
        if not base.may_be(Kind.OBJECT if over_values else Kind.ARRAY):
            return NULL
        test = object_test(base) if over_values else array_test(base)
        source = f"{base.code}.values()" if over_values else base.code
        result = self.out.name()
        if test or first_only:
            self.out.line(f"{result} = None")
        with self._where(test):
            if isinstance(node, Projection | ValueProjection) and isinstance(node.body, Identity) and not first_only:
                self.out.line(f"{result} = [e for e in {source} if e is not None]")
            else:
                self._loop(node, source, result, first_only=first_only)
        if first_only:
            return Operand(result, ANY)
        return Operand(result, Kind.ARRAY | Kind.NULL if test else Kind.ARRAY)

    def _loop(self, node: _Projected, source: str, result: str, *, first_only: bool) -> None:
        out = self.out
        element = Operand(out.name("e"))
        if not first_only:
            out.line(f"{result} = []")
        with out.block(f"for {element.code} in {source}:", is_loop=True):
            if isinstance(node, FilterProjection):
                test = truth(self._nested(node.condition, element))
                with out.block(f"if {test}:"):
                    self._take(node.body, element, result, first_only=first_only)
            else:
                self._take(node.body, element, result, first_only=first_only)

    def _take(self, body: Syntax, element: Operand, result: str, *, first_only: bool) -> None:
        out = self.out
        value = self._nested(body, element)
        with self._where(f"{value.code} is not None" if value.may_be(Kind.NULL) else ""):
            out.line(f"{result} = {value.code}" if first_only else f"{result}.append({value.code})")
            if first_only:
                out.line("break")

    def _flatten(self, base: Operand) -> Operand:
        if not base.may_be(Kind.ARRAY):
            return NULL
        kind = Kind.ARRAY if base.is_only(Kind.ARRAY) else Kind.ARRAY | Kind.NULL
        return self.out.computed(f"flatten({base.code})", kind)

    def _selection(
        self, current: Operand, parts: Iterable[Syntax], display: Callable[[list[str]], str], kind: Kind
    ) -> Operand:
        if current.is_only(Kind.NULL):
            return NULL
        test = f"{current.code} is not None" if current.may_be(Kind.NULL) else ""
        result = self.out.name()
        if test:
            self.out.line(f"{result} = None")
        with self._where(test):
            codes = [self._nested(part, current).code for part in parts]
            self.out.line(f"{result} = {display(codes)}")
        return Operand(result, kind | Kind.NULL if test else kind)

    @contextmanager
    def _where(self, test: str) -> Iterator[None]:
        if not test:
            yield
            return
        with self.out.block(f"if {test}:"):
            yield


def _after_first(step: Syntax) -> tuple[Syntax, ...] | None:
    """What follows ``[0]``, if that is what `step` begins with."""
    match step:
        case Index(position=0):
            return ()
        case IndexExpression(steps=(Current() | Identity(), Index(position=0), *rest)):
            return tuple(rest)
        case _:
            return None
