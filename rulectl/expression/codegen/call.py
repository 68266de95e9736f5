"""Code for function calls: checked arguments, direct calls, and the few functions that are written out."""

from __future__ import annotations

from typing import Protocol

from rulectl.expression.codegen import navigation
from rulectl.expression.codegen.operand import NULL, Operand, type_test
from rulectl.expression.codegen.writer import Writer
from rulectl.expression.function import Function, Functions, Time
from rulectl.expression.kind import Kind
from rulectl.expression.runtime import check
from rulectl.expression.syntax import Call, Reference, Syntax

_INSTANT_COMPARISONS = {"time_before", "time_after", "time_between"}


class Emitting(Protocol):
    """What the rest of the generator offers to calls."""

    out: Writer
    functions: Functions
    is_probing: bool

    def emit(self, node: Syntax, current: Operand) -> Operand:
        """Code for a node; see Emitter."""
        ...

    def callable(self, node: Syntax) -> str:
        """Code for a function of one value that evaluates `node` on it."""
        ...

    def mapped(self, node: Syntax, values: Operand) -> Operand:
        """Code for a list of the node's values on each of `values`."""
        ...

    def is_timed(self, node: Syntax) -> bool:
        """Whether the value of `node` depends on the time."""
        ...


def call(emitter: Emitting, node: Call, current: Operand, *, is_watched: bool = False) -> Operand:
    """The value of a call; `is_watched`: the caller takes care of the time when probing."""
    function = emitter.functions.get(node.name)
    assert function is not None, "calls are checked before code is written"
    if function.name == "map" and function.intrinsic:
        return _map(emitter, function, node, current)
    watched = _instant_arguments(emitter, node)
    operands = [
        call(emitter, argument, current, is_watched=True)
        if position in watched and isinstance(argument, Call)
        else emitter.emit(argument, current)
        for position, argument in enumerate(node.arguments)
        if not isinstance(argument, Reference)
    ]
    if watched:
        for position, operand in enumerate(operands):
            if position not in watched:
                emitter.out.line(f"probe.instant(now, {operand.code})")
    if emitter.is_probing and function.time is not Time.NONE and not is_watched:
        emitter.out.line("probe.coarse()")
    if function.intrinsic:
        written = _written_out(emitter, function, node, operands)
        if written is not None:
            return written
    return _call(emitter, function, node, operands)


def _instant_arguments(emitter: Emitting, node: Call) -> set[int]:
    """Which arguments of time_before() and its kin are the time itself, the others being fixed; for probing."""
    if not emitter.is_probing or node.name not in _INSTANT_COMPARISONS:
        return set()
    instants = set()
    for position, argument in enumerate(node.arguments):
        function = emitter.functions.get(argument.name) if isinstance(argument, Call) else None
        if function is not None and function.time is Time.TEXT:
            instants.add(position)
        elif emitter.is_timed(argument):
            return set()
    return instants


def _written_out(emitter: Emitting, function: Function, node: Call, operands: list[Operand]) -> Operand | None:
    out = emitter.out
    match function.name, operands:
        case "annotation" | "label", [owner, name] if name.is_constant and isinstance(name.value, str):
            _check(out, function, 0, owner, node)
            metadata = navigation.key(out, owner, "metadata")
            return navigation.key(out, navigation.key(out, metadata, f"{function.name}s"), name.value)
        case "default", [value, fallback]:
            return _fallback(out, value, fallback)
        case "get", [value, path, *rest] if path.is_constant:
            keys = path.value if isinstance(path.value, list) else [path.value]
            for step in keys:
                if isinstance(step, str):
                    value = navigation.key(out, value, step)
                elif type(step) is int:
                    value = navigation.index(out, value, step)
                else:
                    return None
            return _fallback(out, value, rest[0]) if rest else value
        case "contains", [subject, search]:
            return _contains(out, function, node, subject, search)
        case _:
            return None


def _fallback(out: Writer, value: Operand, fallback: Operand) -> Operand:
    if not value.may_be(Kind.NULL):
        return value
    kind = (value.kind & ~Kind.NULL) | fallback.kind
    return out.computed(f"{value.code} if {value.code} is not None else {fallback.code}", kind)


