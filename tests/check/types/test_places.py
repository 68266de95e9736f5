"""Every place of expressions in a rule: which roots it has, and of which types they are."""

from __future__ import annotations

import pytest

from tests.check.types.judged import told
from tests.rule.marked import expected, found, rule, unmarked

LOG = "actions: [{log: {message: "
NODE = "{apiVersion: v1, kind: Node"
EACH = "forEach: {apiVersion: apps/v1, kind: Deployment, references: object}\n"

MISSPELT = {
    "changed.fields": "changed: {fields: [spec.▲nodename]}",
    "a step": "changed: {fields: [{path: status.▲phas, to: Running}]}",
    "a step of a list": "changed: {fields: ['spec.containers[].▲imag']}",
    "a term": "when: [object.spec.▲nodename]",
    "a term among others": "when: [{any: [object.spec.nodeName, {not: object.spec.▲nodename}]}]",
    "since": "when: [object.spec.nodeName]\nfor: 5m\nsince: object.status.▲starttime",
    "a let": "let: {a: object.spec.▲nodename}",
    "what a let gives": "let: {a: object.spec}\nactions: [{if: let.a.▲nodename, log: {message: x}}]",
    "what a let of a let gives": "let: {a: object.spec, b: let.a.containers}\nwhen: ['let.b[0].▲imag']",
    "an action's if": "actions: [{if: old.spec.▲nodename, log: {message: x}}]",
    "a template": f'{LOG}"a ${{{{ object.spec.▲nodename }}}}"}}}}]',
    "a template in resolved": (
        'when: [object.spec.nodeName]\nresolved: [{log: {message: "${{ object.spec.▲nodename }}"}}]'
    ),
    "a lookup's template": f'lookup: {{n: {NODE}, name: "${{{{ object.spec.▲nodename }}}}"}}}}',
    "what a lookup gives": f"lookup: {{n: {NODE}, name: x}}}}\nwhen: [lookup.n.spec.▲podCIDRr]",
    "what a lookup lists": f'lookup: {{n: {NODE}}}}}\nwhen: ["lookup.n[].spec.▲podCIDRr"]',
    "a lookup's where": f"lookup: {{n: {NODE}, where: item.spec.▲podCIDRr}}}}",
    "an earlier lookup": f"lookup: {{n: {NODE}, name: x}}, m: {NODE}, where: lookup.n.spec.▲podCIDRr}}}}",
    "forEach's where": "forEach: {apiVersion: apps/v1, kind: Deployment, where: target.spec.▲replica}",
    "forEach's name": 'forEach: {apiVersion: apps/v1, kind: Deployment, name: "${{ object.spec.▲nodename }}"}',
    "a target in an action": f'{EACH}{LOG}"${{{{ target.spec.▲replica }}}}"}}}}]',
    "sources": f'{EACH}{LOG}"${{{{ sources[].spec.▲nodename }}}}"}}}}]',
    "the event": f'{LOG}"${{{{ event.▲typ }}}}"}}}}]',
    "the rule": f'{LOG}"${{{{ rule.▲nam }}}}"}}}}]',
    "the changes": f'{LOG}"${{{{ changes[].▲pth }}}}"}}}}]',
}


@pytest.mark.parametrize("spec", MISSPELT.values(), ids=MISSPELT)
def test_a_misspelt_field_is_told_in_every_place(spec: str) -> None:
    text = rule(spec)
    assert found(told(unmarked(text))) == expected(text, ["RC421"])


