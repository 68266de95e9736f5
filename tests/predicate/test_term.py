"""Terms: judged in order, in three values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.expression import EvaluationError, Expression, compile_expression
from rulectl.predicate.term import All, AnyOf, Expr, Not, Term, expressions, holds, next_change, truth
from rulectl.value import Value

NOW = 1_700_000_000.0


def expression(text: str) -> Expression:
    return compile_expression(text, roots=["object"])


def term(text: str) -> Term:
    return Expr(expression(text))


TRUE, FALSE, BROKEN = term("`true`"), term("`false`"), term("length(object.missing) > `0`")


@pytest.mark.parametrize("value", [None, False, "", [], {}])
def test_what_is_empty_does_not_hold(value: Value) -> None:
    assert not truth(value)


@pytest.mark.parametrize("value", [True, 0, 0.0, "0", "false", [None], {"a": None}])
def test_anything_else_holds(value: Value) -> None:
    assert truth(value)


@pytest.mark.parametrize(
    ("judged", "answer"),
    [
        (All(()), True),
        (All((TRUE, TRUE)), True),
        (All((TRUE, FALSE)), False),
        (AnyOf(()), False),
        (AnyOf((FALSE, TRUE)), True),
        (AnyOf((FALSE, FALSE)), False),
        (Not(TRUE), False),
        (Not(All((TRUE, Not(AnyOf((FALSE, TRUE)))))), True),
    ],
)
def test_terms_are_joined(judged: Term, answer: bool) -> None:
    assert holds(judged, {"object": {}}, NOW) is answer


@pytest.mark.parametrize("judged", [All((FALSE, BROKEN)), AnyOf((TRUE, BROKEN))])
def test_terms_after_the_one_that_decides_are_not_looked_at(judged: Term) -> None:
    assert holds(judged, {"object": {}}, NOW) is isinstance(judged, AnyOf)


@pytest.mark.parametrize("judged", [All((TRUE, BROKEN)), AnyOf((FALSE, BROKEN)), Not(BROKEN), BROKEN])
def test_a_term_that_is_needed_and_has_no_value_makes_the_answer_unknown(judged: Term) -> None:
    with pytest.raises(EvaluationError, match="length"):
        holds(judged, {"object": {}}, NOW)


def test_all_expressions_are_listed_in_the_order_in_which_they_are_judged() -> None:
    judged = All((term("object.a"), AnyOf((term("object.b"), Not(term("object.c"))))))
    assert [one.text for one in expressions(judged)] == ["object.a", "object.b", "object.c"]


def test_time_alone_changes_the_answer_at_the_earliest_moment_of_any_term() -> None:
    created = "2023-11-14T22:13:20Z"
    judged = AnyOf(
        (
            term("age(object.metadata.creationTimestamp) > `600`"),
            term("age(object.metadata.creationTimestamp) > `60`"),
            term("object.a"),
        )
    )
    scope: dict[str, Value] = {"object": {"metadata": {"creationTimestamp": created}}}
    again = next_change(judged, scope, NOW)
    assert again is not None
    assert NOW + 60 <= again <= NOW + 61


def test_terms_that_know_no_time_never_change_by_it() -> None:
    assert next_change(All((TRUE, term("object.a"))), {"object": {}}, NOW) is None


TERMS = st.recursive(
    st.sampled_from([TRUE, FALSE]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts)))
        | st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts)))
        | inner.map(Not)
    ),
    max_leaves=8,
)


@given(st.lists(TERMS, max_size=4))
def test_not_any_is_all_not(parts: list[Term]) -> None:
    assert holds(Not(AnyOf(tuple(parts))), {}, NOW) is holds(All(tuple(map(Not, parts))), {}, NOW)
