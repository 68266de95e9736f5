"""Expressions against Kubernetes' schemas: what contradicts them is told at its place, the rest is left alone."""

from __future__ import annotations

import pytest

from rulectl.check.inspection import builtin_schema, inspect
from rulectl.check.typing import type_problems
from rulectl.openapi import Node, node_of_crd
from rulectl.plan.compiler import compile_text
from rulectl.resource import Kind
from rulectl.value import Value
from tests.rule.marked import expected, found, rule, unmarked

WRONG = {
    "a misspelt field": ("RC421", "object.spec.▲nodename == 'a'"),
    "a field of another kind": ("RC421", "object.spec.▲replicas > `1`"),
    "a field of nothing": ("RC421", "object.▲foo"),
    "a misspelt field of the baseline in a let": ("RC421", "object.metadata.▲annotation"),
    "a misspelt field of a list's elements": ("RC421", "object.spec.containers[].▲img"),
    "a misspelt field of one element": ("RC421", "object.spec.containers[0].▲img"),
    "a misspelt field in a filter": ("RC421", "object.status.conditions[?▲typ == 'Ready']"),
    "a misspelt field behind a filter": ("RC421", "object.status.conditions[?type == 'Ready'].▲state"),
    "a misspelt field behind a pipe": ("RC421", "object.status.conditions[?type == 'Ready'] | [0].▲state"),
    "a misspelt field of a condition": ("RC421", "condition(object, 'Ready').▲state == 'True'"),
    "a misspelt field in an argument": ("RC421", "starts_with(object.metadata.▲nam, 'a')"),
    "a misspelt field in a reference": ("RC421", "sort_by(object.spec.containers, &▲nam)"),
    "a misspelt field in a multi-select": ("RC421", "object.spec.[▲nodename, containers]"),
    "two misspelt fields": ("RC421 RC421", "object.spec.▲nodename || object.status.▲phas"),
    "a number compared with a text": ("RC422", "▲object.spec.priority == '5'"),
    "a text compared with a number": ("RC422", "▲object.spec.nodeName == `5`"),
    "a text ordered like a number": ("RC422", "▲object.spec.nodeName > `5`"),
    "true compared with a text": ("RC422", "▲object.spec.hostNetwork == 'true'"),
    "a number to a function of texts": ("RC422", "starts_with(▲object.spec.priority, 'a')"),
    "an object compared with a text": ("RC422", "▲object.spec == 'a'"),
    "a list's field": ("RC423", "object.spec.containers.▲name"),
    "a field of a text": ("RC423", "object.spec.nodeName.▲name"),
    "a projection of a text": ("RC423", "object.spec.▲nodeName[].name"),
    "a projection of an object": ("RC423", "object.▲spec[].name"),
    "a filter of an object": ("RC423", "object.▲metadata[?name == 'a']"),
    "an element of an object": ("RC423", "object.spec▲[0]"),
    "the length of what may be absent": ("RC416", "length(▲object.spec.volumes) > `0`"),
    "contains in what may be absent": ("RC416", "contains(▲object.metadata.finalizers, 'x')"),
}
FINE = [
    "object.spec.nodeName == 'a'",
    "object.spec.priority == `5`",
    "object.spec.hostNetwork == `true`",
    "object.metadata.labels.app == 'web'",
    'object.metadata.annotations."a/b"',
    "object.spec.containers[].name",
    "object.spec.containers[?name == 'a'].image | [0]",
    "object.spec.containers[].ports[].containerPort",
    "object.spec.containers[*].resources.limits.cpu",
    "object.spec.containers[0].livenessProbe.httpGet.port == 'http'",
    "object.spec.containers[0].livenessProbe.httpGet.port == `80`",
    "quantity(object.spec.containers[0].resources.limits.cpu) > quantity('1')",
    "length(object.spec.containers) > `1`",
    "starts_with(object.metadata.name, 'web-')",
    "object.spec.volumes && length(object.spec.volumes) > `1`",
    "length(object.spec.volumes || `[]`) > `1`",
    "condition(object, 'Ready').status == 'True'",
    "object.status.conditions[?type == 'Ready'] | [0].status == 'True'",
    "object.apiVersion == 'v1' && object.kind == 'Pod'",
    "object.metadata.labels.*",
    "{a: object.spec.nodeName}.a == 'x'",
    "object.spec.nodeName == `null`",
    "age(object.metadata.creationTimestamp) > duration('5m')",
    "semver_compare('1.2.3', '>=1.0.0')",
    "sort_by(object.spec.containers, &name)[0].image == 'x'",
    "max_by(object.status.containerStatuses || `[]`, &restartCount).restartCount > `3`",
    "object.status.containerStatuses[].state.waiting.reason | contains(@, 'CrashLoopBackOff')",
]


def told(text: str) -> list[object]:
    compilation = compile_text(unmarked(text))
    assert compilation.problems == ()
    return list(found(type_problems(compilation.expressions, builtin_schema)))


def of_term(term: str) -> str:
    return rule(f"when:\n- >-\n  {term}")


@pytest.mark.parametrize(("codes", "term"), WRONG.values(), ids=WRONG)
def test_what_contradicts_the_schema_is_told_at_its_place(codes: str, term: str) -> None:
    text = of_term(term)
    assert told(text) == expected(text, codes.split())


@pytest.mark.parametrize("term", FINE)
def test_what_the_schema_allows_is_left_alone(term: str) -> None:
    assert told(of_term(term)) == []


