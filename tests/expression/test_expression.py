from __future__ import annotations

import warnings
from types import MappingProxyType

import pytest

from rulectl.expression import (
    ANY,
    BUILTIN,
    EvaluationError,
    ExpressionError,
    Function,
    Kind,
    Parameter,
    compile_expression,
    is_true,
)
from rulectl.value import Value

ROOTS = ("object", "old", "event", "let")


def _faults(text: str, *, relative: bool = False) -> list[tuple[int, int, str]]:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, roots=ROOTS, relative=relative)
    return [(fault.start, fault.end, str(fault)) for fault in caught.value.every()]


def test_a_root_that_is_not_there_is_null() -> None:
    assert compile_expression("old.x == `null`", roots=ROOTS).evaluate({"object": {}}, 0.0) is True


@pytest.mark.parametrize(
    ("text", "start", "end", "message"),
    [
        ("objct.x", 0, 5, "unknown root 'objct' (did you mean 'object'?)"),
        ("new.x", 0, 3, "unknown root 'new' (did you mean 'object'?)"),
        ("spec.x", 0, 4, "unknown root 'spec' (did you mean 'object.spec'?)"),
        ("object.x == true", 12, 16, "unknown root 'true' (the value is written `true`, in backticks)"),
        (
            "object.status.phase == Running",
            23,
            30,
            "unknown root 'Running' (the roots here are: event, let, object, old; "
            "a text is written in single quotes, 'Running')",
        ),
        ("lenght(object)", 0, 6, "unknown function lenght() (did you mean length()?)"),
        ("frobnicate(object)", 0, 10, "unknown function frobnicate() (`rulectl schema functions` lists them all)"),
        (
            "length(object, old)",
            0,
            19,
            "length() takes 1 argument, not 2 (length(subject: string|array|object) -> number)",
        ),
        (
            "object.a && abs('x')",
            16,
            19,
            "abs(): argument 'number' must be number, not string (abs(number: number) -> number)",
        ),
        (
            "quantity('5 apples') > `1`",
            9,
            19,
            "quantity(): '5 apples' is not a quantity; write a number and a unit such as 500m, 2, 1.5k or 1Gi "
            "(quantity(quantity: string|number) -> number|null)",
        ),
        (
            "age(object.t) > duration('5min')",
            25,
            31,
            "duration(): '5min' is not a duration; write a number and a unit such as 500ms, 30s, 5m or 1h30m "
            "(duration(duration: string|number) -> number|null)",
        ),
        (
            "sort_by(object.a, name)",
            18,
            22,
            "sort_by(): argument 'key' must be an &expression: write & before it "
            "(sort_by(array: array, key: &expression) -> array)",
        ),
        (
            "&object",
            0,
            7,
            "& has no meaning here (it may only be an argument of functions such as sort_by(array, &key))",
        ),
        ("@", 0, 1, "there is no current value here (begin with one of the roots: event, let, object, old)"),
        ("*", 0, 1, "there is no current value here (begin with one of the roots: event, let, object, old)"),
        ("[?x]", 0, 1, "there is no current value here (begin with one of the roots: event, let, object, old)"),
        ("length(@)", 7, 8, "there is no current value here (begin with one of the roots: event, let, object, old)"),
    ],
)
def test_a_fault_is_found_at_load_with_its_place_and_a_way_out(text: str, start: int, end: int, message: str) -> None:
    assert (start, end, message) in _faults(text)


def test_all_faults_are_found_at_once_in_order() -> None:
    found = _faults("objct.a == lenght(evnt.b) || abs('x')")
    assert [(start, end) for start, end, _ in found] == [(0, 5), (11, 17), (18, 22), (33, 36)]


def test_inside_of_filters_and_after_pipes_names_are_keys() -> None:
    expression = compile_expression("(object.a[?b == c].d | [0].e) || {x: old}.x.y", roots=ROOTS)
    assert expression.roots == {"object", "old"}


def test_a_relative_expression_has_no_roots() -> None:
    expression = compile_expression("spec.containers[].image", roots=(), relative=True)
    assert expression.search({"spec": {"containers": [{"image": "a"}, {}]}}) == ["a"]


@pytest.mark.parametrize(
    ("text", "start", "end", "message"),
    [
        ("length(old)", 0, 11, "length(): argument 'subject' must be string or array or object, not null"),
        ("object.a || abs(object.b)", 12, 25, "abs(): argument 'number' must be number, not string"),
        (
            "sum(object.list)",
            0,
            16,
            "sum(): argument 'numbers' must be array[number], but an element is of another type",
        ),
        ("object.list[?abs(@) > `0`]", 13, 19, "abs(): argument 'number' must be number, not string"),
        (
            "sort_by(object.list, &@)",
            0,
            24,
            "sort_by(): the keys of the elements must all be strings or all be numbers, but are number and string",
        ),
        ("map(&to_lower(@), object.list)", 5, 16, "to_lower(): argument 'text' must be string, not number"),
        (
            "quantity(object.b)",
            0,
            18,
            "quantity(): 'x' is not a quantity; write a number and a unit such as 500m, 2, 1.5k or 1Gi",
        ),
        ("divide(`1`, object.zero)", 0, 24, "divide(): the divisor is 0; test it before dividing"),
    ],
)
def test_an_error_names_the_function_and_its_place(text: str, start: int, end: int, message: str) -> None:
    scope: dict[str, Value] = {"object": {"b": "x", "list": ["x", 1], "zero": 0}}
    with pytest.raises(EvaluationError) as caught:
        compile_expression(text, roots=ROOTS).evaluate(scope, 0.0)
    assert (str(caught.value), caught.value.start, caught.value.end) == (message, start, end)
    assert caught.value.text == text


