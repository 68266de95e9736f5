from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest

from rulectl.action.plugin import action_type
from rulectl.action.registry import Registry
from tests.action import plugins
from tests.action.test_plugin import PAGE, page

BUILTIN = list(Registry.builtin())


def is_valid(value: object, schema: Mapping[str, Any]) -> bool:
    return jsonschema.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize("kind", BUILTIN, ids=lambda kind: kind.name)
def test_every_builtin_has_a_good_schema_with_words_for_every_parameter(kind: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(kind.schema)
    jsonschema.Draft202012Validator.check_schema(kind.rule_schema)
    assert kind.doc
    assert [name for name, one in kind.schema["properties"].items() if not one.get("description")] == []


def test_the_schema_of_a_class_says_types_limits_defaults_and_words() -> None:
    properties: Any = PAGE.schema["properties"]
    assert PAGE.schema["required"] == ["room", "text"]
    assert properties["text"] == {"description": "What they read.", "type": "string"}
    assert properties["urgency"] == {"enum": ["low", "high"], "default": "low"}
    assert properties["times"] == {
        "description": "How often.",
        "type": "integer",
        "minimum": 0,
        "maximum": 10,
        "default": 1,
    }
    assert properties["room"]["properties"]["name"]["description"] == "The room's name."


def test_the_schema_of_a_function_has_the_words_of_its_docstring() -> None:
    bell = action_type(plugins.ring_bell, defined_by="test")
    properties: Any = bell.schema["properties"]
    assert properties["times"] == {"description": "How often it rings.", "type": "integer"}
    assert properties["bellName"] == {"description": "Which one.", "type": "string", "default": "front"}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"times": 3},
        {"times": "3"},
        {"times": 11},
        {"users": ["a"]},
        {"users": "a"},
        {"room": {}},
        {"room": {"name": "x", "y": 1}},
        {"repeatAfter": "5m"},
        {"repeatAfter": "5"},
        {"token": {"file": "/x"}},
        {"token": {}},
        {"token": "x"},
        {"to": ["a"]},
        {"to": 5},
        {"extra": [1]},
    ],
    ids=str,
)
def test_schema_and_check_agree(more: dict[str, Any]) -> None:
    parameters = {**page(), **more}
    assert is_valid(parameters, PAGE.schema) == (PAGE.check(parameters) == [])
    assert is_valid(parameters, PAGE.rule_schema) == (PAGE.check(parameters) == [])


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({"times": "${{ x }}"}, True),
        ({"room": "${{ x }}"}, True),
        ({"urgency": "${{ x }}"}, True),
        ({"users": ["${{ x }}"]}, True),
        ({"token": "${{ x }}"}, False),
        ({"token": {"secretKeyRef": {"name": "${{ x }}", "key": "k"}}}, True),
    ],
    ids=str,
)
def test_the_schema_for_rules_lets_templates_stand_for_values(more: dict[str, Any], fits: bool) -> None:
    parameters = {**page(), **more}
    assert is_valid(parameters, PAGE.rule_schema) == fits
    assert (PAGE.check(parameters) == []) == fits
