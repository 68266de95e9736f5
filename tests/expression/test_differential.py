from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from jmespath.exceptions import JMESPathError

from rulectl.expression import BUILTIN, EvaluationError, ExpressionError, compile_expression
from rulectl.value import Value
from tests.expression.oracle import interpret
from tests.expression.texts import documents, expressions, standard_expressions


def _check(text: str, document: Value, *, ours: bool) -> None:
    try:
        expression = compile_expression(text, roots=(), relative=True)
    except ExpressionError:
        return  # refused at load; the parser's own tests say when that is right
    try:
        expected: object = interpret(text, document, ours=ours)
    except (JMESPathError, TypeError, ValueError, AttributeError, OverflowError):
        with pytest.raises(EvaluationError):
            expression.search(document)
        return
    assert repr(expression.search(document)) == repr(expected), text


@given(standard_expressions, documents)
@settings(max_examples=600, deadline=None)
def test_results_are_those_of_the_interpreter(text: str, document: Value) -> None:
    _check(text, document, ours=False)


@given(expressions, documents)
@settings(max_examples=300, deadline=None)
def test_our_functions_give_the_same_in_compiled_code_as_called_one_by_one(text: str, document: Value) -> None:
    _check(text, document, ours=True)


@pytest.mark.slow
@given(standard_expressions, documents)
@settings(max_examples=10_000, deadline=None)
def test_results_are_those_of_the_interpreter_at_length(text: str, document: Value) -> None:
    _check(text, document, ours=False)


@pytest.mark.slow
@given(expressions, documents)
@settings(max_examples=10_000, deadline=None)
def test_our_functions_give_the_same_at_length(text: str, document: Value) -> None:
    _check(text, document, ours=True)


@pytest.mark.parametrize(
    ("text", "document", "result"),
    [
        pytest.param("a[*]", {"a": None}, None, id="a projection on null is null"),
        pytest.param("a[*]", {"a": []}, [], id="a projection on nothing is empty"),
        pytest.param("a.{x: b}", {}, None, id="a multi-select on null is null"),
        pytest.param("a[*].b | [0]", {"a": [{}, {"b": 1}, {"b": 2}]}, 1, id="projections drop nulls and end at a pipe"),
        pytest.param("a[]", {"a": "text"}, None, id="flatten of no list is null"),
        pytest.param("!a", {"a": 0}, False, id="0 is true"),
        pytest.param("a || b", {"a": 0, "b": 1}, 0, id="or gives the operand"),
        pytest.param("a && b", {"a": [], "b": 1}, [], id="and gives the operand"),
        pytest.param("a == `true`", {"a": 1}, False, id="1 is not true"),
        pytest.param("a == `[true]`", {"a": [1]}, True, id="but inside of a list it is, as in jmespath.py"),
        pytest.param("contains(a, `true`)", {"a": [1]}, True, id="in contains too"),
        pytest.param("a < `5`", {"a": "3"}, None, id="a text and a number have no order"),
        pytest.param("a < 'x'", {"a": None}, None, id="null has no order"),
        pytest.param("contains(a, `1`)", {"a": "a1"}, False, id="a text contains no number"),
        pytest.param("to_number(a)", {"a": "1_000"}, 1000, id="underscores"),
        pytest.param("to_number(a)", {"a": " 7 "}, 7, id="spaces"),
        pytest.param("to_number(a)", {"a": "5Gi"}, None, id="quantities are no numbers"),
        pytest.param("!a.b", {"a": {"b": 1}}, None, id="not binds tighter than a dot"),
        pytest.param("a[0][0:1].b", {"a": [[{"b": 1}]]}, None, id="a slice after an index projects nothing"),
        pytest.param("a[?b > `1`]", {"a": [{"b": 2}, {"b": "2"}]}, [{"b": 2}], id="a filter on mixed types"),
    ],
)
def test_a_rule_of_the_language(text: str, document: Value, result: Value) -> None:
    value = compile_expression(text, roots=(), relative=True).search(document)
    assert repr(value) == repr(result)


def test_not_a_number_is_read_like_jmespath_does() -> None:
    value = compile_expression("to_number(@)", roots=(), relative=True).search("nan")
    assert isinstance(value, float)
    assert math.isnan(value)


def test_an_error_in_an_operand_that_is_thrown_away_is_still_an_error() -> None:
    expression = compile_expression("[abs(a), b] | [1]", roots=(), relative=True)
    with pytest.raises(EvaluationError, match=r"abs\(\): argument 'number' must be number, not string"):
        expression.search({"a": "x", "b": 1})


def test_arguments_are_all_evaluated() -> None:
    expression = compile_expression("not_null(b, abs(a))", roots=(), relative=True)
    with pytest.raises(EvaluationError):
        expression.search({"a": "x", "b": 1})


def test_the_first_match_is_found_without_an_error_in_later_ones_being_lost() -> None:
    expression = compile_expression("a[?abs(@) > `0`] | [0]", roots=(), relative=True)
    with pytest.raises(EvaluationError):
        expression.search({"a": [1, "x"]})


@pytest.mark.parametrize("form", ["{0}[*]{1}", "{0}.*{1}", "{0}[?@]{1}"])
def test_deep_projections_exceed_no_limit_of_python(form: str) -> None:
    text = "a" + form.format("", "") * 60
    document: Value = 1
    for _ in range(60):
        document = {"x": document} if "*" in form and "[" not in form else [document]
    assert compile_expression(text, roots=(), relative=True).search({"a": document}) is not None


def test_every_function_is_in_the_oracle() -> None:
    assert all(function.name == name for name, function in BUILTIN.by_name.items())
