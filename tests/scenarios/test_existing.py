"""`existing`: what a first list shows, for each thing that can be new: rule, namespace, kind."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.sandbox.fault import Fault
from rulectl.testing.bench import Bench
from rulectl.testing.transport import Crashed
from tests.scenarios.objects import NAMESPACE, POD, call, pod, rule, step
from tests.scenarios.seen import apply, events, labelled_namespace, records, told

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
ALL = ["added", "modified", "deleted"]
RUNNING = ["object.status.phase == 'Running'"]
NAME = [call({"name": "${{ object.metadata.name }}"})]
TEAM_A = {"apiVersion": "v1", "kind": "Pod", "namespaceSelector": {"matchLabels": {"team": "a"}}}
FORMS: dict[str, dict[str, Any]] = {
    "changed": {"changed": ON_BW, "events": BOTH},
    "condition": {"when": RUNNING},
    "presence": {"events": ["added", "deleted"]},
}
every_form = pytest.mark.parametrize("form", list(FORMS))
either_end = pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])


def pods(*names: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "namespaces": list(names)}


@every_form
def test_a_rule_that_is_new_beside_an_old_one_has_its_own_first_list(form: str) -> None:
    old = rule("old", **FORMS[form], actions=NAME)
    bench = Bench(old)
    apply(bench, pod("a", bw="A"))
    bench.restart(f"{old}\n---\n{rule('new', **FORMS[form], existing='skip', actions=NAME)}")
    assert (len(bench.runs("old")), len(bench.runs("new"))) == (1, 0)
    apply(bench, pod("b", bw="A"))
    assert (len(bench.runs("old")), len(bench.runs("new"))) == (2, 1)


@every_form
def test_a_rule_that_is_new_handles_what_is_there(form: str) -> None:
    old = rule("old", **FORMS[form], actions=NAME)
    bench = Bench(old)
    apply(bench, pod("a", bw="A"))
    bench.restart(f"{old}\n---\n{rule('new', **FORMS[form], actions=NAME)}")
    assert (len(bench.runs("old")), len(bench.runs("new"))) == (1, 1)


@every_form
@either_end
def test_a_restart_after_the_first_list_makes_what_came_meanwhile_added(form: str, orderly: bool) -> None:
    bench = Bench(rule(**FORMS[form], existing="skip", actions=NAME), start=False)
    bench.cluster.apply(pod("a", bw="A"))
    bench.start()
    bench.stop() if orderly else bench.drop()
    bench.cluster.apply(pod("b", bw="A"))
    bench.start()
    assert told(bench, "name") == ["b"]


@every_form
def test_an_empty_first_list_is_one(form: str) -> None:
    bench = Bench(rule(**FORMS[form], existing="skip", actions=NAME))
    bench.stop()
    bench.cluster.apply(pod("b", bw="A"))
    bench.start()
    assert told(bench, "name") == ["b"]


@every_form
def test_a_crash_in_the_middle_of_the_first_list_forgets_nothing_that_was_to_be_skipped(form: str) -> None:
    text = rule(**FORMS[form], existing="skip", actions=NAME)
    for at in range(1, 8):
        bench = Bench(text, start=False)
        for number in range(4):
            bench.cluster.apply(pod(f"p{number}", bw="A"))
        bench.crash.at = bench.crash.passed + at
        try:
            bench.start()
        except Crashed:
            bench.drop()
        bench.crash.at = None
        bench.restart(orderly=False)
        assert bench.calls == []


def test_a_first_list_that_comes_late_is_still_the_first() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, existing="skip"), start=False)
    bench.cluster.apply(pod("a", bw="A"))
    bench.sandbox.faults.add(Fault(path="/api/v1/pods", status=503, times=3))
    bench.start()
    bench.pass_time(120)
    assert (bench.calls, list(records(bench))) == ([], ["a"])
    apply(bench, pod("a", bw="B"))
    assert bench.bodies() == [step("modified", "A", "B")]


@either_end
def test_a_namespace_that_is_named_later_has_its_own_first_list(orderly: bool) -> None:
    bench = Bench(rule(watch=pods("shop"), changed=ON_BW, events=BOTH, existing="skip"), start=False)
    for name in ("shop", "web"):
        bench.cluster.apply(labelled_namespace(name))
        bench.cluster.apply(pod(bw=name, namespace=name))
    bench.start()
    bench.restart(rule(watch=pods("shop", "web"), changed=ON_BW, events=BOTH, existing="skip"), orderly=orderly)
    assert bench.bodies() == []
    apply(bench, pod("b", bw="new", namespace="web"), pod(bw="new", namespace="shop"))
    assert bench.bodies() == [step("added", None, "new"), step("modified", "shop", "new")]


def selecting(**spec: Any) -> Bench:
    settings = {"changed": ON_BW, "events": ALL, "existing": "skip", **spec}
    bench = Bench(rule(watch=TEAM_A, **settings), start=False)
    bench.cluster.apply(labelled_namespace("shop", team="a"))
    bench.cluster.apply(labelled_namespace("web", team="b"))
    for name in ("shop", "web"):
        bench.cluster.apply(pod(bw=name, namespace=name))
    return bench


def test_a_namespace_that_comes_into_the_selector_has_its_own_first_list() -> None:
    bench = selecting()
    bench.start()
    bench.cluster.patch(NAMESPACE, "web", {"metadata": {"labels": {"team": "a"}}})
    bench.settle()
    assert bench.bodies() == []
    apply(bench, pod(bw="new", namespace="web"), pod("b", bw="B", namespace="web"))
    assert bench.bodies() == [step("modified", "web", "new"), step("added", None, "B")]


def test_a_namespace_that_comes_back_is_known_and_its_objects_are_compared() -> None:
    bench = selecting()
    bench.start()
    for team in ("b", "a"):
        bench.cluster.patch(NAMESPACE, "shop", {"metadata": {"labels": {"team": team}}})
        bench.settle()
        if team == "b":
            apply(bench, pod(bw="new", namespace="shop"), pod("b", bw="B", namespace="shop"))
            assert bench.bodies() == []
    assert sorted(bench.bodies(), key=str) == [step("added", None, "B"), step("modified", "shop", "new")]


@pytest.mark.parametrize("late", ["/api/v1/pods", "/api/v1/namespaces"])
@either_end
def test_whichever_list_comes_first_what_is_new_to_a_known_namespace_is_added(late: str, orderly: bool) -> None:
    bench = selecting()
    bench.sandbox.faults.add(Fault(path=late, status=503, times=2))
    bench.start()
    bench.pass_time(60)
    assert bench.bodies() == []
    bench.stop() if orderly else bench.drop()
    bench.cluster.apply(pod("b", bw="B", namespace="shop"))
    bench.sandbox.faults.add(Fault(path=late, status=503, times=2))
    bench.start()
    bench.pass_time(60)
    assert bench.bodies() == [step("added", None, "B")]


@pytest.mark.parametrize("late", ["/api/v1/pods", "/api/v1/namespaces"])
@either_end
def test_whichever_list_comes_first_a_namespace_that_is_new_is_existing(late: str, orderly: bool) -> None:
    bench = selecting()
    bench.start()
    bench.stop() if orderly else bench.drop()
    bench.cluster.apply(labelled_namespace("more", team="a"))
    bench.cluster.apply(pod(bw="more", namespace="more"))
    bench.sandbox.faults.add(Fault(path=late, status=503, times=2))
    bench.start()
    bench.pass_time(60)
    assert bench.bodies() == []
    apply(bench, pod(bw="new", namespace="more"))
    assert bench.bodies() == [step("modified", "more", "new")]


def test_a_namespace_made_now_with_its_objects_is_not_there_when_the_rule_is_new() -> None:
    bench = selecting()
    bench.start()
    apply(bench, labelled_namespace("more", team="a"), pod(bw="more", namespace="more"))
    assert bench.bodies() == [step("added", None, "more")]


def test_an_object_that_enters_the_label_selector_is_added_though_existing_ones_are_skipped() -> None:
    watch = {"apiVersion": "v1", "kind": "Pod", "labelSelector": {"matchLabels": {"in": "y"}}}
    bench = Bench(rule(watch=watch, changed=ON_BW, events=BOTH, existing="skip"), start=False)
    bench.cluster.apply(pod(bw="A"))
    bench.cluster.apply(pod("b", bw="B", labels={"in": "y"}))
    bench.start()
    apply(bench, pod(bw="A", labels={"in": "y"}))
    assert bench.bodies() == [step("added", None, "A")]


@pytest.mark.parametrize("existing", ["handle", "skip"])
def test_a_crd_that_arrives_later_brings_a_first_list(existing: str) -> None:
    watch: dict[str, Any] = {"apiVersion": "example.dev/v1", "kind": "Widget"}
    bench = Bench(rule(watch=watch, changed=ON_BW, events=BOTH, existing=existing))
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    spec: Any = {"group": "example.dev", "scope": "Namespaced", "names": names, "versions": [version]}
    crd: dict[str, Any] = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
    bench.cluster.apply({**crd, "metadata": {"name": "widgets.example.dev"}, "spec": spec})
    widget = {**watch, "metadata": {"name": "w", "namespace": "default", "annotations": {"bw": "A"}}}
    bench.cluster.apply(widget)
    bench.pass_time(60)
    assert events(bench) == (["added"] if existing == "handle" else [])
    apply(bench, {**widget, "metadata": {**widget["metadata"], "name": "v"}})
    assert events(bench)[-1:] == ["added"]


def test_without_a_durable_state_every_start_is_a_first_one_that_skips() -> None:
    from rulectl.state.memory import MemoryStore

    bench = Bench(rule(changed=ON_BW, events=BOTH), store=MemoryStore(), start=False)
    bench.cluster.apply(pod(bw="A"))
    bench.start()
    apply(bench, pod(bw="B"))
    assert bench.bodies() == [step("modified", "A", "B")]


def test_an_excluded_namespace_is_out_whatever_else_is_said() -> None:
    bench = Bench(rule(watch={"apiVersion": "v1", "kind": "Pod", "excludeNamespaces": ["sh*"]}), start=False)
    for name in ("shop", "web"):
        bench.cluster.apply(labelled_namespace(name))
    bench.start()
    apply(bench, pod(bw="A", namespace="shop"), pod(bw="B", namespace="web"))
    bench.cluster.delete(POD, "a", "shop")
    bench.settle()
    assert (told(bench, "now"), len(bench.store.load().records)) == (["B"], 1)
