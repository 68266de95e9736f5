"""Why a rule would fire for an object or not: the answer, its reason, and the values behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.check.why.judge import why
from rulectl.check.why.scope import among
from rulectl.check.why.verdict import Why
from rulectl.plan.compiler import compile_text
from rulectl.plan.model import RulePlan
from rulectl.testing.bench import Bench
from rulectl.value import Value
from tests.rule.marked import rule

NOW = 1_700_000_000.0
POD = "watch: {apiVersion: v1, kind: Pod}\n"
PHASE = "changed: {fields: [status.phase]}\n"


def plan(spec: str) -> RulePlan:
    found = compile_text(rule(spec), environ={})
    assert not found.has_errors, found.problems
    return found.plan.rules[0]


def pod(phase: str | None = "Running", **metadata: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": "Pod", "metadata": {"name": "web", "namespace": "shop", "uid": "1", **metadata}}
    return found if phase is None else {**found, "status": {"phase": phase}}


def judged(spec: str, old: Value, new: Value, others: Iterable[Mapping[str, Value]] = ()) -> Why:
    return why(plan(spec), old, new, now=NOW, listed=among(others))


CASES: dict[str, tuple[str, Value, Value, str, str, str]] = {
    "a value that differs": (
        PHASE, pod("Pending"), pod(), "modified", "fires", "1 watched value differs"),
    "a value that is the same": (
        PHASE, pod(), pod(), "modified", "nothing", "none of the watched values differs from the baseline"),
    "a new object where only changes count": (
        PHASE, None, pod(), "added", "nothing",
        "added is not among the rule's events (modified); today's values become the baseline (--old FILE"),
    "a new object that has a watched value": (
        f"{PHASE}events: [added]", None, pod(), "added", "fires", "1 watched value differs"),
    "a new object that has none": (
        f"{PHASE}events: [added]", None, pod(None), "added", "nothing", "none of the watched values is there yet"),
    "a step that is asked for": (
        "changed: {fields: [{path: status.phase, from: Pending, to: Running}]}", pod("Pending"), pod(),
        "modified", "fires", "1 watched value differs"),
    "a step that is not": (
        "changed: {fields: [{path: status.phase, to: [Failed, Unknown]}]}", pod("Pending"), pod(),
        "modified", "nothing",
        'what changed is no step that the rule asks for: "Pending" -> "Running" is not to "Failed" or "Unknown"'),
    "a change whose terms do not hold yet": (
        f"{PHASE}when: [object.spec.nodeName]", pod("Pending"), pod(), "modified", "waits",
        "a run is owed, and stays so until this holds: object.spec.nodeName"),
    "a condition that comes to hold": (
        "when: [object.status.phase == 'Running']", pod("Pending"), pod(), "modified", "fires",
        "all terms hold, and did not before"),
    "a condition that held before": (
        "when: [object.status.phase == 'Running']", pod(), pod(), "modified", "nothing",
        "it held before, so the rule has fired already; it fires once, until it is false"),
    "a condition that does not hold": (
        "when: [object.status.phase == 'Failed']", pod(), pod(), "modified", "nothing",
        "this does not hold: object.status.phase == 'Failed'"),
    "a condition that holds no more": (
        "when: [object.status.phase == 'Running']\nresolved: []", pod(), pod("Failed"), "resolved", "resolves",
        "this held and holds no more: object.status.phase == 'Running'"),
    "a condition's object that is gone": (
        "when: [object.status.phase == 'Running']\nresolved: []", pod(), None, "resolved", "resolves",
        "the object is gone: if the rule had run for it, `resolved` runs"),
    "a condition that waits": (
        "when: [object.status.phase == 'Running']\nfor: 5m", None, pod(), "added", "waits",
        "all terms hold, and did not before"),
    "a condition that has no value": (
        "when: [length(object.spec.volumes) > `0`]", None, pod(), "added", "unknown",
        "length(object.spec.volumes) > `0`: length(): argument 'subject' must be"),
    "a new object of a rule for presence": (
        "", None, pod(), "added", "fires", "the object is new"),
    "an old object of a rule for presence": (
        "", pod("Pending"), pod(), "modified", "nothing",
        "the rule runs once for each object, when it comes; this one was there"),
    "a deletion that counts": (
        f"{PHASE}events: [deleted]", pod(), None, "deleted", "fires", "1 watched value differs"),
    "a deletion that does not": (
        PHASE, pod(), None, "deleted", "nothing", "deleted is not among the rule's events (modified)"),
    "a deletion of what did not hold": (
        f"{PHASE}events: [deleted]\nwhen: [object.spec.nodeName]", pod(), None, "deleted", "nothing",
        "this did not hold when it was last seen: object.spec.nodeName"),
    "another kind": (
        "watch: {apiVersion: v1, kind: Node}", None, pod(), "added", "nothing",
        "it is not in the rule's scope, which asks: its kind is v1 Node"),
    "another namespace": (
        "watch: {apiVersion: v1, kind: Pod, namespaces: [a, b]}", None, pod(), "added", "nothing",
        "it is not in the rule's scope, which asks: in a or b"),
    "an excluded namespace": (
        "watch: {apiVersion: v1, kind: Pod, excludeNamespaces: [sh*]}", None, pod(), "added", "nothing",
        "it is not in the rule's scope, which asks: not in sh*"),
    "another label": (
        "watch: {apiVersion: v1, kind: Pod, labelSelector: {matchLabels: {a: b}}}", None, pod(labels={"a": "c"}),
        "added", "nothing", "it is not in the rule's scope, which asks: label a=b"),
    "another field": (
        "watch: {apiVersion: v1, kind: Pod, fieldSelector: 'status.phase!=Running'}", None, pod(), "added", "nothing",
        "it is not in the rule's scope, which asks: field status.phase!=Running"),
    "a namespace that is not known": (
        "watch:\n  apiVersion: v1\n  kind: Pod\n  namespaceSelector: {matchLabels: {a: b}}", None, pod(),
        "added", "unknown", "the labels of namespace shop are not known"),
}  # fmt: skip


@pytest.mark.parametrize(("spec", "old", "new", "event", "outcome", "reason"), CASES.values(), ids=CASES)
def test_the_answer_and_its_reason(spec: str, old: Value, new: Value, event: str, outcome: str, reason: str) -> None:
    found = judged(spec, old, new)
    assert (found.event, found.outcome) == (event, outcome)
    assert found.reason.startswith(reason)


def test_terms_are_told_one_by_one_with_the_values_that_decide() -> None:
    spec = (
        f"{PHASE}when:\n- object.status.phase == 'Running' && object.spec.nodeName\n"
        "- any: [object.a, object.metadata.name]\n- object.b"
    )
    assert (
        judged(spec, pod("Pending"), pod()).text()
        == """\
