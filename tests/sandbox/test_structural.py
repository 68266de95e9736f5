from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.openapi import Node, node_of_crd
from rulectl.openapi.reader import read
from rulectl.sandbox.structural import default, prune, violations
from rulectl.value import Value


def node(schema: dict[str, Value]) -> Node:
    """The node of field ``spec.x``'s schema inside of a whole resource."""
    return node_of_crd({"type": "object", "properties": {"spec": {"type": "object", "properties": {"x": schema}}}})


def resource(**spec: Any) -> dict[str, Value]:
    return {"apiVersion": "x.io/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}


def faults(schema: dict[str, Value], value: Value) -> list[str]:
    return [str(violation) for violation in violations(resource(x=value), node(schema))]


INTEGER: dict[str, Value] = {"type": "integer"}
STRING: dict[str, Value] = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        ({"type": "integer", "minimum": 1}, 0, "Invalid value: 0: spec.x in body should be greater than or equal to 1"),
        (
            {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
            1,
            "Invalid value: 1: spec.x in body should be greater than 1",
        ),
        (
            {"type": "number", "maximum": 2.5},
            3.5,
            "Invalid value: 3.5: spec.x in body should be less than or equal to 2.5",
        ),
        (
            {"type": "integer", "maximum": 3, "exclusiveMaximum": True},
            3,
            "Invalid value: 3: spec.x in body should be less than 3",
        ),
        ({"type": "integer", "multipleOf": 5}, 7, "Invalid value: 7: spec.x in body should be a multiple of 5"),
        (INTEGER, "a", 'Invalid value: "string": spec.x in body must be of type integer: "string"'),
        (INTEGER, 1.5, 'Invalid value: "number": spec.x in body must be of type integer: "number"'),
        (STRING, None, 'Invalid value: "null": spec.x in body must be of type string: "null"'),
        ({"type": "boolean"}, 1, 'Invalid value: "integer": spec.x in body must be of type boolean: "integer"'),
        ({"type": "array"}, {}, 'Invalid value: "object": spec.x in body must be of type array: "object"'),
        (
            {"x-kubernetes-int-or-string": True},
            True,
            'Invalid value: "boolean": spec.x in body must be of type integer,string: "boolean"',
        ),
        ({"type": "string", "enum": ["a", "b"]}, "c", 'Unsupported value: "c": supported values: "a", "b"'),
        ({"type": "string", "minLength": 2}, "a", 'Invalid value: "a": spec.x in body should be at least 2 chars long'),
        ({"type": "string", "maxLength": 1}, "ab", "Too long: may not be more than 1 bytes"),
        ({"type": "string", "pattern": "^a+$"}, "b", "Invalid value: \"b\": spec.x in body should match '^a+$'"),
        ({"type": "string", "pattern": "^a$"}, "a\n", "Invalid value: \"a\\n\": spec.x in body should match '^a$'"),
        (
            {"type": "string", "pattern": "^[[:digit:]]+$"},
            "x",
            "Invalid value: \"x\": spec.x in body should match '^[[:digit:]]+$'",
        ),
        ({"type": "array", "maxItems": 1}, [1, 2], "Too many: 2: must have at most 1 items"),
        ({"type": "array", "minItems": 1}, [], "Invalid value: 0: spec.x in body should have at least 1 items"),
        ({"type": "object", "maxProperties": 0}, {"a": 1}, "Too many: 1: must have at most 0 items"),
        (
            {"type": "object", "minProperties": 1},
            {},
            "Invalid value: {}: spec.x in body should have at least 1 properties",
        ),
        (
            {"type": "string", "format": "date-time"},
            "soon",
            'Invalid value: "soon": spec.x in body must be of type date-time: "soon"',
        ),
        (
            {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
            "a",
            'Invalid value: "": "spec.x" must validate at least one schema (anyOf)',
        ),
        (
            {"type": "integer", "oneOf": [{"minimum": 5}, {"minimum": 3}]},
            1,
            'Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found none valid',
        ),
        (
            {"type": "integer", "oneOf": [{"minimum": 5}, {"minimum": 3}]},
            6,
            'Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
        ),
        (
            {"type": "integer", "allOf": [{"minimum": 5}]},
            1,
            'Invalid value: "": "spec.x" must validate all the schemas (allOf)',
        ),
        (
            {"type": "integer", "not": {"enum": [1]}},
            1,
            'Invalid value: "": "spec.x" must not validate the schema (not)',
        ),
    ],
)
def test_a_fault_is_told_in_the_servers_words(schema: dict[str, Value], value: Value, told: str) -> None:
    assert faults(schema, value) == [f"spec.x: {told}"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (INTEGER, 2.0),
        ({"type": "number"}, 1),
        ({"type": "string", "nullable": True}, None),
        ({"x-kubernetes-preserve-unknown-fields": True}, None),
        ({"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}, "80%"),
        ({"type": "number", "multipleOf": 0.1}, 0.3),
        ({"type": "string", "format": "anything"}, "x"),
        ({"type": "string", "pattern": "(?i"}, "a pattern that Python cannot read is not checked"),
        ({"type": "integer", "enum": [1]}, 1.0),
    ],
)
def test_what_keeps_to_the_schema_has_no_faults(schema: dict[str, Value], value: Value) -> None:
    assert faults(schema, value) == []


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("byte", "YQ==", "a"),
        ("cidr", "10.0.0.0/8", "10.0.0.1"),
        ("date", "2026-02-28", "2026-02-30"),
        ("date-time", "2026-01-01T00:00:00.25Z", "2026-01-01 00:00"),
        ("duration", "1h30m", "soon"),
        ("email", "a@b.c", "a"),
        ("hostname", "a.example.com", "-a"),
        ("ipv4", "10.0.0.1", "10.0.0.256"),
        ("ipv6", "::1", "10.0.0.1"),
        ("mac", "00:11:22:33:44:55", "00:11"),
        ("uri", "https://x.io/a", "x io"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123"),
    ],
)
def test_common_formats_are_checked(form: str, good: str, bad: str) -> None:
    schema: dict[str, Value] = {"type": "string", "format": form}
    assert faults(schema, good) == []
    assert faults(schema, bad) == [f'spec.x: Invalid value: "{bad}": spec.x in body must be of type {form}: "{bad}"']


LIST: dict[str, Value] = {
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
    "items": {"type": "object", "required": ["name"], "properties": {"name": STRING, "n": INTEGER}},
}


def test_faults_have_the_path_to_their_field() -> None:
    value: Value = [{"name": "a", "n": "x"}, {"n": 1}]
    assert faults(LIST, value) == [
        'spec.x[0].n: Invalid value: "string": spec.x[0].n in body must be of type integer: "string"',
        "spec.x[1].name: Required value",
    ]


def test_items_of_keyed_lists_and_sets_differ() -> None:
    assert faults(LIST, [{"name": "a"}, {"name": "a"}]) == ['spec.x[1]: Duplicate value: {"name":"a"}']
    names: dict[str, Value] = {"type": "array", "x-kubernetes-list-type": "set", "items": STRING}
    assert faults(names, ["a", "b", "a"]) == ['spec.x[2]: Duplicate value: "a"']


def test_entries_of_a_map_are_checked_too() -> None:
    schema: dict[str, Value] = {"type": "object", "additionalProperties": INTEGER}
    assert [violation.path for violation in violations(resource(x={"a": "b"}), node(schema))] == ["spec.x.a"]


def test_an_embedded_resource_must_say_what_it_is() -> None:
    schema: dict[str, Value] = {"type": "object", "x-kubernetes-embedded-resource": True}
    assert faults(schema, {"apiVersion": "v1"}) == ["spec.x.kind: Required value: must not be empty"]


def test_a_reference_to_a_resource_is_no_embedded_resource() -> None:
    schema: dict[str, Value] = {"type": "object", "properties": {"apiVersion": STRING, "kind": STRING}}
    assert faults(schema, {"kind": "Pod"}) == []


def test_a_missing_part_of_the_resource_is_named_from_the_top() -> None:
    schema = node_of_crd({"type": "object", "required": ["spec"], "properties": {"spec": {"type": "object"}}})
    assert [str(fault) for fault in violations({"metadata": {}}, schema)] == ["spec: Required value"]


@pytest.mark.parametrize(
    ("schema", "value", "reason"),
    [
        ({"type": "integer", "minimum": 1}, 0, "FieldValueInvalid"),
        (INTEGER, "x", "FieldValueTypeInvalid"),
        ({"type": "string", "enum": ["a"]}, "b", "FieldValueNotSupported"),
        ({"type": "string", "maxLength": 0}, "b", "FieldValueTooLong"),
        ({"type": "array", "maxItems": 0}, [1], "FieldValueTooMany"),
        ({"type": "object", "required": ["a"]}, {}, "FieldValueRequired"),
        ({"type": "array", "x-kubernetes-list-type": "set"}, [1, 1], "FieldValueDuplicate"),
    ],
)
def test_a_fault_knows_its_reason_in_a_status(schema: dict[str, Value], value: Value, reason: str) -> None:
    assert [violation.reason for violation in violations(resource(x=value), node(schema))] == [reason]


DEFAULTS: dict[str, Value] = {
    "type": "object",
    "default": {},
    "properties": {
        "color": {"type": "string", "default": "red"},
        "size": INTEGER,
        "maybe": {"type": "string", "nullable": True, "default": "x"},
        "list": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}}},
        "map": {"type": "object", "additionalProperties": {"type": "object", "properties": {"n": {"default": 1}}}},
    },
}


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({}, {"color": "red", "maybe": "x"}),
        ({"color": "blue", "maybe": None}, {"color": "blue", "maybe": None}),
        ({"color": None, "size": None}, {"color": "red", "maybe": "x"}),
        ({"list": [{}, {"n": 2}]}, {"color": "red", "maybe": "x", "list": [{"n": 1}, {"n": 2}]}),
        ({"map": {"a": {}}}, {"color": "red", "maybe": "x", "map": {"a": {"n": 1}}}),
        ({"unknown": 1}, {"unknown": 1, "color": "red", "maybe": "x"}),
    ],
)
def test_defaults_stand_where_nothing_is(value: Value, result: Value) -> None:
    assert default(value, read(DEFAULTS)) == result


