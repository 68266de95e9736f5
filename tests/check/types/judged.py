"""One term of a rule about an object of some kind: what the types say of it."""

from __future__ import annotations

from rulectl.check.schemas import KindSchemas, packaged_schemas
from rulectl.check.types import type_problems
from rulectl.openapi import Node, node_of_crd
from rulectl.plan.compiler import compile_text
from rulectl.problem import Problem
from rulectl.resource import Kind
from tests.rule.marked import rule

WIDGET = node_of_crd(
    {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "required": ["mode"],
                "properties": {
                    "mode": {"type": "string", "enum": ["fast", "slow"]},
                    "size": {"type": "integer", "nullable": True},
                    "level": {"type": "integer", "enum": [1, 2, 3]},
                    "port": {"x-kubernetes-int-or-string": True},
                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                    "any": {"x-kubernetes-preserve-unknown-fields": True},
                    "matrix": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
                    "map": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
                    "inner": {
                        "type": "object",
                        "x-kubernetes-embedded-resource": True,
                        "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}},
                    },
                    "on": {"type": "boolean"},
                },
            },
            "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
)
_WIDGET_KIND = Kind("acme.io/v1", "Widget")
KINDS = {
    "pod": Kind("v1", "Pod"),
    "node": Kind("v1", "Node"),
    "service": Kind("v1", "Service"),
    "configmap": Kind("v1", "ConfigMap"),
    "deployment": Kind("apps/v1", "Deployment"),
    "job": Kind("batch/v1", "Job"),
    "widget": _WIDGET_KIND,
    "unknown": Kind("acme.io/v1", "Gadget"),
}


def schemas() -> KindSchemas:
    """The packaged kinds and a custom one."""
    return KindSchemas((_custom, packaged_schemas()))


def _custom(kind: Kind) -> Node | None:
    return WIDGET if kind == _WIDGET_KIND else None


def about(kind: str, term: str) -> str:
    """A rule whose only term is `term`, on its last line from column 5 on."""
    watched = KINDS[kind]
    watch = f"watch: {{apiVersion: {watched.api_version}, kind: {watched.kind}}}"
    return rule(f"{watch}\nactions: [{{log: {{message: seen}}}}]\nwhen:\n- >-\n  {term}")


def told(text: str) -> list[Problem]:
    """What the types say of the rule."""
    compilation = compile_text(text)
    assert compilation.problems == ()
    return type_problems(compilation.expressions, schemas())