example, Pod shop/web, as modified: it would fire, but waits
  a run is owed, and stays so until this holds: object.status.phase == 'Running' && object.spec.nodeName
  in its scope:
    yes  its kind is v1 Pod
  changed, any of:
    yes  status.phase changed  ("Pending" -> "Running")
  when, all of:
    no   object.status.phase == 'Running' && object.spec.nodeName
      yes  object.status.phase == 'Running'  (object.status.phase is "Running")
      no   object.spec.nodeName  (null)
    -    any of
    -    object.b  (null)
"""
    )


def test_actions_are_told_with_what_they_would_do() -> None:
    spec = (
        f"{PHASE}let: {{who: object.metadata.name}}\nactions:\n- name: one\n  if: old.status.phase == 'Pending'\n"
        "  log: {message: 'hello ${{ let.who }}'}\n- name: two\n  if: event.type == 'added'\n  log: {message: x}\n"
        "- name: three\n  log: {message: '${{ results.one.text }}'}\n"
    )
    assert [(one.name, one.answer, one.detail) for one in judged(spec, pod("Pending"), pod()).acts] == [
        ("one", "yes", '{"message":"hello web"}'),
        ("two", "no", "if: event.type == 'added' does not hold"),
        ("three", "yes", "with results of earlier actions, which are not known here"),
    ]


def test_clocks_say_what_is_left() -> None:
    spec = "when: [object.status.phase]\nfor: 5m\nsince: object.status.startTime\ndebounce: 10s\ncooldown: 1h"
    started = {"status": {"phase": "Running", "startTime": "2023-11-14T22:12:20Z"}}
    found = judged(spec, None, {**pod(), **started})
    assert found.outcome == "waits"
    assert found.clocks == (
        "when it has been so for 5m (for), since 2023-11-14T22:12:20Z: 4m from now",
        "when it has been quiet for 10s (debounce, per object)",
        "not within 1h of the last success (cooldown)",
    )
    early = {"status": {"phase": "Running", "startTime": "2023-11-14T22:00:00Z"}}
    assert judged(spec, None, {**pod(), **early}).outcome == "fires"


NODE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "n1", "labels": {"a": "b"}},
    "spec": {"unschedulable": True},
}
LOOKUP = 'lookup: {node: {apiVersion: v1, kind: Node, name: "n1"}}\nwhen: [lookup.node.spec.unschedulable]'


def test_lookups_find_among_the_objects_that_are_given() -> None:
    assert judged(LOOKUP, None, pod(), [NODE]).outcome == "fires"
    many = "{apiVersion: v1, kind: Node, labelSelector: {matchLabels: {a: b}}, where: item.spec.unschedulable}"
    assert (
        judged(f"lookup: {{nodes: {many}}}\nwhen: [length(lookup.nodes) == `1`]", None, pod(), [NODE]).outcome
        == "fires"
    )


def test_a_lookup_whose_objects_are_not_known_leaves_it_unknown() -> None:
    found = judged(LOOKUP, None, pod())
    assert (found.outcome, found.reason) == ("unknown", "lookup.node: it is not known which Node objects there are")


def test_values_of_secrets_are_not_shown() -> None:
    secrets: list[dict[str, Any]] = [
        {"kind": "Secret", "metadata": {"name": "s", "namespace": "a"}, "data": {"k": v}} for v in ("b2xk", "bmV3")
    ]
    spec = (
        "watch: {apiVersion: v1, kind: Secret}\nchanged: {fields: [data]}\n"
        "actions: [{log: {message: '${{ object.data.k }}'}}]"
    )
    found = judged(spec, secrets[0], secrets[1])
    assert found.outcome == "fires"
    assert "bmV3" not in found.text() + str(found.as_json())
    assert "b2xk" not in found.text() + str(found.as_json())


def test_a_rule_that_is_off_or_in_audit_mode_is_noted() -> None:
    found = judged(f"mode: audit\nenabledIf: env.X == 'y'\n{PHASE}", pod("Pending"), pod())
    assert found.notes == (
        "the rule is off: its enabledIf does not hold in this environment",
        "the rule is in audit mode: it reports and acts never",
    )


SPECS = st.sampled_from([
    f"{PHASE}events: [added, modified, deleted]\n",
    f"{PHASE}when: [object.metadata.labels.a == 'x']\n",
    "events: [added, modified]\n"
    "changed: {labels: [a], fields: [{path: status.phase, from: Pending, to: [Running, Failed]}]}\n",
    "when: [{any: [object.metadata.labels.a == 'x', {not: object.status.phase != 'Failed'}]}]\nresolved: []\n",
    "when: [object.status.phase == 'Running', object.metadata.labels.a]\n",
    "events: [added, deleted]\n",
])  # fmt: skip
PODS = st.builds(
    lambda phase, label: pod(phase, **({"labels": {"a": label}} if label else {})),
    st.sampled_from(["Pending", "Running", "Failed"]),
    st.sampled_from(["", "x", "y"]),
)


def complete(manifest: dict[str, Any]) -> dict[str, Any]:
    spec = {"containers": [{"name": "main", "image": "app"}]}
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "uid"}
    return {"apiVersion": "v1", **manifest, "metadata": metadata, "spec": spec}


@settings(deadline=None)
@given(SPECS, PODS, PODS)
def test_it_is_what_the_engine_does(spec: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    bench = Bench(rule(f"{spec}actions: [{{log: {{message: hi}}}}]"), start=False)
    bench.cluster.apply(_namespace())
    bench.start()
    bench.cluster.apply(complete(before))
    bench.settle()
    new, first = judged(spec, None, before), len(bench.runs())
    assert (new.outcome == "fires") == (first == 1)
    if first == 0 and judged(spec, None, before).outcome == "waits":
        return  # what is owed from before is not in the object that stands for the baseline
    bench.cluster.apply(complete(after))
    bench.settle()
    found = judged(spec, before, after)
    assert (found.outcome in {"fires", "resolves"}) == (len(bench.runs()) == first + 1), found.text()


def _namespace() -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
