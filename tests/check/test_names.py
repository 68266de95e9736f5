"""Rules that say the same, and names that mean two things."""

from __future__ import annotations

import pytest

from rulectl.check.inspection import inspect
from rulectl.plan.compiler import compile_text
from tests.rule.marked import expected, found, rule, unmarked

SAYING = "when:\n- object.spec.nodeName\nevents: [added]"


def test_two_rules_that_say_the_same_are_told_at_the_second() -> None:
    text = f"{rule(SAYING, 'one')}---\n{rule(SAYING, '▲two')}---\n{rule('when: [object.spec.volumes]', 'three')}"
    problems = inspect(compile_text(unmarked(text)))
    assert found(problems) == expected(text, ["RC604"])
    assert problems[0].message == "the rule says the same as 'one' at rule.yaml:3:18: its actions run twice"


def test_comments_and_the_order_of_keys_make_no_difference() -> None:
    other = "# the same\nevents: [added]\nwhen:\n- object.spec.nodeName"
    assert [problem.code for problem in inspect(compile_text(f"{rule(SAYING)}---\n{rule(other, 'b')}"))] == ["RC604"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("let: {▲object: object.spec}", "let.object is called like the root object, and is another value"),
        ("let: {a: object.spec, ▲item: let.a}", "let.item is called like the root item, and is another value"),
        (
            "lookup: {▲old: {apiVersion: v1, kind: Node}}",
            "lookup.old is called like the root old, and is another value",
        ),
        (
            "lookup: {node: {apiVersion: v1, kind: Node}}\nlet: {▲node: object.spec}",
            "let.node is called like lookup.node, and is another value",
        ),
    ],
)
def test_a_name_that_shadows_another_is_told(spec: str, message: str) -> None:
    text = rule(spec)
    [problem] = inspect(compile_text(unmarked(text)))
    assert found([problem]) == expected(text, ["RC605"])
    assert (problem.message, problem.severity) == (message, "warning")