def test_a_default_gets_the_defaults_below_it() -> None:
    filled = default(resource(), node(DEFAULTS))
    assert isinstance(filled, dict)
    assert filled["spec"] == {"x": {"color": "red", "maybe": "x"}}


PRUNED: dict[str, Value] = {
    "type": "object",
    "properties": {
        "known": STRING,
        "open": {
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": True,
            "properties": {"inner": {"type": "object", "properties": {"a": INTEGER}}},
        },
        "items": {"type": "array", "items": {"type": "object", "properties": {"a": INTEGER}}},
        "entries": {"type": "object", "additionalProperties": {"type": "object", "properties": {"a": INTEGER}}},
        "empty": {"type": "object"},
        "res": {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": {"type": "object"}}},
    },
}


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"known": "a", "other": 1}, {"known": "a"}),
        ({"open": {"any": {"b": 1}, "inner": {"a": 1, "b": 2}}}, {"open": {"any": {"b": 1}, "inner": {"a": 1}}}),
        ({"items": [{"a": 1, "b": 2}]}, {"items": [{"a": 1}]}),
        ({"entries": {"x": {"a": 1, "b": 2}}}, {"entries": {"x": {"a": 1}}}),
        ({"empty": {"a": 1}}, {"empty": {}}),
        (
            {"res": {"apiVersion": "v1", "kind": "X", "metadata": {"name": "a", "odd": 1}, "spec": {}, "b": 1}},
            {"res": {"apiVersion": "v1", "kind": "X", "metadata": {"name": "a"}, "spec": {}}},
        ),
        ({"known": {"a": 1}}, {"known": {"a": 1}}),
    ],
)
def test_unknown_fields_are_cut_off(value: Value, result: Value) -> None:
    assert prune(value, read(PRUNED)) == result


def test_managed_fields_survive_pruning() -> None:
    fields: Value = {"f:spec": {"f:x": {}}}
    meta: Value = {"name": "w", "managedFields": [{"manager": "m", "fieldsV1": fields}], "odd": 1}
    assert prune({**resource(x=1), "metadata": meta}, node(INTEGER)) == {
        **resource(x=1),
        "metadata": {"name": "w", "managedFields": [{"manager": "m", "fieldsV1": fields}]},
    }


json = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text("ab", max_size=1),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["known", "open", "items", "entries", "a", "color", "list", "n"]), inner)
    ),
    max_leaves=8,
)


@given(json)
def test_pruning_and_defaulting_settle_at_once_and_change_nothing_given(value: Value) -> None:
    before = copy.deepcopy(value)
    pruned, filled = prune(value, read(PRUNED)), default(value, read(DEFAULTS))
    assert prune(pruned, read(PRUNED)) == pruned
    assert default(filled, read(DEFAULTS)) == filled
    assert value == before


@given(json)
def test_any_value_can_be_checked(value: Value) -> None:
    assert all(violation.message for violation in violations(value, read(PRUNED)))
