"""Rules that write what they watch, and circles of rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.check.loops import circles, loops
from rulectl.check.readers import overlap
from rulectl.fields import NOTHING, WHOLE, FieldTree, tree_of
from rulectl.plan.compiler import compile_text
from tests.rule.marked import rule

POD = "watch: {apiVersion: v1, kind: Pod}\n"
NODE = "watch: {apiVersion: v1, kind: Node}\n"


def told(*rules: str) -> list[tuple[str, int, str]]:
    compilation = compile_text("---\n".join(rules))
    assert compilation.problems == ()
    return [
        (problem.code, problem.place.line, problem.message) for problem in loops(compilation.plan, compilation.written)
    ]


OWN = {
    "a label": ("changed: {labels: [a]}", "label: {set: {a: b}}"),
    "a removed label": ("changed: {labels: [a*]}", "label: {remove: [abc]}"),
    "an annotation": ("when: [\"annotation(object, 'a')\"]", "annotate: {set: {a: b}}"),
    "any field": ("changed: {fields: ['@']}", "label: {set: {a: b}}"),
    "a part of what is watched": ("changed: {fields: [spec]}", "patch: {body: {spec: {replicas: 1}}}"),
    "more than is watched": ("changed: {fields: [spec.a.b]}", "patch: {body: {spec: null}}"),
    "a JSON patch": (
        "changed: {fields: [spec.x]}",
        "patch: {type: json, body: [{op: add, path: /spec/x/0, value: 1}]}",
    ),
    "the scale": ("changed: {fields: [spec.replicas]}", "scale: {replicas: 1}"),
}


@pytest.mark.parametrize(("watched", "action"), OWN.values(), ids=OWN)
def test_a_rule_that_writes_what_it_watches_is_told(watched: str, action: str) -> None:
    name = action.partition(":")[0]
    message = f"the action {name!r} writes what its own rule watches"
    assert told(rule(f"{watched}\nactions:\n- {action}")) == [("RC601", 7, message)]


FINE = {
    "another label": ("changed: {labels: [a]}", "label: {set: {b: b}}"),
    "another field": ("changed: {fields: [spec.a]}", "patch: {body: {spec: {b: 1}}}"),
    "another kind": (
        "changed: {labels: [a]}",
        "label: {set: {a: b}, resource: {apiVersion: v1, kind: Node, name: x}}",
    ),
    "no write": ("changed: {labels: [a]}", "log: {message: x}"),
    "a rule that is about being there": ("events: [added]", "label: {set: {a: b}}"),
    "a rule about deletions": ("changed: {labels: [a]}\nevents: [deleted]", "label: {set: {a: b}}"),
}


@pytest.mark.parametrize(("watched", "action"), FINE.values(), ids=FINE)
def test_a_rule_that_writes_something_else_is_not(watched: str, action: str) -> None:
    assert told(rule(f"{watched}\nactions:\n- {action}")) == []


def test_rules_that_trigger_each_other_are_told_as_a_circle() -> None:
    assert told(
        rule(POD + "changed: {labels: [a]}\nactions:\n- label: {set: {b: x}}", "one"),
        rule(POD + "changed: {labels: [b]}\nactions:\n- label: {set: {a: x}}", "two"),
        rule(POD + "changed: {labels: [b]}\nactions:\n- label: {set: {c: x}}", "three"),
    ) == [("RC602", 8, "these rules may trigger each other for ever: one -> two -> one")]


def test_a_circle_may_go_through_other_kinds() -> None:
    node = "resource: {apiVersion: v1, kind: Node, name: x}"
    pod = "resource: {apiVersion: v1, kind: Pod, namespace: a, name: x}"
    assert told(
        rule(POD + f"changed: {{labels: [a]}}\nactions:\n- label: {{set: {{b: x}}, {node}}}", "b-pods"),
        rule(NODE + f"changed: {{labels: [b]}}\nactions:\n- label: {{set: {{a: x}}, {pod}}}", "a-nodes"),
    ) == [("RC602", 17, "these rules may trigger each other for ever: a-nodes -> b-pods -> a-nodes")]


def test_objects_that_a_rule_makes_may_trigger_it_again() -> None:
    manifest = "{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: a}}"
    assert told(rule(f"events: [added]\nactions:\n- apply: {{manifest: {manifest}}}")) == [
        ("RC601", 7, "the action 'apply' makes what its own rule watches")
    ]


def test_a_rule_that_is_off_is_judged_all_the_same() -> None:
    assert len(told(rule("enabledIf: env.X\nchanged: {labels: [a]}\nactions:\n- label: {set: {a: b}}"))) == 1


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        ({"a": ["a"]}, []),
        ({"a": ["b"], "b": ["c"], "c": []}, []),
        ({"a": ["b"], "b": ["a"]}, [("a", "b")]),
        ({"c": ["a"], "a": ["b"], "b": ["c"]}, [("a", "b", "c")]),
        ({"a": ["b"], "b": ["a", "c"], "c": ["b"]}, [("a", "b"), ("b", "c")]),
    ],
)
def test_circles_are_the_shortest_ways_back(edges: dict[str, list[str]], found: list[tuple[str, ...]]) -> None:
    assert circles(edges) == found


TREES = st.recursive(
    st.sampled_from([WHOLE, NOTHING]),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3).map(
        lambda fields: FieldTree(fields=fields)
    ),
    max_leaves=6,
)


@given(TREES, TREES)
def test_overlapping_is_mutual_and_every_tree_overlaps_what_covers_it(left: FieldTree, right: FieldTree) -> None:
    assert overlap(left, right) is overlap(right, left)
    assert overlap(left, left | right) is (left != NOTHING)


def test_trees_that_meet_nowhere_do_not_overlap() -> None:
    assert not overlap(tree_of("spec", "a"), tree_of("spec", "b"))
    assert overlap(tree_of("spec", "a", "b"), tree_of("spec", "a"))
