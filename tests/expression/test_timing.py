from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.expression import compile_expression
from rulectl.expression.functions.timestamp import seconds_of, time_text
from rulectl.value import Value

ROOTS = ("object",)
BIRTH = "2026-01-01T00:00:00Z"
START = seconds_of(BIRTH)
POD: Value = {
    "created": BIRTH,
    "list": [{"t": "2026-01-01T00:00:10Z"}, {"t": "2026-01-01T00:00:20Z"}],
    "limit": 30,
    "due": "2026-01-01T00:01:00Z",
}


def _next(text: str, elapsed: float = 0.0) -> float | None:
    """Seconds from the birth to the next change, as seen `elapsed` seconds after it."""
    found = compile_expression(text, roots=ROOTS).next_change({"object": POD}, START + elapsed)
    return None if found is None else round(found - START, 3)


@pytest.mark.parametrize(
    ("text", "elapsed", "change"),
    [
        pytest.param("object.limit == `30`", 0, None, id="no time is used"),
        pytest.param("age(object.created) > duration('5m')", 0, 300, id="age over a duration"),
        pytest.param("age(object.created) > duration('5m')", 301, None, id="it stays over it"),
        pytest.param("duration('5m') <= age(object.created)", 100, 300, id="the other way round"),
        pytest.param("age(object.created) > object.limit", 0, 30, id="a limit from the object"),
        pytest.param("age(object.missing) > `5`", 0, None, id="null stays null"),
        pytest.param("!(age(object.created) < `40`)", 0, 40, id="not"),
        pytest.param("age(object.created) > `40` && age(object.created) < `50`", 0, 40, id="and: it begins"),
        pytest.param("age(object.created) > `40` && age(object.created) < `50`", 45, 50, id="and: it ends"),
        pytest.param("age(object.created) > `40` || `true`", 0, None, id="or: the other side decides"),
        pytest.param("object.missing && age(object.created) > `40`", 0, None, id="and: the other side decides"),
        pytest.param("age(object.created) > `40` || age(object.created) > `20`", 0, 20, id="or: the earlier"),
        pytest.param("age(object.created) == `40`", 0, 40, id="equality comes"),
        pytest.param("age(object.created) == `40`", 40, 40, id="equality goes at once"),
        pytest.param("object.list[?age(t) > `60`]", 0, 70, id="inside of a filter: the first element"),
        pytest.param("object.list[?age(t) > `60`]", 71, 80, id="inside of a filter: the second"),
        pytest.param("length(object.list[?age(t) > `60`]) == `2`", 0, 80, id="only what changes the value"),
        pytest.param("map(&(age(t) >= `60`), object.list)", 0, 70, id="inside of an &expression"),
        pytest.param("sort_by(object.list, &(age(t) > `60` && 'b' || 'a'))[0].t", 0, 70, id="inside of a key"),
        pytest.param("now() >= timestamp(object.due)", 0, 60, id="now against a timestamp"),
        pytest.param("time_now() >= object.due", 0, 60, id="the time as text"),
        pytest.param("time_now() > object.due", 0, 61, id="text has whole seconds"),
        pytest.param("time_now() == object.due", 60.5, 61, id="text is equal for a second"),
        pytest.param("time_after(time_now(), object.due)", 0, 61, id="time_after"),
        pytest.param("time_before(time_now(), object.due)", 0, 60, id="time_before"),
        pytest.param(
            "subtract(now(), timestamp(object.created)) > `40`", 0, 60, id="arithmetic is looked at each 60 s"
        ),
        pytest.param("time_since('', object.created, '')", 0, 60, id="other functions too"),
        pytest.param("age(object.created) > now()", 0, 60, id="time against time"),
        pytest.param("age(object.created) > `40` && to_string(now())", 0, 40, id="exact before coarse"),
        pytest.param(
            "age(object.created) > `90` && to_string(now())", 0, 90, id="what is not evaluated does not count"
        ),
    ],
)
def test_the_next_change_is_known(text: str, elapsed: float, change: float | None) -> None:
    assert _next(text, elapsed) == change


def test_only_functions_of_the_time_make_an_expression_timed() -> None:
    assert compile_expression("age(object.t) > `1`", roots=ROOTS).uses_time
    assert not compile_expression("time_add(object.t, '5m') == 'x'", roots=ROOTS).uses_time


_atoms = st.builds(
    lambda operator, limit, side: (
        f"age(object.created) {operator} `{limit}`" if side else f"`{limit}` {operator} now()"
    ),
    st.sampled_from(("<", "<=", ">", ">=", "==", "!=")),
    st.integers(0, 20).map(lambda limit: limit),
    st.booleans(),
)
_conditions = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.builds(lambda one, two: f"({one} && {two})", inner, inner),
        st.builds(lambda one, two: f"({one} || {two})", inner, inner),
        inner.map(lambda text: f"!({text})"),
    ),
    max_leaves=5,
)


@given(_conditions, st.integers(0, 50).map(lambda tenths: tenths / 2))
@settings(max_examples=200, deadline=None)
def test_the_value_is_the_same_until_the_next_change_and_another_one_then(text: str, elapsed: float) -> None:
    expression = compile_expression(text, roots=ROOTS)
    scope: dict[str, Value] = {"object": {"created": "1970-01-01T00:00:00Z"}}
    value = expression.evaluate(scope, elapsed)
    change = expression.next_change(scope, elapsed)
    ticks = [elapsed + step / 4 for step in range(100)]
    assert all(expression.evaluate(scope, t) == value for t in ticks if change is None or t < change)
    if change is not None:
        assert change > elapsed
        assert expression.evaluate(scope, change) != value
        assert expression.evaluate(scope, math.nextafter(change, 0.0)) == value


@given(st.floats(0, 4e9))
@settings(max_examples=100, deadline=None)
def test_the_text_of_a_time_names_its_second(now: float) -> None:
    assert seconds_of(time_text(now)) == math.floor(now)


def test_an_error_is_no_value_that_time_changes() -> None:
    assert _next("abs(object.created) > now()") is None


def test_an_error_may_end_with_time() -> None:
    assert _next("abs(age(object.created) > `40` && `1` || 'x')") == 40.0
