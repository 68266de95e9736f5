from __future__ import annotations

import json
import warnings
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError
from jmespath.parser import Parser

from rulectl.expression import ExpressionError
from rulectl.expression import syntax as s
from rulectl.expression.parser import parse
from tests.expression.texts import standard_expressions

_OPERATORS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


def _tree(kind: str, children: list[Any], **rest: Any) -> dict[str, Any]:
    return {"type": kind, "children": children, **rest}


def _folded(kind: str, parts: tuple[s.Syntax, ...]) -> dict[str, Any]:
    tree = theirs(parts[0])
    for part in parts[1:]:
        tree = _tree(kind, [tree, theirs(part)])
    return tree


def theirs(node: s.Syntax) -> dict[str, Any]:  # noqa: PLR0912 - one case per node
    """A node in jmespath's notation."""
    match node:
        case s.Current():
            return _tree("current", [])
        case s.Identity():
            return _tree("identity", [])
        case s.Field(name=name):
            return _tree("field", [], value=name)
        case s.Literal(value=value):
            return _tree("literal", [], value=value)
        case s.Index(position=position):
            return _tree("index", [], value=position)
        case s.Slice(first=first, last=last, step=step):
            return _tree("slice", [first, last, step])
        case s.Subexpression(steps=steps):
            return _tree("subexpression", [theirs(step) for step in steps])
        case s.IndexExpression(steps=steps):
            return _tree("index_expression", [theirs(step) for step in steps])
        case s.Pipe(steps=steps):
            return _folded("pipe", steps)
        case s.Or(operands=operands):
            return _folded("or_expression", operands)
        case s.And(operands=operands):
            return _folded("and_expression", operands)
        case s.Not(operand=operand):
            return _tree("not_expression", [theirs(operand)])
        case s.Comparator(operator=operator, left=left, right=right):
            return _tree("comparator", [theirs(left), theirs(right)], value=_OPERATORS[operator])
        case s.Projection(base=base, body=body):
            return _tree("projection", [theirs(base), theirs(body)])
        case s.ValueProjection(base=base, body=body):
            return _tree("value_projection", [theirs(base), theirs(body)])
        case s.FilterProjection(base=base, body=body, condition=condition):
            return _tree("filter_projection", [theirs(base), theirs(body), theirs(condition)])
        case s.Flatten(base=base):
            return _tree("flatten", [theirs(base)])
        case s.MultiSelectList(parts=parts):
            return _tree("multi_select_list", [theirs(part) for part in parts])
        case s.MultiSelectHash(pairs=pairs):
            return _tree(
                "multi_select_dict", [_tree("key_val_pair", [theirs(pair.value)], value=pair.key) for pair in pairs]
            )
        case s.Call(name=name, arguments=arguments):
            return _tree("function_expression", [theirs(argument) for argument in arguments], value=name)
        case s.Reference(expression=expression):
            return _tree("expref", [theirs(expression)])


def _both(text: str) -> tuple[str | None, str | None]:
    """Both trees as JSON, or None where there is none."""
    try:
        ours: str | None = json.dumps(theirs(parse(text)), sort_keys=True)
    except ExpressionError:
        ours = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reference: str | None = json.dumps(Parser().parse(text).parsed, sort_keys=True)
    except (JMESPathError, ValueError):
        reference = None
    return ours, reference


@given(standard_expressions)
@settings(max_examples=300, deadline=None)
def test_the_tree_is_the_same_as_jmespaths(text: str) -> None:
    ours, reference = _both(text)
    assert ours == reference


_SOUP = (
    *("a", "b", ".", "..", "*", "[", "]", "[]", "[?", "[*", "(", ")", "{", "}", ",", ":", "|", "||", "&", "&&"),
    *("!", "!=", "==", "=", "<", "<=", ">", ">=", "@", "1", "-1", "0", "'x'", '"y"', "`1`", "`x`", "-"),
)
_soup = st.lists(st.sampled_from(_SOUP), max_size=8).map(" ".join)


