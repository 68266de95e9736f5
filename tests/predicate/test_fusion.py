"""Many terms as one function: it says what each says by itself."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from rulectl.expression import EvaluationError, ExpressionError, compile_expression
from rulectl.predicate.fusion import can_fuse, fuse
from rulectl.predicate.term import All, AnyOf, Expr, Not, Term, holds
from rulectl.value import Value, mapping
from tests.expression.texts import KEYS, objects, standard_expressions


def term(text: str) -> Term:
    return Expr(compile_expression(text, roots=(*KEYS, "object", "old"), condition=True))


def texts_of(count: int) -> st.SearchStrategy[list[str]]:
    return st.lists(standard_expressions, min_size=1, max_size=count)


def compiled(texts: Sequence[str]) -> list[Term]:
    terms: list[Term] = []
    for text in texts:
        try:
            terms.append(term(text))
        except ExpressionError:
            continue
    return terms


def answers(terms: Sequence[Term], scope: Value) -> list[int]:
    """Those that hold by themselves, and those that have no answer."""
    found = []
    for position, one in enumerate(terms):
        try:
            if holds(one, mapping(scope), 0.0):
                found.append(position)
        except EvaluationError:
            found.append(position)
    return found


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(texts_of(6), objects, st.integers(0, 63))
@example(["a[*].b", "a[*].b == `[1]`", "a[*].b == `[true]`"], {"a": [{"b": 1}], "b": []}, 63)
@example(["a == `1`", "a == `true`", "length(a)"], {"a": 1, "b": []}, 63)
def test_fused_terms_answer_as_they_do_alone(texts: list[str], scope: Value, asked: int) -> None:
    terms = compiled([*texts, *texts])  # twice: then all that can be shared is
    assume(terms)
    bits = asked | asked << 6
    assert fuse(terms)(mapping(scope), bits) == [one for one in answers(terms, scope) if bits >> one & 1]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(texts_of(5), objects)
def test_joined_terms_are_judged_in_order_and_no_further_than_needed(texts: list[str], scope: Value) -> None:
    parts = compiled(texts)
    assume(parts)
    joined: list[Term] = [All(tuple(parts)), AnyOf(tuple(parts)), Not(All(tuple(parts))), AnyOf((All(()), *parts))]
    assert fuse(joined)(mapping(scope), 15) == answers(joined, scope)


def test_an_error_in_one_term_is_none_in_the_others() -> None:
    terms = [term("length(object.a) > `0`"), term("object.b == 'x'"), term("object.b == 'y'")]
    assert fuse(terms)({"object": {"b": "x"}}, 0b111) == [0, 1]
    assert fuse(terms)({"object": {"b": "x"}}, 0b110) == [1]


def test_what_terms_have_in_common_is_evaluated_once() -> None:
    class Counted(dict[str, Value]):
        reads = 0

        def get(self, key: str, default: Value = None) -> Value:  # type: ignore[override]  # no other use is made of it
            Counted.reads += 1
            return super().get(key, default)

    terms = [term(f"object.status.conditions[?type=='Ready'].status | [0] == '{number}'") for number in range(50)]
    scope = {"object": {"status": Counted(conditions=[{"type": "Ready", "status": "7"}])}}
    assert fuse(terms)(scope, (1 << 50) - 1) == answers(terms, scope)
    Counted.reads = 0
    fuse(terms)(scope, (1 << 50) - 1)
    assert Counted.reads == 1


@pytest.mark.parametrize(
    ("text", "fits"), [("object.a", True), ("old.a", False), ("age(object.a) > `1`", False), ("`true`", True)]
)
def test_only_terms_about_the_object_alone_are_fused(text: str, fits: bool) -> None:
    assert can_fuse(All((term(text),))) is fits
