"""The terms of `when`: expressions joined by all, any and not, judged in order, in three values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, assert_never

from rulectl.expression import Expression
from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Expr:
    """Holds when the expression's value is true as JMESPath sees it (not null, false, '', [] or {})."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class All:
    """Holds when every term does; empty: always."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when at least one term does; empty: never."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when the term does not."""

    term: Term


Term: TypeAlias = Expr | All | AnyOf | Not


def truth(value: Value) -> bool:
    """JMESPath's truth: null, false, '', [] and {} are false; 0 is true."""
    return not (value is None or value is False or value in ("", [], {}, ()))


def holds(term: Term, scope: Mapping[str, Value], now: float) -> bool:
    """Whether `term` holds; terms after the one that decides are not evaluated.

    Raises:
        EvaluationError: an expression that was needed could not be evaluated; the answer is unknown.
    """
    match term:
        case Expr(expression):
            return truth(expression.evaluate(scope, now))
        case All(terms):
            return all(holds(part, scope, now) for part in terms)
        case AnyOf(terms):
            return any(holds(part, scope, now) for part in terms)
        case Not(inner):
            return not holds(inner, scope, now)
        case _:
            assert_never(term)


def expressions(term: Term) -> Iterator[Expression]:
    """Every expression in `term`, in the order in which they are judged."""
    match term:
        case Expr(expression):
            yield expression
        case All(terms) | AnyOf(terms):
            for part in terms:
                yield from expressions(part)
        case Not(inner):
            yield from expressions(inner)
        case _:
            assert_never(term)


def next_change(term: Term, scope: Mapping[str, Value], now: float) -> float | None:
    """The earliest later wall time at which time alone may change the answer; None: never."""
    times = (expression.next_change(scope, now) for expression in expressions(term) if expression.uses_time)
    return min((time for time in times if time is not None), default=None)
