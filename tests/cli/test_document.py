"""Objects from files and standard input, values as text."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from rulectl.cli.document import read_objects, written
from rulectl.errors import UsageError
from rulectl.value import Value


@pytest.mark.parametrize(
    "content",
    [
        '{"kind": "Pod", "metadata": {"name": "a"}}',
        "kind: Pod\nmetadata: {name: a}\n",
        '{"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "a"}}]}',
        "---\nkind: Pod\nmetadata:\n  name: a\n---\n",
        '[{"kind": "Pod", "metadata": {"name": "a"}}]',
    ],
    ids=["json", "yaml", "list", "documents", "array"],
)
def test_an_object_is_read_however_it_is_written(content: str, tmp_path: Path) -> None:
    file = tmp_path / "object"
    file.write_text(content)
    assert read_objects(str(file)) == [{"kind": "Pod", "metadata": {"name": "a"}}]


def test_a_dash_is_standard_input() -> None:
    with CliRunner().isolation(input='{"a": 1}\n'):
        assert read_objects("-") == [{"a": 1}]


def test_times_stay_text(tmp_path: Path) -> None:
    file = tmp_path / "object.yaml"
    file.write_text("at: 2026-01-01T00:00:00Z\n")
    assert read_objects(str(file)) == [{"at": "2026-01-01T00:00:00Z"}]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "object.yaml holds no object; give one as `kubectl get -o yaml` or `-o json` writes it"),
        ("[1]", "an object is a mapping with apiVersion, kind and metadata"),
        (
            "a: [",
            "object.yaml: not YAML: line 2, column 1: did not find expected node content whi",
        ),
    ],
    ids=["empty", "number", "broken"],
)
def test_what_is_no_object_is_refused_with_what_to_give(content: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "object.yaml"
    file.write_text(content)
    with pytest.raises(UsageError) as refusal:
        read_objects(str(file))
    assert message in str(refusal.value)


VALUE: Value = {"a": [1, None], "b": "text"}


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (VALUE, "json", '{\n  "a": [\n    1,\n    null\n  ],\n  "b": "text"\n}'),
        (VALUE, "yaml", "a:\n- 1\n- null\nb: text"),
        (VALUE, "raw", '{"a":[1,null],"b":"text"}'),
        ("text", "json", '"text"'),
        ("text", "yaml", "text"),
        ("text", "raw", "text"),
        (None, "yaml", "null"),
        (("a", 1), "yaml", "- a\n- 1"),
    ],
    ids=str,
)
def test_a_value_is_written_in_the_form_asked_for(value: Value, form: str, expected: str) -> None:
    assert written(value, form) == expected
