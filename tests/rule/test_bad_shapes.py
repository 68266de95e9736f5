"""Rules of the wrong shape: each mistake is told once, in words, at its own place."""

from __future__ import annotations

import pytest

from rulectl.rule.load import load_text
from tests.rule.marked import expected, found, rule, unmarked

WATCH = "watch:\n  apiVersion: v1\n  kind: Pod"

SPECS = {
    "an unknown key": ("RC203", "▲evnts: [added]"),
    "two unknown keys": ("RC203 RC203", "▲evnts: [added]\n▲foo: 1"),
    "an unknown key in watch": ("RC203", "watch: {apiVersion: v1, kind: Pod, ▲namespace: a}"),
    "an unknown key in changed": ("RC203", "changed: {▲anotations: [a]}"),
    "an unknown key in a step": ("RC203", "changed:\n  fields:\n  - path: a\n    ▲form: b"),
    "an unknown key in a term": ("RC203", "when:\n- any: [a]\n- {▲or: [b]}"),
    "an unknown key beside another in a term": ("RC203", "when:\n- any: [a]\n  ▲or: [b]"),
    "two kinds of term in one": ("RC208", "when:\n- ▲any: [object]\n  not: object"),
    "an unknown key in a lookup": ("RC203", "lookup: {node: {apiVersion: v1, kind: Node, ▲nam: x}}"),
    "an unknown key in forEach": ("RC203", "forEach: {apiVersion: v1, kind: Pod, ▲reference: object}"),
    "an unknown key in retry": ("RC203", "retry: {▲attempt: 3}"),
    "an unknown key in limits": ("RC203", "limits: {▲perHour: 3}"),
    "an unknown key in a selector": ("RC203", "watch:\n  apiVersion: v1\n  kind: Pod\n  labelSelector: {▲app: x}"),
    "no kind to watch": ("RC205", "▲watch: {apiVersion: v1}"),
    "neither kind nor version to watch": ("RC205 RC205", "▲watch: {}"),
    "a duration without unit": ("RC204", "for: ▲5"),
    "a duration in words": ("RC207", "for: ▲5 minutes"),
    "a negative duration": ("RC207", "debounce: ▲-5s"),
    "a duration in days": ("RC207", "cooldown: ▲1d"),
    "yes for a duration": ("RC207", "debounce: ▲yes"),
    "text for a number": ("RC204", "workers: ▲many"),
    "a fraction for a whole number": ("RC204", "workers: ▲1.5"),
    "no workers": ("RC208", "workers: ▲0"),
    "too many workers": ("RC208", "workers: ▲1000"),
    "true for a number": ("RC204", "workers: ▲true"),
    "a number for text in env": ("RC204", "env: {PORT: ▲8080}"),
    "true for text in env": ("RC204", "env: {DEBUG: ▲true}"),
    "a name that is no variable": ("RC207", "env: {▲A-B: x}"),
    "a word for a list": ("RC204", "events: ▲added"),
    "an unknown event": ("RC206", "events: [added, ▲updated]"),
    "an event twice": ("RC208", "events: ▲[added, added]"),
    "no events": ("RC208", "events: ▲[]"),
    "an unknown mode": ("RC206", "mode: ▲dryrun"),
    "an unknown cache": ("RC206", "cache: ▲none"),
    "an unknown way with existing objects": ("RC206", "existing: ▲ignore"),
    "no terms": ("RC208", "when: ▲[]"),
    "one term that is no list": ("RC204", "when: ▲object.spec"),
    "a term that became a mapping": ("RC204", "when:\n- ▲object.a == 'x: y'"),
    "a term that became a list": ("RC204", "when:\n- ▲[object.a]"),
    "a term that is true": ("RC204", "when:\n- ▲true"),
    "an empty term": ("RC204", "when:\n-▲"),
    "an empty text for a term": ("RC208", "when:\n- ▲''"),
    "terms that are empty": ("RC208", "when:\n- any: ▲[]"),
    "a negated list": ("RC204", "when:\n- not: ▲[object.a]"),
    "a key with a star in the middle": ("RC207", "changed: {annotations: [▲'a*b']}"),
    "a key that is empty": ("RC208", "changed: {labels: [▲'']}"),
    "changed with nothing": ("RC208", "changed: ▲{}"),
    "changed as a list": ("RC204", "changed: ▲[spec]"),
    "an API version without its version": ("RC207", "watch: {apiVersion: ▲apps, kind: Deployment}"),
    "a kind with a group": ("RC207", "watch: {apiVersion: v1, kind: ▲apps/Deployment}"),
    "a namespace with capitals": ("RC207", "watch: {apiVersion: v1, kind: Pod, namespaces: [▲Shop]}"),
    "a namespace that is a number": ("RC204", "watch: {apiVersion: v1, kind: Pod, namespaces: [▲5]}"),
    "a glob with a space": ("RC207", "watch: {apiVersion: v1, kind: Pod, excludeNamespaces: [▲kube *]}"),
    "a selector as text": ("RC204", "watch: {apiVersion: v1, kind: Pod, labelSelector: ▲app=web}"),
    "a label value that is a number": ("RC204", f"{WATCH}\n  labelSelector: {{matchLabels: {{a: ▲1}}}}"),
    "a label key that is none": ("RC207", f"{WATCH}\n  labelSelector: {{matchLabels: {{▲a b: c}}}}"),
    "a lookup's name with a dash": ("RC207", "lookup: {▲my-node: {apiVersion: v1, kind: Node}}"),
    "a let's name with a dash": ("RC207", "let: {▲a-b: object}"),
    "a let that is a number": ("RC204", "let: {a: ▲5}"),
    "a lookup without its kind": ("RC205", "lookup: {▲node: {apiVersion: v1}}"),
    "actions as a mapping": ("RC204", "actions: ▲{log: {message: a}}"),
    "an action that is a word": ("RC204", "actions: [▲log]"),
    "an action's name with a dot": ("RC207", "actions: [{name: ▲a.b, log: {message: x}}]"),
    "an unknown onError": ("RC206", "actions: [{onError: ▲ignore, log: {message: x}}]"),
    "an action that is tried never": ("RC208", "actions: [{retry: {attempts: ▲0}, log: {message: x}}]"),
    "limits with a share above all": ("RC207", "limits: {deletes: ▲120%}"),
    "limits with nothing": ("RC208", "limits: ▲{}"),
    "a whole spec that is a list": ("RC204 RC204", "limits: ▲[]\nretry: ▲[]"),
    "a key without value": ("RC204", "▲retry:"),
}  # fmt: skip


