from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.expression import EvaluationError, ExpressionError, compile_template
from rulectl.fields import tree_of
from rulectl.value import Value

ROOTS = ("object", "env", "let")
SCOPE: dict[str, Value] = {
    "object": {"name": "web", "n": 3, "list": [1, "a"], "yes": True, "map": {"a": "é"}, "ratio": 1.0},
    "env": {"URL": "http://a"},
}


def _render(value: Value) -> Value:
    return compile_template(value, roots=ROOTS).render(SCOPE, 0.0)


@pytest.mark.parametrize(
    ("template", "result"),
    [
        ("plain", "plain"),
        ("", ""),
        ("${{ object.n }}", 3),
        ("${{object.list}}", [1, "a"]),
        ("${{ object.missing }}", None),
        (" ${{ object.n }}", " 3"),
        ("${{ env.URL }}/pods/${{ object.name }}", "http://a/pods/web"),
        ("${{ object.n }}${{ object.yes }}", "3true"),
        ("a${{ object.missing }}b", "ab"),
        ("a ${{ object.list }} ${{ object.map }} ${{ object.ratio }}", 'a [1,"a"] {"a":"é"} 1.0'),
        ("${{ {a: {b: object.n}} }}", {"a": {"b": 3}}),
        ("x${{ {a: {b: object.n}}}}y", 'x{"a":{"b":3}}y'),
        ("${{ '}}' }}!", "}}!"),
        ('${{ `{"a": {"b": 1}}` }}', {"a": {"b": 1}}),
        ('${{ object."}}" }}', None),
        ("${{ 'it\\'s }}' }}", "it's }}"),
        ("${{ '${{' }}x", "${{x"),
        ("$${{ object.n }}", "$3"),
        ("${ x } }} {{", "${ x } }} {{"),
    ],
)
def test_a_string_is_rendered(template: str, result: Value) -> None:
    rendered = _render(template)
    assert repr(rendered) == repr(result)


def test_nested_values_are_templated_and_keys_are_not() -> None:
    value: Value = {"a": ["${{ object.n }}", {"b": "x-${{ object.name }}", "c": 1}], "d": None}
    assert _render(value) == {"a": [3, {"b": "x-web", "c": 1}], "d": None}


def test_a_constant_renders_to_itself() -> None:
    value: Value = {"a": [1, {"b": "x"}]}
    template = compile_template(value, roots=ROOTS)
    assert template.is_constant
    assert template.render({}, 0.0) is value


def test_a_template_knows_its_roots_and_reads() -> None:
    template = compile_template({"a": "${{ object.n }}", "b": ["${{ object.name }}${{ env.URL }}"]}, roots=ROOTS)
    assert template.roots == {"object", "env"}
    assert template.reads == {"object": tree_of("n") | tree_of("name"), "env": tree_of("URL")}
    assert [(placed.path, placed.start) for placed in template.expressions] == [
        (("a",), 3),
        (("b", 0), 3),
        (("b", 0), 21),
    ]
    assert not template.uses_time


@pytest.mark.parametrize(
    ("value", "path", "start", "end", "message"),
    [
        ("a ${{ objct.n }}", (), 6, 11, "unknown root 'objct' (did you mean 'object'?)"),
        ({"x": ["", "${{ object. }}"]}, ("x", 1), 12, 12, "the expression ends too early"),
        (
            "a ${{ object.n",
            (),
            2,
            14,
            "this ${{ is never closed (end the expression with }}, and close its quotes and brackets before)",
        ),
        (
            "${{ 'a }}",
            (),
            0,
            9,
            "this ${{ is never closed (end the expression with }}, and close its quotes and brackets before)",
        ),
        ("${{ }}", (), 3, 4, "the expression is empty (write a JMESPath expression)"),
        (
            {"${{ object.n }}": 1},
            ("${{ object.n }}",),
            0,
            15,
            "a key cannot be an expression (build the object with object_from_lists(keys, values))",
        ),
    ],
)
def test_a_fault_says_where_it_is(
    value: Value, path: tuple[str | int, ...], start: int, end: int, message: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_template(value, roots=ROOTS)
    fault = caught.value
    assert (fault.path, fault.start, fault.end, str(fault)) == (path, start, end, message)


def test_all_faults_of_a_value_are_found_at_once() -> None:
    value: Value = {"a": "${{ objct }} ${{ lenght(envv) }}", "b": "${{ x"}
    with pytest.raises(ExpressionError) as caught:
        compile_template(value, roots=ROOTS)
    assert [(fault.path, fault.start) for fault in caught.value.every()] == [
        (("a",), 4),
        (("a",), 17),
        (("a",), 24),
        (("b",), 0),
    ]


def test_an_expression_without_a_value_is_an_error() -> None:
    with pytest.raises(EvaluationError, match=r"length\(\): argument 'subject' must be"):
        _render("a ${{ length(object.missing) }}")


def test_values_that_are_too_deep_are_refused() -> None:
    value: Value = "${{ object.n }}"
    for _ in range(300):
        value = [value]
    with pytest.raises(ExpressionError, match="nested more than 100 levels"):
        compile_template(value, roots=ROOTS)


@given(st.text(alphabet="${}'`\"\\ ab.|", max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_text_compiles_or_gives_an_error_inside_of_it(text: str) -> None:
    try:
        compile_template(text, roots=("a", "b"))
        faults = []
    except ExpressionError as error:
        faults = error.every()
    assert all(0 <= fault.start <= fault.end <= len(text) for fault in faults)
    assert faults == [] or "${{" in text


@given(st.text(alphabet="}{'ab", max_size=12))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_written_as_a_literal_in_a_template(text: str) -> None:
    quoted = text.replace("'", "\\'")
    assert _render(f"${{{{ '{quoted}' }}}}") == text
