from __future__ import annotations

import pytest
from hypothesis import given, settings

from rulectl.expression import RELATIVE_ROOT, EvaluationError, Expression, ExpressionError, compile_expression
from rulectl.fields import WHOLE, tree_of
from rulectl.value import Value
from tests.expression.texts import documents, expressions

ROOTS = ("object", "old", "env", "lookup")


def _paths(text: str, root: str = "object") -> list[str]:
    return compile_expression(text, roots=ROOTS).reads[root].paths()


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("object.metadata.annotations.x", ["metadata.annotations.x"]),
        ("annotation(object, 'a.io/k')", ['metadata.annotations."a.io/k"']),
        ("annotation(object, env.KEY)", ["metadata.annotations.*"]),
        ("label(object, 'app') == 'web'", ["metadata.labels.app"]),
        ("condition(object, 'Ready').status", ["status.conditions[].status", "status.conditions[].type"]),
        ("condition(object, 'Ready')", ["status.conditions[]"]),
        ("owner(object).name", ["metadata.ownerReferences[].controller", "metadata.ownerReferences[].name"]),
        ("owner(object, 'Job').uid", ["metadata.ownerReferences[].kind", "metadata.ownerReferences[].uid"]),
        ("age(object.metadata.creationTimestamp) > `5`", ["metadata.creationTimestamp"]),
        ("object.spec.containers[*].image", ["spec.containers[].image"]),
        ("object.spec.containers[].image", ["spec.containers[].image", "spec.containers[][].image"]),
        ("object.spec.containers[?name == 'a'].image | [0]", ["spec.containers[].image", "spec.containers[].name"]),
        ("object.spec.containers[0].image", ["spec.containers[].image"]),
        ("length(object.status.conditions[?status == 'True'])", ["status.conditions[].status"]),
        ("object.status.conditions[?status == 'True'] && `1`", ["status.conditions[].status"]),
        ("object.data.*.x", ["data.*.x"]),
        ("object.spec.{a: x, b: y}.a.c", ["spec.x.c", "spec.y"]),
        ("object.spec.[x, y][0].c", ["spec.x.c", "spec.y.c"]),
        ("(object.spec.a || object.spec.b).c", ["spec.a", "spec.b.c"]),
        ("not_null(object.spec.a, object.spec.b).c", ["spec.a.c", "spec.b.c"]),
        ("default(object.spec.a, object.spec.b).c", ["spec.a.c", "spec.b.c"]),
        ("get(object.spec, 'x.y')", ['spec."x.y"']),
        ("get(object.spec, ['a', 'b'])", ["spec"]),
        ('get(object.spec, `["a", "b"]`)', ["spec.a.b"]),
        ("lookup(object.data, env.KEY)", ["data.*", "data[]"]),
        ("sort_by(object.spec.a, &x)[0].y", ["spec.a[].x", "spec.a[].y"]),
        ("max_by(object.spec.a, &x).y", ["spec.a[].x", "spec.a[].y"]),
        ("map(&x, object.spec.a)", ["spec.a[].x"]),
        ("type(object.spec)", ["spec"]),
        ("to_string(object.spec)", ["spec"]),
        ("keys(object.metadata.labels)", ["metadata.labels"]),
        ("items(object.data, 'k', 'v')[*].v.x", ["data.*.x", "data[].x"]),
        ("object.a == object.b", ["a", "b"]),
        ("object", ["@"]),
    ],
)
def test_an_expression_reads_only_what_it_names(text: str, paths: list[str]) -> None:
    assert _paths(text) == paths


def test_each_root_has_its_own_tree() -> None:
    expression = compile_expression("annotation(object, 'x') != annotation(old, 'x') && env.A", roots=ROOTS)
    tree = tree_of("metadata", "annotations", "x")
    assert expression.roots == {"object", "old", "env"}
    assert expression.reads == {"object": tree, "old": tree, "env": tree_of("A")}


def test_the_object_as_a_value_is_read_whole() -> None:
    assert compile_expression("object == old", roots=ROOTS).reads == {"object": WHOLE, "old": WHOLE}


def test_a_relative_expression_reads_under_the_empty_name() -> None:
    expression = compile_expression("spec.replicas", roots=(), relative=True)
    assert expression.reads == {RELATIVE_ROOT: tree_of("spec", "replicas")}
    assert compile_expression("@", roots=(), relative=True).reads == {RELATIVE_ROOT: WHOLE}


def test_a_condition_reads_no_more_than_its_truth_needs() -> None:
    text = "object.status.conditions[?type == 'Ready' && status == 'True']"
    condition = compile_expression(text, roots=ROOTS, condition=True)
    assert condition.reads["object"].paths() == ["status.conditions[].status", "status.conditions[].type"]
    assert _paths(text) == ["status.conditions[]"]


def test_literals_read_nothing() -> None:
    assert compile_expression("'a' == 'b'", roots=ROOTS).reads == {}


def _outcome(expression: Expression, value: Value) -> str:
    try:
        return repr(expression.search(value))
    except EvaluationError as error:
        return f"error at {error.start}"


def _check(text: str, document: Value) -> None:
    try:
        expression = compile_expression(text, roots=(), relative=True)
    except ExpressionError:
        return
    tree = expression.reads[RELATIVE_ROOT]
    assert _outcome(expression, tree.prune(document)) == _outcome(expression, document), text
    condition = compile_expression(text, roots=(), relative=True, condition=True)
    narrower = condition.reads[RELATIVE_ROOT]
    assert tree.covers(narrower)
    assert _outcome(condition, narrower.prune(document)) == _outcome(condition, document), text


@given(expressions, documents)
@settings(max_examples=300, deadline=None)
def test_what_is_read_is_enough_for_the_same_value(text: str, document: Value) -> None:
    _check(text, document)


@pytest.mark.slow
@given(expressions, documents)
@settings(max_examples=10_000, deadline=None)
def test_what_is_read_is_enough_for_the_same_value_at_length(text: str, document: Value) -> None:
    _check(text, document)