@given(_soup)
@settings(max_examples=300, deadline=None)
def test_what_is_no_jmespath_is_refused_and_nothing_else_but_slips_with_commas(text: str) -> None:
    ours, reference = _both(text)
    if ours is None and reference is not None:
        assert "(" in text or "{" in text  # a missing or an additional comma, which jmespath lets through
        assert "," in text or " " in text
    else:
        assert ours == reference


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_either_parses_or_gives_an_error_inside_of_it(text: str) -> None:
    try:
        found = parse(text).start, parse(text).end
    except ExpressionError as error:
        found = error.start, error.end
    assert 0 <= found[0] <= found[1] <= len(text)


@given(standard_expressions)
@settings(max_examples=200, deadline=None)
def test_every_node_says_where_it_stands(text: str) -> None:
    try:
        root = parse(text)
    except ExpressionError:
        return
    for node in s.walk(root):
        assert 0 <= node.start <= node.end <= len(text)
        if isinstance(node, s.Field):
            assert text[node.start : node.end].strip('"') == node.name
        if isinstance(node, s.Call):
            assert text[node.start :].startswith(node.name)
            assert text[node.end - 1] == ")"


def test_places_cover_exactly_the_part() -> None:
    node = parse("a.b[0] == 'x'  && !(c | d)")
    assert isinstance(node, s.And)
    comparison, negation = node.operands
    assert (comparison.start, comparison.end) == (0, 13)
    assert (negation.start, negation.end) == (18, 26)


@pytest.mark.parametrize(
    ("text", "start", "end", "message", "hint"),
    [
        ("", 0, 0, "the expression is empty", "JMESPath"),
        ("a ==", 4, 4, "the expression ends too early", ""),
        ("a = b", 2, 3, "a single = means nothing here", "compare with =="),
        ("a == 'x", 5, 7, "the ' that opens here is never closed", ""),
        ("a.io/x", 4, 5, "unexpected character '/'", "annotation(object, 'a.io/key')"),
        ("a['b']", 2, 5, "unexpected 'b': inside [ ] stands a number, a slice, * or ?", 'write a."key"'),
        ("$.a", 0, 1, "unexpected character '$'", "begin with a root such as object"),
        ("a - b", 2, 3, "unexpected character '-'", "subtract(a, b)"),
        ("a[::0]", 4, 5, "the step of a slice cannot be 0", ""),
        ("f(a b)", 4, 5, "unexpected b: ) is missing before it", ""),
        ('a == `"x`', 5, 9, "this literal is not JSON", "`true`"),
        ("a b", 2, 3, "unexpected b: the expression should end here", ""),
        ('"f"(a)', 0, 3, "a function's name is written without quotes", "write f(...)"),
        ("a.", 2, 2, "the expression ends too early", ""),
        ("[1:2:3:4]", 6, 7, "unexpected :: a slice is written [first:last:step]", ""),
    ],
)
def test_an_error_says_where_and_what_to_write(text: str, start: int, end: int, message: str, hint: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert (caught.value.start, caught.value.end, caught.value.message) == (start, end, message)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 10_000, id="brackets"),
        pytest.param("(" * 9_000 + "a" + ")" * 9_000, id="parentheses"),
        pytest.param("!" * 10_000 + "a", id="nots"),
        pytest.param("a" + "[]" * 9_000, id="flattens"),
        pytest.param("a" + "[*]" * 6_000, id="projections"),
        pytest.param("a" + " == a" * 3_000, id="comparators"),
        pytest.param("`" + "[" * 9_000 + "]" * 9_000 + "`", id="nested literal"),
        pytest.param("[" + "1" * 9_000 + "]", id="long number"),
        pytest.param("f(" * 6_000, id="calls"),
        pytest.param("{a:" * 6_000, id="hashes"),
        pytest.param("a" * 100_000, id="100 kB"),
        pytest.param("&" * 9_000, id="references"),
    ],
)
def test_extreme_texts_give_a_clean_error(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


@pytest.mark.parametrize("joint", [".", " || ", " && ", " | "])
def test_long_chains_are_no_nesting(joint: str) -> None:
    parse(joint.join(["ab"] * 3_000))


def test_the_old_spelling_of_strings_is_read_without_a_warning() -> None:
    assert parse("`foo`") == s.Literal(0, 5, "foo")