def _contains(out: Writer, function: Function, node: Call, subject: Operand, search: Operand) -> Operand:
    _check(out, function, 0, subject, node)
    found = f"{search.code} in {subject.code}"
    if not subject.may_be(Kind.STRING) or search.is_only(Kind.STRING):
        return out.computed(found, Kind.BOOLEAN, node)
    test = f"type({subject.code}) is list or type({search.code}) is str"
    return out.computed(f"({found}) if {test} else contains({subject.code}, {search.code})", Kind.BOOLEAN, node)


def _map(emitter: Emitting, function: Function, node: Call, current: Operand) -> Operand:
    body, array = node.arguments
    assert isinstance(body, Reference)
    values = emitter.emit(array, current)
    _check(emitter.out, function, 1, values, node)
    return emitter.mapped(body.expression, values.narrowed(Kind.ARRAY))


def _call(emitter: Emitting, function: Function, node: Call, operands: list[Operand]) -> Operand:
    out = emitter.out
    folded = _folded(out, function, node, operands)
    if folded is not None:
        return folded
    rest = iter(operands)
    codes = [
        emitter.callable(argument.expression) if isinstance(argument, Reference) else next(rest).code
        for argument in node.arguments
    ]
    if function.time is not Time.NONE:
        codes.insert(0, "now")
    name = f"f_{function.name}"
    out.namespace[name] = function.implementation
    code = f"{name}({', '.join(codes)})"
    is_known = not (emitter.is_probing and function.time is not Time.NONE)
    known = out.recall(code) if is_known else None
    if known is not None:
        return known
    result = _checked_call(out, function, node, operands, code)
    if is_known:
        out.remember(code, result)
    return result


def _checked_call(out: Writer, function: Function, node: Call, operands: list[Operand], code: str) -> Operand:
    positions = [n for n, argument in enumerate(node.arguments) if not isinstance(argument, Reference)]
    arguments = list(zip(positions, operands, strict=True))
    nullable = [
        operand
        for position, operand in arguments
        if function.strict and operand.may_be(Kind.NULL) and Kind.NULL not in function.parameter(position).kind
    ]
    if any(operand.is_only(Kind.NULL) for operand in nullable):
        return NULL
    if not nullable:
        for position, operand in arguments:
            _check(out, function, position, operand, node)
        result = Operand(out.name(), function.result.loose)
        out.line(f"{result.code} = {code}", node)
        return result
    result = Operand(out.name(), function.result.loose | Kind.NULL)
    out.line(f"{result.code} = None")
    present = dict.fromkeys(f"{operand.code} is not None" for operand in nullable)
    with out.block(f"if {' and '.join(present)}:"):
        for position, operand in arguments:
            known = operand.narrowed(~Kind.NULL) if operand in nullable else operand
            _check(out, function, position, known, node)
        out.line(f"{result.code} = {code}", node)
    return result


def _check(out: Writer, function: Function, position: int, operand: Operand, node: Call) -> None:
    test = type_test(operand, function.parameter(position).kind)
    if not test:
        return
    name = f"s_{function.name}"
    out.namespace[name] = function
    slow = f"check({name}, {position}, {operand.code})"
    out.line(slow if test == "False" else f"if not ({test}): {slow}", node)


def _folded(out: Writer, function: Function, node: Call, operands: list[Operand]) -> Operand | None:
    """The result as a constant, where all arguments are; a call that fails is left to fail when evaluated."""
    if function.time is not Time.NONE or len(operands) < len(node.arguments):
        return None
    if not all(operand.is_constant for operand in operands):
        return None
    values = [operand.value for operand in operands]
    kinds = [function.parameter(position).kind for position in range(len(values))]
    if function.strict and any(v is None and Kind.NULL not in k for v, k in zip(values, kinds, strict=True)):
        return NULL
    try:
        for position, value in enumerate(values):
            check(function, position, value)
        return out.constant(function.implementation(*values))
    except Exception:  # noqa: BLE001 - it will be raised again, with its place, when the expression is evaluated
        return None
