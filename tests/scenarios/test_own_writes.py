"""What a rule writes itself does not make it owe; what others write beside it does."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.testing.bench import Bench
from rulectl.testing.web import Call
from tests.scenarios.objects import CONFIGMAP, DEPLOYMENT, POD, call, configmap, deployment, pod, rule, step
from tests.scenarios.seen import apply, events

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
ANNOTATE = {"name": "fix", "annotate": {"set": {"bw": "fixed"}}}
MERGE = {"name": "fix", "patch": {"type": "merge", "body": {"metadata": {"annotations": {"bw": "fixed"}}}}}
JSON = {
    "name": "fix",
    "patch": {"type": "json", "body": [{"op": "add", "path": "/metadata/annotations/bw", "value": "fixed"}]},
}
REMOVE = {"name": "fix", "annotate": {"remove": ["bw"]}}
LABEL = {"name": "fix", "label": {"set": {"tier": "web"}}}


@pytest.mark.parametrize("write", [ANNOTATE, MERGE, JSON, REMOVE], ids=["annotate", "merge", "json", "remove"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("restarts", [False, True])
def test_a_write_to_what_is_watched_makes_the_rule_not_owe(write: dict[str, Any], first: bool, restarts: bool) -> None:
    actions = [write, call()] if first else [call(), write]
    bench = Bench(rule(changed=ON_BW, events=BOTH, actions=actions))
    apply(bench, pod(bw="A"))
    if restarts:
        bench.restart()
    bench.pass_time(60)
    assert len(bench.calls) == 1
    apply(bench, pod(bw="B"))
    assert len(bench.calls) == 2


def test_a_write_that_is_half_done_is_no_change_either() -> None:
    actions = [ANNOTATE, call()]
    bench = Bench(rule(changed=ON_BW, events=BOTH, retry={"initialDelay": "1m"}, actions=actions))
    bench.web.script.append(503)
    apply(bench, pod(bw="A"))
    bench.restart(orderly=False)
    bench.pass_time(90)
    assert events(bench) == ["added", "added"]
    assert len({one.key for one in bench.calls}) == 1


def test_a_label_beside_the_watched_annotation_is_no_change() -> None:
    bench = Bench(rule(changed={**ON_BW, "labels": ["tier"]}, events=BOTH, actions=[LABEL, call()]))
    apply(bench, pod(bw="A"))
    bench.pass_time(60)
    assert events(bench) == ["added"]
    apply(bench, pod(bw="A", labels={"tier": "db"}))
    assert events(bench) == ["added", "modified"]


def test_somebody_elses_value_over_ones_own_is_a_change() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, actions=[ANNOTATE, call()]))

    def meddle(_call: Call) -> None:
        if len(bench.calls) == 1:
            bench.cluster.patch(POD, "a", {"metadata": {"annotations": {"bw": "theirs"}}}, "default")

    bench.web.on_call = meddle
    apply(bench, pod(bw="A"))
    bench.pass_time(60)
    assert [one["old"] for one in bench.bodies()] == [None, "fixed"]  # type: ignore[index]


def test_a_condition_that_ends_by_its_own_write_is_over_and_can_hold_again() -> None:
    when = ["object.metadata.labels.tier == `null`"]
    bench = Bench(rule(when=when, actions=[LABEL, call()], resolved=[call(name="clear")]))
    apply(bench, pod())
    bench.pass_time(60)
    assert events(bench) == ["added", "resolved"]
    apply(bench, pod())
    bench.pass_time(60)
    assert events(bench) == ["added", "resolved", "modified", "resolved"]


def test_a_condition_that_still_holds_after_its_own_write_fires_once() -> None:
    bench = Bench(rule(when=["object.status.phase == 'Running'"], actions=[LABEL, call()]))
    apply(bench, pod())
    bench.pass_time(600)
    assert events(bench) == ["added"]


def test_a_write_to_a_target_that_is_of_the_watched_kind_makes_nobody_owe() -> None:
    each = {"apiVersion": "v1", "kind": "Pod", "labelSelector": {"matchLabels": {"of": "${{ object.metadata.name }}"}}}
    actions = [{"name": "copy", "annotate": {"set": {"bw": "${{ annotation(object, 'bw') }}"}}}, call()]
    bench = Bench(rule(changed=ON_BW, forEach=each, actions=actions))
    apply(bench, pod("x", bw="A"), pod("y", bw="A", labels={"of": "x"}), pod("z", bw="A", labels={"of": "y"}))
    apply(bench, pod("x", bw="B"))
    bench.pass_time(60)
    assert bench.bodies() == [step("modified", "A", "B")]
    apply(bench, pod("y", bw="C", labels={"of": "x"}))
    assert bench.bodies()[1:] == [step("modified", "B", "C")]


def test_a_write_to_another_watched_object_makes_nobody_owe() -> None:
    other = {"apiVersion": "v1", "kind": "Pod", "namespace": "default", "name": "${{ object.metadata.labels.next }}"}
    write = {
        "name": "copy",
        "if": "object.metadata.labels.next",
        "annotate": {"set": {"bw": "copied"}, "resource": other},
    }
    bench = Bench(rule(changed=ON_BW, actions=[write, call()]))
    apply(bench, pod("x", bw="A", labels={"next": "y"}), pod("y", bw="A"), pod("x", bw="B", labels={"next": "y"}))
    bench.pass_time(60)
    assert bench.bodies() == [step("modified", "A", "B")]


def test_two_rules_that_write_what_the_other_watches_see_each_other() -> None:
    one = rule(
        "one",
        changed={"annotations": ["bw"]},
        actions=[{"name": "m", "label": {"set": {"tier": "${{ annotation(object, 'bw') }}"}}}],
    )
    two = rule("two", changed={"labels": ["tier"]})
    bench = Bench(f"{one}\n---\n{two}")
    apply(bench, pod(bw="A", labels={"tier": "A"}))
    bench.cluster.patch(POD, "a", {"metadata": {"annotations": {"bw": "B"}}}, "default")
    bench.settle()
    assert len(bench.runs("two")) == 1


def test_rulectls_own_objects_are_shown_to_no_rule() -> None:
    bench = Bench(
        rule(watch={"apiVersion": "v1", "kind": "ConfigMap"}, actions=[call({"name": "${{ object.metadata.name }}"})])
    )
    own = configmap("state")
    apply(
        bench,
        {**own, "metadata": {**own["metadata"], "labels": {"rulectl.dev/state-of": "rulectl"}}},
        configmap("mine"),
    )
    assert bench.bodies() == [{"name": "mine"}]


def test_a_restart_of_the_target_that_is_watched_is_no_change() -> None:
    watch = {"apiVersion": "apps/v1", "kind": "Deployment"}
    bench = Bench(rule(watch=watch, changed={"fields": ["spec"]}, actions=[{"name": "again", "restart": {}}, call()]))
    apply(bench, deployment("web"))
    bench.cluster.patch(DEPLOYMENT, "web", {"spec": {"replicas": 3}}, "default")
    bench.pass_time(60)
    assert events(bench) == ["modified"]
    assert CONFIGMAP.namespaced
