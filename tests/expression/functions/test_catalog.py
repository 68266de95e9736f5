from __future__ import annotations

import pytest

from rulectl.expression import ANY, BUILTIN, JMESPATH, Function, Kind, Parameter, compile_expression


@pytest.mark.parametrize("function", list(BUILTIN), ids=lambda function: function.name)
def test_the_example_of_a_function_is_true(function: Function) -> None:
    text, result = function.example
    value = compile_expression(text, roots=()).evaluate({}, 1_800_000_000.0)
    assert repr(value) == repr(result)
    assert function.name in text


@pytest.mark.parametrize("function", list(BUILTIN), ids=lambda function: function.name)
def test_a_function_has_one_line_of_documentation(function: Function) -> None:
    assert function.doc
    assert "\n" not in function.doc
    assert function.doc.endswith((".", ", ..."))


@pytest.mark.parametrize("function", list(BUILTIN), ids=lambda function: function.name)
def test_a_strict_function_gives_null_for_null(function: Function) -> None:
    if not function.strict or not function.parameters or Kind.NULL in function.parameters[0].kind:
        return
    references = ["&@" if parameter.kind is Kind.REFERENCE else "`null`" for parameter in function.parameters]
    text = f"{function.name}({', '.join(references)})"
    assert compile_expression(text, roots=()).evaluate({}, 0.0) is None


def test_a_signature_is_written_for_people() -> None:
    signatures = {function.name: function.signature for function in BUILTIN}
    assert signatures["split"] == "split(text: string, separator: string) -> array|null"
    assert signatures["owner"] == "owner(object: object|null, kind?: string) -> any"
    assert signatures["merge"] == "merge(object: object...) -> object"
    assert signatures["sort_by"] == "sort_by(array: array, key: &expression) -> array"
    assert signatures["now"] == "now() -> number"


def test_functions_are_listed_by_name() -> None:
    names = [function.name for function in BUILTIN]
    assert names == sorted(names)
    assert len(BUILTIN) == len(names) > len(JMESPATH) == 26


def test_a_function_cannot_take_a_name_that_is_taken() -> None:
    function = Function("length", (), ANY, "No.", lambda: None, ("length()", None))
    with pytest.raises(ValueError, match=r"there is a function length\(\) already"):
        BUILTIN.with_function(function)


@pytest.mark.parametrize("name", ["", "a-b", "1a", "a.b", "a\n", "é"])
def test_a_function_has_a_name_that_an_expression_can_call(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a function"):
        Function(name, (), ANY, "No.", lambda: None, ("", None))


def test_extending_leaves_the_original_as_it_is() -> None:
    function = Function("double", (Parameter("n", Kind.NUMBER),), Kind.NUMBER, "Twice.", lambda n: 2 * n, ("", None))
    extended = BUILTIN.with_functions([function])
    assert extended.get("double") is function
    assert BUILTIN.get("double") is None
    assert compile_expression("double(`2`)", roots=(), functions=extended).evaluate({}, 0.0) == 4
