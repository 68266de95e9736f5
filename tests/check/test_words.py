"""A rule in words."""

from __future__ import annotations

from rulectl.check.words import words_text
from rulectl.plan.compiler import compile_text
from tests.rule.marked import rule

FULL = """\
env: {URL: http://a}
mode: audit
watch:
  apiVersion: v1
  kind: Pod
  namespaces: [a, b]
  excludeNamespaces: [kube-*]
  labelSelector: {matchLabels: {x: y}}
events: [added, modified]
existing: skip
changed:
  annotations: [limit, size-*]
  fields: [{path: status.phase, from: Pending, to: [Running, Failed]}]
when:
- object.spec.nodeName
- any: [object.metadata.labels.a, {not: object.metadata.labels.b}]
for: 5m
since: object.status.startTime
debounce: 10s
cooldown: 1m
lookup: {node: {apiVersion: v1, kind: Node, name: "${{ object.spec.nodeName }}"}}
limits: {perMinute: 60}
resync: 30m
actions:
- name: push
  if: object.metadata.labels.a
  timeout: 10s
  retry: {attempts: 3, initialDelay: 1s, maxDelay: 1m}
  onError: continue
  http: {url: http://a, json: {all: "${{ lookup.node.spec.unschedulable }}"}}
"""


def words(spec: str) -> str:
    found = compile_text(rule(spec), environ={})
    assert not found.has_errors, found.problems
    return words_text(found.plan.rules[0])


def test_everything_that_a_rule_says_is_said() -> None:
    assert (
        words(FULL)
        == """\
example (rule.yaml:3:18) [audit: it reports and acts never]
  watches   v1 Pod objects, in a and b, not in kube-*, with labels x=y
  keeps     metadata.annotations
            metadata.labels.a
            metadata.labels.b
            metadata.labels.x
            metadata.name
            metadata.namespace
            metadata.uid
            spec.nodeName
            status.phase
            status.startTime
  fires     when one of these differs from its baseline (added or modified):
              metadata.annotations."limit"
              metadata.annotations."size-*"
              status.phase from "Pending" to "Running" or "Failed"
            and, then or later, all of these hold:
              object.spec.nodeName
              {"any":["object.metadata.labels.a",{"not":"object.metadata.labels.b"}]}
            objects that are there when the rule is new are skipped
  waits     until it has been so for 5m without a break, counted from object.status.startTime
            until the object has been quiet for 10s
            until 1m after the last success for the object
            at most 60 runs begin in a minute; then it pauses until `rulectl state resume`
  looks up  node: v1 Node, one by name
  does      1. push (http); if object.metadata.labels.a; within 10s; tried up to 3 times, 1s to 1m apart; \
goes on when it fails
               url: http://a
               json:
                 all: ${{ lookup.node.spec.unschedulable }}
  queue     one key per object, 4 workers; tried until it succeeds, 5ms to 16m40s apart
            runs again every 30m while it is in force
  remembers metadata.annotations
            metadata.name
            metadata.namespace
            metadata.uid
            status.phase
  needs     list, watch nodes cluster-wide
            get, list, watch pods in a
            get, list, watch pods in b
"""
    )


def test_targets_and_what_resolves_are_said() -> None:
    text = words(
        "watch: {apiVersion: v1, kind: ConfigMap}\nwhen: [object.data.a]\nresolvedFor: 1m\nresolved: []\n"
        "forEach: {apiVersion: apps/v1, kind: Deployment, references: object, namespace: a, "
        "where: target.spec.paused}\n"
        "actions: [{restart: {}}]"
    )
    assert (
        "  fires     once, when all of these come to hold (added or modified):\n              object.data.a\n" in text
    )
    assert (
        "  for each  apps/v1 Deployment that fits all of this, one run each:\n"
        "              references object\n"
        "              namespace a\n"
        "              target.spec.paused\n"
    ) in text
    assert (
        "  resolved  when it has fired and holds no more for 1m, or the object is gone or leaves:\n"
        "            nothing is done, but it can fire again\n"
    ) in text
    assert "  queue     one key per target, 4 workers;" in text
    assert "            get, patch deployments.apps in a\n" in text


def test_a_rule_for_presence_is_said() -> None:
    assert "  fires     once for each object, when it is added\n" in words("")


def test_what_an_action_is_given_is_said_in_full() -> None:
    url = "http://agent.example.com/" + "a" * 200
    text = words(f"let: {{a: object.metadata.name}}\nactions: [{{http: {{url: {url}, json: [1, {{a: b}}]}}}}]")
    assert f"  let       a: object.metadata.name\n  does      1. http; within 1m\n               url: {url}\n" in text
    assert '               json: [1,{"a":"b"}]\n' in text


def test_events_are_said_in_the_order_of_an_objects_life() -> None:
    changed = "changed: {labels: [a]}\nevents: [deleted, modified, added]"
    assert "differs from its baseline (added, modified or deleted):" in words(changed)


def test_that_lists_are_flattened_is_not_said() -> None:
    text = words("changed: {fields: ['spec.containers[].image']}\nactions: [{log: {message: a}}]\nwhen: [object.spec]")
    assert "[][]" not in text
