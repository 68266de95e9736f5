from __future__ import annotations

import pytest

from rulectl.expression import EvaluationError, compile_expression
from rulectl.value import Value

POD: Value = {
    "metadata": {
        "annotations": {"a.io/x": "1", "empty": ""},
        "labels": {"app": "web"},
        "ownerReferences": [
            {"kind": "Node", "name": "n"},
            {"kind": "ReplicaSet", "name": "rs", "controller": True},
        ],
    },
    "status": {"conditions": [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "False"}]},
}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("annotation(object, 'a.io/x')", "1"),
        ("annotation(object, 'empty')", ""),
        ("annotation(object, 'missing')", None),
        ("annotation(object, let.key)", "1"),
        ("annotation(old, 'a.io/x')", None),
        ("annotation(object, old)", None),
        ("label(object, 'app')", "web"),
        ("label(old, 'app')", None),
        ("condition(object, 'Ready').status", "False"),
        ("condition(object, 'Missing')", None),
        ("condition(object, 'Missing').status", None),
        ("condition(old, 'Ready')", None),
        ("condition(object.metadata, 'Ready')", None),
        ("owner(object).name", "rs"),
        ("owner(object, 'Node').name", "n"),
        ("owner(object, 'Job')", None),
        ("owner(old)", None),
        ("default(object.x, 'none')", "none"),
        ("default(annotation(object, 'empty'), 'none')", ""),
        ("get(object.metadata.annotations, 'a.io/x')", "1"),
        ("get(object.metadata, ['labels', let.app])", "web"),
        ('get(object, `["status", "conditions", 1, "type"]`)', "Ready"),
        ('get(object, `["status", "conditions", 9, "type"]`, \'none\')', "none"),
        ("get(object.status.conditions, `-1`).type", "Ready"),
        ("get(old, 'x')", None),
        ("get(old, 'x', `[]`)", []),
        ("lookup(object.metadata.labels, let.app)", "web"),
        ("lookup(object.status.conditions, `0`).type", "Initialized"),
        ("lookup(object.status.conditions, `0.5`)", None),
        ("lookup(old, 'x')", None),
    ],
)
def test_accessors_read_what_is_there_and_give_null_for_what_is_not(text: str, result: Value) -> None:
    scope: dict[str, Value] = {"object": POD, "let": {"key": "a.io/x", "app": "app"}}
    expression = compile_expression(text, roots=("object", "old", "let"))
    assert expression.evaluate(scope, 0.0) == result


@pytest.mark.parametrize("name", ["annotation", "label", "condition"])
def test_an_accessor_of_what_is_no_object_is_an_error(name: str) -> None:
    expression = compile_expression(f"{name}(object, 'x')", roots=("object",))
    with pytest.raises(EvaluationError, match="argument 'object' must be object or null, not string"):
        expression.evaluate({"object": "text"}, 0.0)
