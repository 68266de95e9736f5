"""The quick look agrees with the JSON Schema library wherever it says yes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.rule.conformity import compile_test, conforms
from rulectl.rule.load import load_text
from rulectl.rule.reading import read_text
from rulectl.rule.schema import packaged_schema
from rulectl.rule.shape import validator
from rulectl.value import Value
from tests.rule import test_bad_shapes
from tests.rule.marked import rule, unmarked

WORDS = st.sampled_from(["added", "a", "5m", "5 m", "", "stop", "Pod", "v1", "*", "kube-*", "A_B", "none", "10%"])
KEYS = st.sampled_from(
    ["apiVersion", "kind", "metadata", "name", "spec", "watch", "when", "any", "not", "for", "events", "changed", "x"]
)
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 70) | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def parts(schema: Any) -> list[dict[str, Any]]:
    """Every schema within `schema` that stands for a value."""
    definitions = schema["$defs"]
    spec = schema["properties"]["spec"]["properties"]
    return [{**part, "$defs": definitions} for part in (*definitions.values(), *spec.values())]


PARTS = [part for kind in ("Rule", "RuleDefaults") for part in parts(packaged_schema(kind))]
COMPILED = [(compile_test(part), validator("Rule").evolve(schema=part)) for part in PARTS]


@settings(deadline=None)
@given(VALUES, st.sampled_from(COMPILED))
def test_a_yes_is_never_wrong(value: Value, both: tuple[Any, Any]) -> None:
    quick, library = both
    assert not quick(value) or library.is_valid(value)


@pytest.mark.parametrize(("codes", "spec"), test_bad_shapes.SPECS.values(), ids=test_bad_shapes.SPECS)
def test_no_rule_of_a_wrong_shape_conforms(codes: str, spec: str) -> None:
    [document] = read_text("rule.yaml", unmarked(rule(spec))).documents
    assert conforms("Rule", document.value) == validator("Rule").is_valid(document.value)
    assert codes


@pytest.mark.parametrize("file", ["pod-bandwidth", "restart-on-config", "node-not-ready"])
def test_good_rules_conform(file: str) -> None:
    text = (Path(__file__).parents[2] / "rules" / f"{file}.yaml").read_text()
    [document] = read_text("rule.yaml", text).documents
    assert conforms("Rule", document.value)


def test_a_keyword_that_is_not_known_is_left_to_the_library() -> None:
    assert not compile_test({"type": "object", "dependentRequired": {"a": ["b"]}})({})


def test_definitions_may_refer_to_themselves() -> None:
    assert load_text(rule("when: [{any: [{not: {any: [object.spec]}}]}]")).problems == ()
