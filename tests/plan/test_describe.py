"""What `rulectl plan` shows, exactly as people read it."""

from __future__ import annotations

from rulectl.plan.compiler import compile_text
from rulectl.plan.describe import describe_plan, describe_rule
from rulectl.plan.drawing import plan_dot, plan_mermaid, plan_text
from rulectl.value import Value, decode, encode
from tests.rule.marked import rule

RULES = "---\n".join([
    rule("""
watch: {apiVersion: v1, kind: Pod, namespaces: [shop], labelSelector: {matchLabels: {app: web}}}
changed: {annotations: [a], fields: [{path: status.phase, to: Running}]}
lookup: {node: {apiVersion: v1, kind: Node, name: "${{ object.spec.nodeName }}"}}
let: {ready: lookup.node.status.ready}
debounce: 10s
limits: {perMinute: 60}
actions:
- {name: push, if: let.ready, timeout: 5s, log: {message: "${{ object }}"}}
""", "first"),
    rule("""
enabledIf: env.X
mode: audit
watch: {apiVersion: v1, kind: Node}
when: [object.spec.a, {any: [object.spec.b, {not: object.spec.c}]}]
for: 5m
resolvedFor: 1m
resolved: [{log: {message: over}}]
actions: [{log: {message: begun}}]
""", "second"),
])  # fmt: skip


def described() -> dict[str, Value]:
    return describe_plan(compile_text(RULES).plan)


def test_a_plan_is_shown_with_its_informers_and_rules() -> None:
    assert (
        plan_text(described())
        == """\
Informers

  v1 Pod in shop [app=web]
    used by  first (watch)
    keeps    metadata.annotations.a
             metadata.labels.app
             metadata.name
             metadata.namespace
             metadata.uid
             spec.nodeName
             status.phase

  v1 Node
    used by  first (lookup.node), second (watch)
    keeps    metadata.name
             metadata.namespace
             metadata.uid
             spec.a
             spec.b
             spec.c
             status.ready

Rules

  first (rule.yaml:3)
    watches  v1 Pod in shop [app=web], modified, existing: handle
    changed  metadata.annotations."a"
             {"path":"status.phase","to":["Running"]}
    lookup   node: v1 Node
    let      ready: lookup.node.status.ready
    queue    key: first/namespace/name
             workers: 4
             debounce: 10s
             retry: until it succeeds, 5ms to 16m40s apart
             perMinute: 60
             onExceed: pause
    actions  push: log
    records  metadata.annotations.a
             metadata.name
             metadata.namespace
             metadata.uid
             status.phase

  second (rule.yaml:16) [off by enabledIf] [audit]
    watches  v1 Node, added, modified, existing: handle
    when     object.spec.a
             {"any":["object.spec.b",{"not":"object.spec.c"}]}
    for      5m
    queue    key: second/namespace/name
             workers: 4
             retry: until it succeeds, 5ms to 16m40s apart
    actions  log
    resolved log after 1m
    records  metadata.name
             metadata.namespace
             metadata.uid
             spec.a
             spec.b
             spec.c
"""
    )


def test_a_plan_is_plain_json() -> None:
    assert decode(encode(described())) == described()


def test_a_plan_is_drawn_for_graphviz() -> None:
    assert (
        plan_dot(described())
        == """\
digraph rulectl {
  rankdir=LR;
  node [shape=box];
  informer0 [label="v1 Pod in shop [app=web]"];
  informer1 [label="v1 Node"];
  rule0 [label="first"];
  rule0_actions0 [label="push: log"];
  rule1 [label="second"];
  rule1_actions0 [label="log"];
  rule1_resolved0 [label="log"];
  informer0 -> rule0;
  informer1 -> rule0 [label="lookup.node"];
  informer1 -> rule1;
  rule0 -> rule0_actions0;
  rule1 -> rule1_actions0;
  rule1 -> rule1_resolved0 [label="resolved"];
}
"""
    )


def test_a_plan_is_drawn_for_mermaid() -> None:
    lines = plan_mermaid(described()).splitlines()
    assert lines[:2] == ["flowchart LR", '  informer0["v1 Pod in shop [app=web]"]']
    assert "  informer1 -->|lookup.node| rule0" in lines


def test_an_action_that_fetches_the_object_says_so() -> None:
    [compiled, _] = compile_text(RULES).plan.rules
    assert describe_rule(compiled)["actions"] == [
        {"name": "push", "action": "log", "if": "let.ready", "timeout": "5s", "fetchesObject": True}
    ]


def test_the_plan_of_no_rules_says_so() -> None:
    assert plan_text(describe_plan(compile_text("").plan)) == "no rules\n"
