"""The JSON Schemas: of what is loaded, and whole for editors."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from rulectl.duration import PATTERN
from rulectl.rule.reading import read_text
from rulectl.rule.schema import defaults_schema, rule_schema
from rulectl.rule.shape import validator
from rulectl.value import Value
from tests.rule.marked import rule

HTTP: dict[str, Value] = {
    "type": "object",
    "required": ["url"],
    "properties": {"url": {"type": "string"}},
    "additionalProperties": False,
}
WHOLE = Draft202012Validator(rule_schema({"http": HTTP, "log": {"type": "object"}}))


def accepts(spec: str) -> bool:
    [document] = read_text("a.yaml", rule(spec)).documents
    return WHOLE.is_valid(document.value)


@pytest.mark.parametrize("kind", ["Rule", "RuleDefaults"])
def test_the_packaged_schemas_are_schemas(kind: str) -> None:
    Draft202012Validator.check_schema(validator(kind).schema)


def test_the_schemas_with_plugins_are_schemas() -> None:
    Draft202012Validator.check_schema(WHOLE.schema)
    Draft202012Validator.check_schema(defaults_schema({"http": HTTP}))


def test_durations_look_the_same_in_schema_and_parser() -> None:
    assert rule_schema({})["$defs"]["duration"]["pattern"] == PATTERN


@pytest.mark.parametrize(
    ("actions", "accepted"),
    [
        ("[{http: {url: x}}]", True),
        ("[{http: {url: x}, if: object.a, timeout: 5s}]", True),
        ("[{http: {}}]", False),
        ("[{http: {url: x, foo: 1}}]", False),
        ("[{http: {url: x}, log: {}}]", False),
        ("[{name: x}]", False),
        ("[{htpp: {url: x}}]", False),
    ],
)
def test_editors_check_the_plugins_parameters_and_that_there_is_one_plugin(actions: str, accepted: bool) -> None:
    assert accepts(f"actions: {actions}") is accepted


def test_defaults_may_preset_any_number_of_parameters() -> None:
    schema = Draft202012Validator(defaults_schema({"http": HTTP}))
    head = {"apiVersion": "rulectl.dev/v1alpha1", "kind": "RuleDefaults"}
    assert schema.is_valid({**head, "spec": {"actions": {"http": {}}}})
    assert not schema.is_valid({**head, "spec": {"actions": {"http": {"foo": 1}}}})


def test_making_a_schema_leaves_the_packaged_one_alone() -> None:
    rule_schema({"http": HTTP})
    assert "http" not in rule_schema({})["$defs"]["action"]["properties"]


def test_every_key_of_a_rule_is_described() -> None:
    spec = rule_schema({})["properties"]["spec"]["properties"]
    assert [key for key, schema in spec.items() if not schema.get("description")] == []
