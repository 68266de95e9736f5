"""Types are never too small: whatever a conforming object makes of an expression is in the type that was found."""

from __future__ import annotations

import pytest

from rulectl.check.schemas import packaged_schemas
from rulectl.check.types.calls import Calls
from rulectl.check.types.declared import object_of
from rulectl.check.types.finding import Finding, Findings
from rulectl.check.types.type import ANYTHING, Type, record, words
from rulectl.check.types.walk import Walk
from rulectl.expression import BUILTIN, EvaluationError, Expression, ExpressionError, compile_expression, is_true
from rulectl.openapi import Node, node_of_crd
from rulectl.resource import Kind
from rulectl.value import Value
from tests.check.types.conforming import Maker, is_in

_KINDS = (
    Kind("v1", "Pod"),
    Kind("v1", "Node"),
    Kind("v1", "Service"),
    Kind("apps/v1", "Deployment"),
    Kind("batch/v1", "Job"),
    Kind("networking.k8s.io/v1", "NetworkPolicy"),
    Kind("autoscaling/v2", "HorizontalPodAutoscaler"),
    Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
)
_CUSTOM = node_of_crd(
    {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "required": ["mode"],
                "properties": {
                    "mode": {"type": "string", "enum": ["fast", "slow"]},
                    "size": {"type": "integer", "nullable": True},
                    "port": {"x-kubernetes-int-or-string": True},
                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                    "any": {"x-kubernetes-preserve-unknown-fields": True},
                    "matrix": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
                    "map": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
                    "on": {"type": "boolean"},
                    "name": {"type": "string"},
                },
            },
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {}},
        },
    }
)


def _node(seed: int) -> Node:
    found = packaged_schemas()(_KINDS[seed % len(_KINDS)]) if seed % 3 else _CUSTOM
    assert found is not None
    return found


def _looked_at(text: str, node: Node) -> tuple[Expression, Type, list[Finding]] | None:
    try:
        expression = compile_expression(text, roots=("object",))
    except ExpressionError:
        return None  # such as a literal of a wrong type as an argument
    findings = Findings(text)
    walk = Walk(findings, Calls(BUILTIN, frozenset()))
    found = walk.tested(expression.syntax, record({"object": object_of(node, "Thing")}, ANYTHING))
    return expression, found, findings.found


def _evaluated(expression: Expression, scope: Value) -> tuple[Value] | None:
    assert isinstance(scope, dict)
    try:
        return (expression.evaluate(scope, 0.0),)
    except EvaluationError:
        return None


def _check(seed: int) -> None:
    node, maker = _node(seed), Maker(seed)
    text = maker.expression("object", node, 3)
    looked = _looked_at(text, node)
    if looked is None:
        return
    expression, found, findings = looked
    whole = [one for one in findings if (one.start, one.end) == (expression.syntax.start, expression.syntax.end)]
    for _ in range(6):
        obj = maker.value(node)
        answer = _evaluated(expression, {"object": obj})
        if answer is None:
            continue
        assert is_in(answer[0], found), (text, answer, words(found), found, obj)
        for one in whole:
            _is_as_told(one, answer[0], (text, one, obj))


def _is_as_told(finding: Finding, value: Value, about: object) -> None:
    if finding.message.endswith("counts as true, 0 too"):
        assert is_true(value), about
    for told, answer in (("always true", True), ("always false", False), ("always null", False)):
        if finding.message.endswith((told, f"{told} here")):
            assert is_true(value) is answer, about


@pytest.mark.parametrize("block", range(20))
def test_every_value_is_of_the_type_that_was_found(block: int) -> None:
    for seed in range(block * 60, block * 60 + 60):
        _check(seed)


@pytest.mark.slow
def test_every_value_is_of_the_type_that_was_found_in_many_more_expressions() -> None:
    for seed in range(10_000, 30_000):
        _check(seed)
