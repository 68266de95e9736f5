"""Rules of the right shape that cannot work: each fault is told with its code and its exact place."""

from __future__ import annotations

import pytest

from rulectl.plan.compiler import compile_text
from tests.rule.marked import expected, found, rule, unmarked

WHEN = "when: [object.spec]\n"
CHANGED = "changed: {fields: [spec]}\n"
LOG = "actions:\n- log:\n    message: "

SPECS = {
    # what the rule says as a whole
    "deleted among a condition's events": ("RC302", f"{WHEN}events: [added, ▲deleted]"),
    "deleted beside resolved": ("RC303", f"{CHANGED}events: [▲deleted]\nresolved: []"),
    "namespaces beside a selector of them": (
        "RC304",
        "watch:\n  apiVersion: v1\n  kind: Pod\n  namespaces: [a]\n  ▲namespaceSelector: {}",
    ),
    "a lookup by name with where": (
        "RC304",
        "lookup:\n  n: {apiVersion: v1, kind: Node, name: x, ▲where: item.spec}",
    ),
    "for without when": ("RC305", f"{CHANGED}▲for: 5m"),
    "resolvedFor without resolved": ("RC306", f"{WHEN}▲resolvedFor: 5m"),
    "two actions of one name": ("RC307", "actions:\n- {name: a, log: {message: x}}\n- {name: ▲a, log: {message: x}}"),
    "two actions of one name in resolved": (
        "RC307",
        f"{WHEN}resolved:\n- {{name: a, log: {{message: x}}}}\n- {{name: ▲a, log: {{message: x}}}}",
    ),
    "no actions": ("RC308", "▲actions: []"),
    "a key watched twice": ("RC309", "changed: {labels: [a, ▲a]}"),
    "a field watched twice": ("RC309", "changed: {fields: [spec, ▲spec]}"),
    "since without for": ("RC310", f"{WHEN}▲since: object.a"),
    "resolved without changed or when": ("RC311", "▲resolved: []"),
    "forEach without criteria": ("RC313", "▲forEach: {apiVersion: v1, kind: Pod}"),
    "modified in a rule that watches nothing": ("RC314", "events: [added, ▲modified]"),
    "an In without values": (
        "RC315",
        "watch:\n  apiVersion: v1\n  kind: Pod\n  ▲labelSelector: {matchExpressions: [{key: a, operator: In}]}",
    ),
    "a field selector that is none": ("RC315", "watch: {apiVersion: v1, kind: Pod, fieldSelector: ▲spec.nodeName}"),
    "a first delay above the last": ("RC316", "retry: {initialDelay: ▲1h, maxDelay: 1m}"),
    "a resync without end": ("RC208", "resync: ▲10ms"),
    "an action without time": ("RC208", "actions: [{timeout: ▲0s, log: {message: x}}]"),
    "no value to come from": ("RC319", "changed: {fields: [{path: spec, from: ▲[]}]}"),
    "onExceed without a limit": ("RC319", "limits: {▲onExceed: wait}"),
    "a guard without deletions": ("RC319", "limits: {▲deletes: 5}"),
    "a namespace in and out": (
        "RC319",
        "watch:\n  apiVersion: v1\n  kind: Pod\n  namespaces: [a]\n  ▲excludeNamespaces: [a]",
    ),
    # expressions
    "an expression that ends too early": ("RC401", "when:\n- object.a ==▲"),
    "an expression with a doubled operator": ("RC401", "when:\n- object.a == ▲== 'b'"),
    "a quote that is not closed": ("RC401", "when:\n- object.a == ▲'b"),
    "a text cut off by a comment": ("RC401", "when:\n- object.a == ▲'b #c'"),
    "a number without backticks": ("RC401", "when:\n- object.a == ▲5"),
    "a template that is not closed": ("RC401", f"{LOG}a ▲${{{{ object.a"),
    "a template with an empty expression": ("RC401", f"{LOG}a ${{{{▲ }}}}"),
    "an expression as a key": ("RC401", 'actions: [{http: {url: "http://a", json: {▲"${{ object.a }}": 1}}}]'),
    "an unknown root": ("RC402", "when:\n- ▲objct.a"),
    "the root of other tools": ("RC402", "when:\n- ▲new.status.phase == 'Running'"),
    "a field without its root": ("RC402", "when:\n- ▲status.phase == 'Running'"),
    "a word without quotes": ("RC402", "when:\n- object.status.phase == ▲Running"),
    "an unknown root in a template": ("RC402", f"{LOG}a ${{{{ ▲foo.a }}}} b"),
    "two unknown roots in one template": ("RC402 RC402", f"{LOG}${{{{ ▲foo.a }}}} ${{{{ ▲bar }}}}"),
    "an unknown root in a folded text": ("RC402", "when:\n- >-\n  object.a ||\n  ▲foo.b"),
    "an unknown root in a literal text": ("RC402", "when:\n- |\n  object.a\n  || ▲foo.b"),
    "an unknown root behind an escape": ("RC402", 'when:\n- "object.\\"a\\" || ▲foo.b"'),
    "an unknown root in any": ("RC402", "when:\n- any:\n  - not: ▲foo.b\n  - object"),
    "an unknown root in a lookup": ("RC402", 'lookup: {n: {apiVersion: v1, kind: Node, name: "${{ ▲foo.a }}"}}'),
    "item outside of where": ("RC402", "when:\n- ▲item.spec"),
    "target without forEach": ("RC402", f"{LOG}${{{{ ▲target.metadata.name }}}}"),
    "target in when": ("RC402", "forEach: {apiVersion: v1, kind: Pod, references: object}\nwhen:\n- ▲target.spec"),
    "target in let": ("RC402", "forEach: {apiVersion: v1, kind: Pod, references: object}\nlet: {a: ▲target.spec}"),
    "env in when": ("RC402", "env: {A: b}\nwhen:\n- ▲env.A"),
    "env in if": ("RC402", "env: {A: b}\nactions: [{if: ▲env.A, log: {message: x}}]"),
    "results in when": ("RC402", "when:\n- ▲results.a"),
    "let in a lookup": ("RC402", 'let: {a: object}\nlookup: {n: {apiVersion: v1, kind: Node, name: "${{ ▲let.a }}"}}'),
    "an unknown function in a path relative to the object": ("RC403", "changed: {fields: [▲foo(spec)]}"),
    "an unknown function": ("RC403", "when:\n- ▲foo(object)"),
    "a misspelt function": ("RC403", "when:\n- ▲anotation(object, 'a')"),
    "too few arguments": ("RC401", "when:\n- ▲annotation(object)"),
    "an argument of the wrong type": ("RC401", "when:\n- starts_with(object.a, ▲`5`)"),
    "a regular expression that is none": ("RC401", "when:\n- regex_match(▲'(', object.a)"),
    "an environment variable that is not named": ("RC404", f"env: {{A: b}}\n{LOG}${{{{ ▲env.B }}}}"),
    "results of an action that is not there": ("RC405", f"{LOG}${{{{ ▲results.push.a }}}}"),
    "results of a later action": (
        "RC405",
        "actions:\n- log: {message: \"${{ ▲results.b }}\"}\n- {name: b, log: {message: x}}",
    ),
    "results of the action itself": ("RC405", "actions: [{name: a, if: ▲results.a, log: {message: x}}]"),
    "a let that is not there": ("RC406", "let: {a: object}\nwhen:\n- ▲let.b"),
    "a let that comes later": ("RC406", "let: {a: ▲let.b, b: object}"),
    "a let of itself": ("RC406", "let: {a: ▲let.a}"),
    "a lookup that is not there": ("RC406", "when:\n- ▲lookup.node"),
    "old in a condition": ("RC407", "when:\n- ▲old.spec"),
    "event in a condition": ("RC407", "when:\n- object.a || ▲event.type == 'added'"),
    "changes in a condition": ("RC407", "when:\n- length(▲changes)"),
    "old in a condition by way of a let": ("RC407", "let: {a: old.spec, b: let.a}\nwhen:\n- ▲let.b"),
    "event in a condition's since": ("RC407", f"{WHEN}for: 5m\nsince: ▲event.time"),
    "enabledIf about the object": ("RC408", "enabledIf: ▲object.spec"),
    "enabledIf that fails": ("RC408", "enabledIf: ▲length(env.NOT_SET) > `1`"),
    # actions
    "an unknown action": ("RC501", "actions: [{▲htpp: {url: x}}]"),
    "a misspelt common field": ("RC501", "actions: [{▲timout: 5s, log: {message: x}}]"),
    "an action without a plugin": ("RC209", "actions: [▲{name: a}]"),
    "an action with two plugins": ("RC209", "actions: [{log: {message: x}, ▲http: {url: x}}]"),
    "an unknown parameter": ("RC502", "actions: [{http: {url: x, ▲methd: GET}}]"),
    "a missing parameter": ("RC502", "actions: [{▲http: {method: GET}}]"),
    "a parameter of the wrong type": ("RC502", "actions: [{scale: {replicas: ▲many}}]"),
    "parameters that are no mapping": ("RC502", "actions: [{log: ▲hello}]"),
    "the whole object on deleted": (
        "RC312",
        "events: [added, deleted]\nactions:\n- http:\n    url: http://a\n    json: ${{ ▲object }}",
    ),
    "the whole object on deleted by way of a let": (
        "RC312",
        "events: [added, deleted]\nlet: {all: ▲object}\nactions:\n- log: {message: '${{ let.all }}'}",
    ),
    "the whole object in resolved": ("RC312", f"{WHEN}resolved: [{{log: {{message: '${{{{ ▲object }}}}'}}}}]"),
}  # fmt: skip


@pytest.mark.parametrize(("codes", "spec"), SPECS.values(), ids=SPECS)
def test_a_rule_that_cannot_work_is_told_at_its_place(codes: str, spec: str) -> None:
    text = rule(spec)
    assert found(compile_text(unmarked(text), environ={}).problems) == expected(text, codes.split())
