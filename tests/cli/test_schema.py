"""`rulectl schema`."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from rulectl.action.registry import Registry
from rulectl.value import Value, decode, mapping
from tests.cli.shell import rulectl

PLUGIN = ("--plugin", "tests.cli.plugin")


def rule(action: Value) -> Value:
    return {
        "apiVersion": "rulectl.dev/v1alpha1",
        "kind": "Rule",
        "metadata": {"name": "one"},
        "spec": {"watch": {"apiVersion": "v1", "kind": "Pod"}, "actions": [action]},
    }


def test_the_schema_of_rules_knows_the_parameters_of_every_action() -> None:
    schema = decode(rulectl("schema", *PLUGIN).out)
    validator = Draft202012Validator(mapping(schema))
    assert validator.is_valid(rule({"page": {"who": "me"}}))
    assert validator.is_valid(rule({"page": {"who": "${{ object.metadata.name }}"}}))
    assert not validator.is_valid(rule({"page": {"whom": "me"}}))
    assert not validator.is_valid(rule({"fax": {}}))


def test_presets_have_a_schema_of_their_own() -> None:
    assert mapping(decode(rulectl("schema", "RuleDefaults").out))["title"] == "RuleDefaults"


def test_an_action_is_shown_with_its_parameters_and_its_schema() -> None:
    shown = rulectl("schema", "page", *PLUGIN)
    assert shown.status == 0
    assert shown.out.startswith("page (tests.cli.plugin:page)\n\nPage somebody.\n")
    assert (
        "Parameters (beside the common fields name, if, timeout, retry, onError, isolation):\n"
        "who     string, required. Whom to wake.\n"
        "urgent  boolean, default false. Whether to wake them at night.\n"
    ) in shown.out
    assert shown.out.endswith("\n\n`rulectl schema page -o json` has their JSON Schema.\n")
    assert mapping(decode(rulectl("schema", "page", *PLUGIN, "-o", "json").out))["type"] == "object"


def test_a_parameter_within_another_has_a_row_and_references_are_told_once() -> None:
    told = rulectl("schema", "http").out
    assert 'signature.scheme        body|standardWebhooks, default "body". ' in told
    assert "tls.serverName          string. " in told
    assert "secretKeyRef.name" not in told
    assert told.count("is a value by reference, read just before it is used:") == 1
    assert "by reference" not in rulectl("schema", "scale").out


def test_every_action_is_listed_with_a_line() -> None:
    lines = rulectl("schema", "actions").out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == list(Registry.installed().names)


def test_every_function_is_listed_with_signature_purpose_and_example() -> None:
    shown = rulectl("schema", "functions", *PLUGIN)
    assert "\n\nshout(text: string) -> string\n    The text, louder.\n    shout('a')  =>  \"A!\"\n\n" in shown.out


def test_one_function_can_be_asked_for() -> None:
    expected = "shout(text: string) -> string\n    The text, louder.\n    shout('a')  =>  \"A!\"\n"
    assert rulectl("schema", "shout", *PLUGIN).out == expected


def test_functions_are_data_for_machines() -> None:
    found = decode(rulectl("schema", "shout", *PLUGIN, "-o", "json").out)
    assert found == {
        "name": "shout",
        "signature": "shout(text: string) -> string",
        "doc": "The text, louder.",
        "example": {"expression": "shout('a')", "result": "A!"},
    }
