"""The terms of `when`, one by one, down to the values that are compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from rulectl.check.why.finding import Finding, answered
from rulectl.check.why.scope import Roots, Scope
from rulectl.check.why.show import Show
from rulectl.expression import EvaluationError, Expression, ExpressionError, compile_expression
from rulectl.expression.syntax import And, Call, Comparator, Not, Or, Syntax
from rulectl.plan.roots import ALL_ROOTS
from rulectl.predicate.term import All, AnyOf, Expr, Term, truth
from rulectl.predicate.term import Not as NotTerm
from rulectl.value import Value

_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Terms:
    """Judges the terms of one rule for one object."""

    roots: Roots
    scope: Scope
    show: Show

    def judge(self, term: Term) -> Finding:
        """`term` with all its parts; it answers what the engine would answer."""
        match term:
            case Expr(expression):
                return self._expression(expression)
            case All(terms):
                return self._joined("all of", terms, decides="no")
            case AnyOf(terms):
                return self._joined("any of", terms, decides="yes")
            case NotTerm(inner):
                part = self.judge(inner)
                swapped = {"yes": "no", "no": "yes"}.get(part.answer, part.answer)
                return Finding("not", swapped, parts=(part,))  # type: ignore[arg-type] # of the same answers
            case _:
                assert_never(term)

    def _joined(self, title: str, terms: tuple[Term, ...], *, decides: str) -> Finding:
        """In order: the first part that decides, or is unknown, is the last that the engine looks at."""
        parts: list[Finding] = []
        answer = "yes" if decides == "no" else "no"
        is_decided = False
        for term in terms:
            part = self.judge(term)
            if is_decided:
                parts.append(_unasked(part))
                continue
            parts.append(part)
            if part.answer in {decides, "unknown"}:
                answer, is_decided = part.answer, True
        return Finding(title, answer, parts=tuple(parts))  # type: ignore[arg-type] # one of the answers

    def _expression(self, expression: Expression) -> Finding:
        # The engine needs its truth only, people its value.
        value, fault = self._value(_compiled(expression.text, expression) or expression)
        if fault:
            return Finding(expression.text, "unknown", fault)
        answer = answered(truth(value))
        detail, parts = self._why(expression.syntax, expression, value)
        return Finding(expression.text, answer, detail, parts)

    def _why(self, node: Syntax, whole: Expression, value: Value, depth: int = 0) -> tuple[str, tuple[Finding, ...]]:
        """What decided: the sides of a comparison, the operands of && and ||, the arguments of a call."""
        match node:
            case Comparator():
                return self._sides((node.left, node.right), whole, value), ()
            case Call(name=name, arguments=arguments) if name != "not_null":
                return self._sides(arguments, whole, value), ()
            case And(operands=operands) | Or(operands=operands) if depth < _MAX_DEPTH:
                decides = "no" if isinstance(node, And) else "yes"
                return "", tuple(self._operands(operands, whole, decides, depth))
            case Not(operand=operand):
                return self._sides((operand,), whole, value), ()
            case _:
                return self.show(value), ()

    def _operands(self, operands: tuple[Syntax, ...], whole: Expression, decides: str, depth: int) -> Iterator[Finding]:
        is_decided = False
        for operand in operands:
            part = self._part(operand, whole, depth + 1)
            yield _unasked(part) if is_decided else part
            is_decided = is_decided or part.answer in {decides, "unknown"}

    def _part(self, node: Syntax, whole: Expression, depth: int) -> Finding:
        text = whole.text[node.start : node.end]
        expression = _compiled(text, whole)
        if expression is None:
            return Finding(text, "unknown", "this part cannot be shown alone")
        value, fault = self._value(expression)
        if fault:
            return Finding(text, "unknown", fault)
        detail, parts = self._why(expression.syntax, expression, value, depth)
        return Finding(text, answered(truth(value)), detail, parts)

    def _sides(self, nodes: tuple[Syntax, ...], whole: Expression, value: Value) -> str:
        """The values of those parts that are not written out already; the value itself where there are none."""
        told = []
        for node in nodes:
            text = whole.text[node.start : node.end]
            expression = _compiled(text, whole)
            if expression is None or not (expression.roots or expression.uses_time):
                continue  # written out already
            part, fault = self._value(expression)
            told.append(f"{text} is {fault or self.show(part)}")
        if not isinstance(value, bool):
            told.append(f"gives {self.show(value)}")
        return "; ".join(told)

    def _value(self, expression: Expression) -> tuple[Value, str]:
        """The value, and why there is none."""
        try:
            return expression.evaluate(self.scope, self.roots.now), ""
        except EvaluationError as fault:
            return None, str(fault)


def _unasked(part: Finding) -> Finding:
    return Finding(part.text, "not asked", part.detail)


def _compiled(text: str, whole: Expression) -> Expression | None:
    """A part of an expression as one of its own; None where it means nothing by itself (``@`` in a filter)."""
    try:
        return compile_expression(text, roots=ALL_ROOTS, functions=whole.functions, relative=whole.relative)
    except ExpressionError:
        return None