def test_a_failing_plugin_function_is_an_evaluation_error() -> None:
    def fails(_value: Value) -> Value:
        raise KeyError("x")

    functions = BUILTIN.with_function(
        Function("fails", (Parameter("value", ANY),), ANY, "Fails.", fails, ("fails(`1`)", None))
    )
    expression = compile_expression("fails(object)", roots=ROOTS, functions=functions)
    with pytest.raises(EvaluationError, match=r"fails\(\): KeyError: 'x'") as caught:
        expression.evaluate({"object": {}}, 0.0)
    assert caught.value.function == "fails"


def test_values_that_are_too_deep_give_an_evaluation_error() -> None:
    def deep() -> Value:
        value: Value = None
        for _ in range(100_000):
            value = [value]
        return value

    with pytest.raises(EvaluationError):
        compile_expression("object == old", roots=ROOTS).evaluate({"object": deep(), "old": deep()}, 0.0)


def test_what_ends_the_process_is_not_held_up() -> None:
    def leaves(_value: Value) -> Value:
        raise SystemExit

    functions = BUILTIN.with_function(
        Function("leaves", (Parameter("value", ANY),), ANY, "Leaves.", leaves, ("leaves(`1`)", None))
    )
    with pytest.raises(SystemExit):
        compile_expression("leaves(object)", roots=ROOTS, functions=functions).evaluate({}, 0.0)


def test_plugin_functions_get_checked_arguments_and_may_take_expressions() -> None:
    def first(values: list[Value], key: object) -> Value:
        assert callable(key)
        value: Value = key(values[0])
        return value

    function = Function(
        "first",
        (Parameter("values", Kind.ARRAY), Parameter("key", Kind.REFERENCE)),
        ANY,
        "The first key.",
        first,
        ("first(`[]`, &a)", None),
    )
    expression = compile_expression("first(object.list, &a.b)", roots=ROOTS, functions=BUILTIN.with_function(function))
    assert expression.evaluate({"object": {"list": [{"a": {"b": 1}}]}}, 0.0) == 1
    with pytest.raises(EvaluationError, match="argument 'values' must be array, not null"):
        expression.evaluate({"object": {}}, 0.0)


def test_mappings_and_tuples_are_objects_and_arrays_too() -> None:
    scope: dict[str, Value] = {"object": MappingProxyType({"a": ({"b": 1}, {"b": 2})})}
    expression = compile_expression("object.a[?b > `1`].b | [length(@), @[0]]", roots=ROOTS)
    assert expression.evaluate(scope, 0.0) == [1, 2]


@pytest.mark.parametrize(
    "text",
    [
        'object."x\'; import os"',
        "object.\"\\n__import__('os')\"",
        "object == 'a''' || 'b'",
        "object == '\\'\"\"\"'",
        'object.{"a\'): raise SystemExit": @}',
        "object == '\u2028\ud800\x00{}'",
    ],
)
def test_no_text_of_the_user_becomes_code(text: str) -> None:
    try:
        expression = compile_expression(text, roots=ROOTS)
    except ExpressionError:
        return
    expression.evaluate({"object": {"a": 1}}, 0.0)
    assert "import os" not in expression.source.replace(repr("x'; import os"), "")


@pytest.mark.parametrize(
    "text", ["'a' == `null`", "`1` < 'a'", "`1` && `0`", "!`0`", "'a' || `null`", "`[1]`[0]", "default(`null`, 'x')"]
)
def test_constants_compile_without_warnings_of_python(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile_expression(text, roots=()).evaluate({}, 0.0)


def test_constant_calls_are_computed_once_at_load() -> None:
    source = compile_expression("object.x > duration('5m')", roots=ROOTS).source
    assert "300.0" in source
    assert "f_duration" not in source


def test_a_shared_path_is_walked_once() -> None:
    source = compile_expression("annotation(object, 'a') || annotation(object, 'b')", roots=ROOTS).source
    assert source.count("'annotations'") == 2  # both arms of one read


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("object.zero", True),
        ("object.empty", False),
        ("object.missing", False),
        ("object.list[?@ > `5`]", False),
        ("object.list[?@ > `0`]", True),
        ("object.zero == `0`", True),
        ("object.zero > 'a'", False),
        ("`0`", True),
        ("''", False),
    ],
)
def test_a_condition_is_true_or_false_as_jmespath_sees_it(text: str, result: bool) -> None:
    scope: dict[str, Value] = {"object": {"zero": 0, "empty": "", "list": [1, 2]}}
    assert compile_expression(text, roots=ROOTS, condition=True).evaluate(scope, 0.0) is result
    assert is_true(compile_expression(text, roots=ROOTS).evaluate(scope, 0.0)) is result
