"""Comparisons with a baseline that is not there: on `added`, `old` is null."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rulectl.expression.syntax import And, Comparator, Field, Literal, Not, Or, Pipe, Subexpression, Syntax, walk
from rulectl.plan.located import Located
from rulectl.plan.roots import Place
from rulectl.plan.semantics import events_of
from rulectl.problem import Problem

_ORDERINGS = frozenset({"<", "<=", ">", ">="})
_JUDGED = frozenset({Place.WHEN, Place.ACTION_IF, Place.LOOKUP_WHERE, Place.FOR_EACH_WHERE, Place.LET})


def baseline_problems(expressions: Iterable[Located]) -> list[Problem]:
    """A warning for each ``old.x < y`` of a rule that `added` makes owe a run: it is null there, so never true.

    Where the same expression, or an earlier term, asks for `old` itself or for the event, all is well.
    """
    guarded: set[int] = set()
    problems: list[Problem] = []
    for located in expressions:
        rule = located.rule
        if not located.expression.roots & {"old", "event"}:
            continue
        if located.place not in _JUDGED or "added" not in events_of(rule) or "resolved" in located.path:
            continue
        if id(rule) in guarded:
            continue
        if any(_is_guard(node) for node in walk(located.expression.syntax)):
            if located.place is Place.WHEN:
                guarded.add(id(rule))
            continue
        problems += _problems(located)
    return problems


def _problems(located: Located) -> Iterator[Problem]:
    for node in walk(located.expression.syntax):
        if not isinstance(node, Comparator) or node.operator not in _ORDERINGS:
            continue
        if any(_is_below_old(side) for side in (node.left, node.right)):
            message = f"on added there is no old: {node.operator} is null then, and not true"
            hint = "write old && ... if it may be so, or !old || ... if added is to count"
            yield located.problem("RC417", message, (node.start, node.end), hint=hint)


def _is_below_old(node: Syntax) -> bool:
    return isinstance(node, Subexpression) and isinstance(node.steps[0], Field) and node.steps[0].name == "old"


def _is_guard(node: Syntax) -> bool:
    match node:
        case And(operands=operands) | Or(operands=operands):
            return any(_is_old(one) for one in operands)
        case Not(operand=operand):
            return _is_old(operand)
        case Comparator(left=left, right=right):
            is_null = any(isinstance(one, Literal) and one.value is None for one in (left, right))
            return is_null and any(_is_old(one) or _is_below_old(one) for one in (left, right))
        case Subexpression(steps=(Field(name="event"), *_)):
            return True
        case Pipe(steps=(first, *_)):
            return _is_old(first)
        case _:
            return False


def _is_old(node: Syntax) -> bool:
    return (isinstance(node, Field) and node.name == "old") or _is_below_old(node)