@pytest.mark.parametrize(("codes", "spec"), SPECS.values(), ids=SPECS)
def test_a_rule_of_the_wrong_shape_is_told_at_its_place(codes: str, spec: str) -> None:
    text = rule(spec)
    faults = found(load_text(unmarked(text)).problems)
    marks = expected(text, codes.split()[: text.count("▲")])
    assert faults == marks * (len(codes.split()) // len(marks))


DOCUMENTS = {
    "a document that is a list": ("RC201", "▲- a\n"),
    "a slip in the kind": ("RC202", "apiVersion: rulectl.dev/v1alpha1\nkind: ▲Ruel\n"),
    "another version": ("RC202", "apiVersion: ▲rulectl.dev/v1\nkind: Rule\n"),
    "a slip in the version": ("RC202", "apiVersion: ▲rulectl.io/v1alpha1\nkind: Rule\n"),
    "a rule under a foreign version": ("RC202", "apiVersion: ▲v1\nkind: Rule\nspec: {watch: {}, actions: []}\n"),
    "a rule without its version": ("RC205", "▲kind: Rule\nspec: {watch: {}, actions: []}\n"),
    "a slip in the key apiVersion": ("RC205", "▲apiversion: x\nkind: Rule\nspec: {watch: {}, actions: []}\n"),
    "our version without a kind": ("RC205", "▲apiVersion: rulectl.dev/v1alpha1\nspec: {}\n"),
    "a rule without anything": ("RC205 RC205", "▲apiVersion: rulectl.dev/v1alpha1\nkind: Rule\n"),
    "a rule without a name": (
        "RC205",
        "apiVersion: rulectl.dev/v1alpha1\nkind: Rule\n▲metadata: {}\n"
        "spec:\n  watch: {apiVersion: v1, kind: Pod}\n  actions: [{log: {message: x}}]\n",
    ),
    "a name with capitals": (
        "RC207",
        "apiVersion: rulectl.dev/v1alpha1\nkind: Rule\nmetadata: {name: ▲Pods}\n"
        "spec:\n  watch: {apiVersion: v1, kind: Pod}\n  actions: [{log: {message: x}}]\n",
    ),
    "an unknown key beside spec": (
        "RC203",
        "apiVersion: rulectl.dev/v1alpha1\nkind: Rule\nmetadata: {name: a}\n▲status: {}\n"
        "spec:\n  watch: {apiVersion: v1, kind: Pod}\n  actions: [{log: {message: x}}]\n",
    ),
    "defaults with a rule's key": (
        "RC203",
        "apiVersion: rulectl.dev/v1alpha1\nkind: RuleDefaults\nspec: {▲when: [a]}\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("codes", "text"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_that_is_no_good_rule_is_told_at_its_place(codes: str, text: str) -> None:
    faults = [fault for fault in found(load_text(unmarked(text)).problems) if fault.code != "RC120"]
    assert faults == expected(text, codes.split()[:1]) * len(codes.split())


def messages(spec: str) -> list[str]:
    return [f"{problem.message} | {problem.hint}" for problem in load_text(rule(spec)).problems]


def test_a_misspelt_key_is_told_with_the_right_one() -> None:
    assert messages("evnts: [added]") == ["unknown key 'evnts' in spec | did you mean 'events'?"]


def test_a_strange_key_is_told_with_those_that_are_known() -> None:
    assert messages("retry: {foo: 1}") == [
        "unknown key 'foo' in spec.retry | known here: attempts, initialDelay, maxDelay"
    ]


def test_a_misspelt_value_is_told_with_the_right_one() -> None:
    assert messages("events: [adde]") == [
        "spec.events[0] must be one of added, modified, deleted, not 'adde' | did you mean 'added'?"
    ]


def test_a_wrong_value_is_told_with_what_it_should_be() -> None:
    assert messages("for: 5 minutes") == [
        "spec.for must be a duration such as 500ms, 30s, 5m or 1h30m, not '5 minutes' | write 5m"
    ]


def test_a_term_with_a_colon_is_told_to_be_quoted() -> None:
    assert messages("let: {a: {b: c}}") == [
        "spec.let.a must be a JMESPath expression, not a mapping | quote the text: ': ' makes it a mapping in YAML"
    ]


def test_a_missing_key_is_told_where_it_belongs() -> None:
    assert messages("watch: {kind: Pod}") == ["spec.watch has no 'apiVersion' | add apiVersion:"]


def test_the_faults_of_all_documents_are_told_in_one_run() -> None:
    text = "---\n".join(rule("workers: many", name) for name in ("a", "b", "c"))
    assert [fault.line for fault in found(load_text(text).problems)] == [5, 13, 21]


def test_a_kubernetes_manifest_beside_the_rules_is_passed_over() -> None:
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n---\n" + rule("workers: 1")
    loaded = load_text(text)
    assert (len(loaded.rules), loaded.problems) == (1, ())


def test_a_role_beside_the_rules_is_no_slip() -> None:
    text = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: web}\n---\n" + rule("workers: 1")
    assert load_text(text).problems == ()


def test_a_foreign_document_of_a_kind_like_ours_is_noted() -> None:
    text = "apiVersion: monitoring.io/v1\nkind: Rule\nmetadata: {name: web}\n---\n" + rule("workers: 1")
    [problem] = load_text(text).problems
    assert (problem.code, problem.severity) == ("RC210", "note")
    assert problem.hint == "if it is one, write apiVersion: rulectl.dev/v1alpha1"


@pytest.mark.parametrize(
    ("head", "code", "message"),
    [
        ("kind: Rule", "RC205", "the document has no usable 'apiVersion'"),
        ("replicas: 1", "RC210", "this document has no apiVersion and no kind, so it is no rule: left alone"),
        ("apiVersion: v2\nname: chart", "RC210", "this document has no kind, so it is no rule: left alone"),
        ("kind: List", "RC210", "this document has no apiVersion, so it is no rule: left alone"),
    ],
)
def test_what_a_document_lacks_is_named_and_a_rule_without_version_is_an_error(
    head: str, code: str, message: str
) -> None:
    [problem] = load_text(f"{head}\n---\n{rule('workers: 1')}").problems
    assert (problem.code, problem.message) == (code, message)


def test_a_rule_test_among_the_rules_is_kept_for_who_runs_it() -> None:
    text = "apiVersion: rulectl.dev/v1alpha1\nkind: RuleTest\nspec: {}\n---\n" + rule("workers: 1")
    loaded = load_text(text)
    assert (len(loaded.rules), len(loaded.tests), loaded.problems) == (1, 1, ())


HINTS = {
    "a duration in words": ("for: 5 minutes", "write 5m"),
    "a duration in days": ("cooldown: 2d", "write 48h"),
    "a duration in capitals": ("for: 10 Secs", "write 10s"),
    "a duration without unit": ("debounce: 10", "a unit is missing: write 10s if seconds are meant"),
    "a duration in a strange unit": ("for: 3 moons", ""),
    "a duration that is a choice": ("for: true", ""),
    "one term that is no list": ("when: object.spec.paused", "write it as a list, with - before it"),
}


@pytest.mark.parametrize(("spec", "hint"), HINTS.values(), ids=HINTS)
def test_what_was_meant_is_said_where_it_is_plain(spec: str, hint: str) -> None:
    [problem] = [problem for problem in load_text(rule(spec)).problems if problem.code.startswith("RC20")]
    assert problem.hint == hint