OTHERS = {
    "from": ("RC424", "changed: {fields: [{path: status.phase, from: ▲Pendin}]}"),
    "one of a list in to": ("RC424", "changed: {fields: [{path: status.phase, to: [Running, ▲Faild]}]}"),
    "a text for a number": ("RC422", 'changed: {fields: [{path: spec.priority, to: ▲"5"}]}'),
    "a number for a text": ("RC422", "changed: {fields: [{path: spec.nodeName, from: ▲5}]}"),
    "a list for a text": ("RC422", "changed: {fields: [{path: spec.nodeName, from: [▲[a]]}]}"),
    "since without a time": ("RC422", "when: [object.spec.nodeName]\nfor: 5m\nsince: ▲object.status.conditions"),
    "an event that does not exist": ("RC424", "actions: [{if: event.type == ▲'created', log: {message: x}}]"),
    "a cause that does not exist": ("RC424", "actions: [{if: event.cause == ▲'gone', log: {message: x}}]"),
    "a variable compared with true": ("RC422", "enabledIf: ▲env.ON == `true`"),
    "a variable compared with a number": ("RC422", "env: {N: '5'}\nlet: {n: '▲env.N > `3`'}"),
    "a list of lookups without elements": ("RC423", f"lookup: {{n: {NODE}}}}}\nwhen: [lookup.n.▲spec]"),
    "a number in if": ("RC701", "actions: [{if: '▲length(object.spec.containers)', log: {message: x}}]"),
    "a literal in where": ("RC701", f"lookup: {{n: {NODE}, where: \"▲'a'\"}}}}"),
    "a let that is a number": ("RC701", "let: {n: length(object.spec.containers)}\nwhen: [▲let.n]"),
    "old in a function": (
        "RC416",
        "changed: {fields: [spec]}\nevents: [added, modified]\nwhen: [\"starts_with(▲old.metadata.name, 'a')\"]",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("codes", "spec"), OTHERS.values(), ids=OTHERS)
def test_what_cannot_be_meant_is_told(codes: str, spec: str) -> None:
    text = rule(spec)
    assert found(told(unmarked(text))) == expected(text, codes.split())


FINE = {
    "a step from nothing": "changed: {fields: [{path: status.phase, from: null, to: [Running, Pending]}]}",
    "a step of a number": "changed: {fields: [{path: spec.priority, from: 1, to: [2, 3]}]}",
    "a step of a whole list": "changed: {fields: [{path: metadata.finalizers, to: [[a/b], []]}]}",
    "the whole object": "changed: {fields: ['@']}",
    "a computed value": "changed: {fields: ['length(spec.containers)', \"annotation(@, 'a')\"]}",
    "a switch that is off": "enabledIf: '`false`'",
    "a variable": "enabledIf: env.ON == 'true' && env.MODE != 'x'",
    "a variable that may be missing": "env: {A: }\nlet: {a: env.A == `null`}",
    "what actions gave": "actions: [{name: a, log: {message: x}}, {if: results.a.status == `200`, log: {message: x}}]",
    "old, there or not": "changed: {fields: [spec]}\nevents: [added]\nwhen: [old == `null`]",
    "old, there": "changed: {fields: [spec]}\nwhen: [\"starts_with(old.metadata.name, 'a')\"]",
    "an object that may not be found": f"lookup: {{n: {NODE}, name: x}}}}\nwhen: [lookup.n == `null`]",
    "how many were found": f"lookup: {{n: {NODE}}}}}\nwhen: ['length(lookup.n) > `3`']",
    "what was found": f"lookup: {{n: {NODE}, where: item.metadata.name == object.spec.nodeName}}}}\nwhen: [lookup.n]",
    "the event": "actions: [{if: event.type != 'deleted' && event.finalState == 'known', log: {message: x}}]",
    "a time in since": "when: [object.spec.nodeName]\nfor: 5m\nsince: condition(object, 'Ready').lastTransitionTime",
    "a number in since": "when: [object.spec.nodeName]\nfor: 5m\nsince: timestamp(object.status.startTime)",
    "a fallback": 'actions: [{log: {message: "${{ object.spec.nodeName || \'none\' }}"}}]',
    "what changed": "changed: {fields: [spec]}\nwhen: [\"changes[?path == 'spec'].old | [0].priority == `5`\"]",
    "targets": f"{EACH}actions: [{{if: 'target.spec.replicas > `0` && length(sources) > `1`', log: {{message: x}}}}]",
    "kinds that are not known": "watch: {apiVersion: acme.io/v1, kind: Gadget}\nwhen: ['object.a.b[0].c > `1`']",
}  # fmt: skip


@pytest.mark.parametrize("spec", FINE.values(), ids=FINE)
def test_what_may_be_meant_is_left_alone(spec: str) -> None:
    assert told(rule(spec)) == []


def test_what_rules_have_in_common_is_told_of_each() -> None:
    text = "---\n".join(rule("when: [object.spec.▲nodename]", name) for name in ("one", "two", "three"))
    assert found(told(unmarked(text))) == expected(text, ["RC421"] * 3)


def test_the_same_text_about_other_kinds_is_judged_anew() -> None:
    deployment = "watch: {apiVersion: apps/v1, kind: Deployment}\n"
    text = (
        f"{rule('when: [object.spec.▲replicas]', 'one')}---\n{rule(f'{deployment}when: [object.spec.replicas]', 'two')}"
    )
    assert found(told(unmarked(text))) == expected(text, ["RC421"])


def test_the_same_text_with_other_lets_is_judged_anew() -> None:
    one, two = "let: {a: object.spec}\nwhen: [let.a.▲phase]", "let: {a: object.status}\nwhen: [let.a.phase]"
    text = f"{rule(one, 'one')}---\n{rule(two, 'two')}"
    assert found(told(unmarked(text))) == expected(text, ["RC421"])


@pytest.mark.parametrize(
    ("step", "hint"),
    [
        ('to: "5"', "write 5, without quotes"),
        ("to: high", ""),
    ],
)
def test_a_hint_about_a_step_speaks_of_yaml(step: str, hint: str) -> None:
    [problem] = told(rule(f"changed: {{fields: [{{path: spec.priority, {step}}}]}}"))
    assert (problem.code, problem.hint) == ("RC422", hint)


def test_a_number_for_a_text_is_to_be_quoted() -> None:
    [problem] = told(rule("changed: {fields: [{path: spec.nodeName, to: 5}]}"))
    assert (problem.message, problem.hint) == ("nodeName is text, never 5", 'write "5"')