PLACES = {
    "changed.fields": "changed: {fields: [spec.▲nodename]}",
    "a step": "changed: {fields: [{path: status.▲phas, to: Running}]}",
    "a let": "let: {a: object.spec.▲nodename}",
    "what a let gives": "let: {a: object.spec}\nactions: [{if: let.a.▲nodename, log: {message: x}}]",
    "an action's if": "actions: [{if: old.spec.▲nodename, log: {message: x}}]",
    "a template": 'actions: [{log: {message: "a ${{ object.spec.▲nodename }}"}}]',
    "a lookup's template": 'lookup: {n: {apiVersion: v1, kind: Node, name: "${{ object.spec.▲nodename }}"}}',
    "what a lookup gives": "lookup: {n: {apiVersion: v1, kind: Node, name: x}}\nwhen: [lookup.n.spec.▲podCIDRr]",
    "what a lookup lists": 'lookup: {n: {apiVersion: v1, kind: Node}}\nwhen: ["lookup.n[].spec.▲podCIDRr"]',
    "a lookup's where": "lookup: {n: {apiVersion: v1, kind: Node, where: item.spec.▲podCIDRr}}",
    "forEach's where": "forEach: {apiVersion: apps/v1, kind: Deployment, where: target.spec.▲replica}",
    "a target in an action": (
        "forEach: {apiVersion: apps/v1, kind: Deployment, references: object}\n"
        'actions: [{log: {message: "${{ target.spec.▲replica }}"}}]'
    ),
    "sources": (
        "forEach: {apiVersion: apps/v1, kind: Deployment, references: object}\n"
        'actions: [{log: {message: "${{ sources[].spec.▲nodename }}"}}]'
    ),
    "the event": 'actions: [{log: {message: "${{ event.▲typ }}"}}]',
    "the rule": 'actions: [{log: {message: "${{ rule.▲nam }}"}}]',
    "the changes": 'actions: [{log: {message: "${{ changes[].▲pth }}"}}]',
}


@pytest.mark.parametrize("spec", PLACES.values(), ids=PLACES)
def test_every_place_of_expressions_is_looked_at(spec: str) -> None:
    text = rule(spec)
    assert told(text) == expected(text, ["RC421"])


@pytest.mark.parametrize(
    ("term", "message", "hint"),
    [
        ("object.spec.nodename", "there is no field 'nodename' of spec", "did you mean 'nodeName'?"),
        (
            "object.spec.containers.name",
            "name is asked of containers, which is a list",
            "write [].name to have it of each element",
        ),
        (
            "object.spec.priority == '5'",
            "priority is a number, and is compared with string: this is always false",
            "a number is written `5`",
        ),
        (
            "object.spec.hostNetwork != 'true'",
            "hostNetwork is true or false, and is compared with string: this is always true",
            "the value is written `true`",
        ),
        (
            "length(object.spec.volumes)",
            "length() fails where object.spec.volumes is absent, and then nothing is known",
            "write (object.spec.volumes || `[]`) if it may be",
        ),
    ],
)
def test_a_problem_says_what_is_wrong_and_what_to_write(term: str, message: str, hint: str) -> None:
    [problem] = type_problems(compile_text(of_term(term)).expressions, builtin_schema)
    assert (problem.message, problem.hint) == (message, hint)


def test_nothing_is_told_of_kinds_whose_schema_is_not_known() -> None:
    text = rule("watch: {apiVersion: acme.io/v1, kind: Widget}\nwhen:\n- object.spec.anything.at[0].all > `1`")
    assert told(text) == []


def test_a_custom_resource_is_checked_against_the_schema_of_its_crd() -> None:
    fields: dict[str, Value] = {"size": {"type": "integer"}, "mode": {"type": "string", "enum": ["a", "bb"]}}
    spec: Value = {"type": "object", "properties": fields}
    crd = node_of_crd({"type": "object", "properties": {"spec": spec}})

    def schemas(kind: Kind) -> Node | None:
        return crd if kind.kind == "Widget" else None

    text = rule("watch: {apiVersion: acme.io/v1, kind: Widget}\nwhen: [object.spec.sise, object.spec.mode == 'b']")
    problems = inspect(compile_text(text), schemas)
    assert [(problem.code, problem.hint) for problem in problems] == [
        ("RC421", "did you mean 'size'?"),
        ("RC424", "known: a, bb"),
    ]


@pytest.mark.parametrize(
    ("watch", "code", "hint"),
    [
        ("{apiVersion: apps/v1, kind: ▲Deploymnt}", "RC420", "did you mean 'Deployment'?"),
        ("{apiVersion: v1, kind: ▲Deployment}", "RC420", "Deployment is in apps/v1"),
        ("{apiVersion: v1, kind: Node, ▲namespaces: [a]}", "RC319", "remove it"),
    ],
)
def test_a_kind_that_kubernetes_does_not_have_is_told(watch: str, code: str, hint: str) -> None:
    text = rule(f"watch: {watch}")
    [problem] = inspect(compile_text(unmarked(text)))
    assert found([problem]) == expected(text, [code])
    assert (problem.hint, problem.severity) == (hint, "warning")


def test_kinds_of_other_groups_may_come_later() -> None:
    assert inspect(compile_text(rule("watch: {apiVersion: acme.io/v1, kind: Widget}"))) == ()
