"""An action's parameters as a table."""

from __future__ import annotations

import pytest

from rulectl import duration
from rulectl.cli.parameter import parameter_rows, type_of
from rulectl.value import Value


def test_a_row_tells_type_requiredness_default_and_purpose() -> None:
    schema: dict[str, Value] = {
        "properties": {
            "url": {"type": "string", "description": "Where to; shown without\nits ``query``."},
            "tries": {"type": "integer", "minimum": 1, "default": 3},
        },
        "required": ["url"],
    }
    assert parameter_rows(schema) == [
        ("url", "string, required. Where to; shown without its `query`."),
        ("tries", "integer from 1, default 3."),
    ]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, "any value"),
        ({"type": "boolean"}, "boolean"),
        ({"type": "string", "pattern": duration.PATTERN}, "duration"),
        ({"enum": ["merge", "json"]}, "merge|json"),
        ({"enum": ["", "status"]}, "status"),
        ({"type": "object", "additionalProperties": {}}, "mapping"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string"),
        ({"type": "array", "items": {"type": "string"}}, "list of string"),
        (
            {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
            "map of (string or integer)",
        ),
        ({"type": "object", "properties": {"a": {}, "b": {}}}, "{a, b}"),
        ({"type": "integer", "minimum": 1, "maximum": 5.0}, "integer from 1 to 5"),
        ({"type": "number", "maximum": 2}, "number up to 2"),
    ],
    ids=str,
)
def test_a_type_is_told_in_a_few_words(schema: dict[str, Value], expected: str) -> None:
    assert type_of(schema) == expected
