"""Deletions: seen, missed, while down; and what is not one."""

from __future__ import annotations

import pytest

from rulectl.testing.bench import Bench
from tests.scenarios.objects import NAMESPACE, POD, call, pod, rule, step

ON_BW = {"annotations": ["bw"]}
EVENTS = ["added", "modified", "deleted"]
FINAL = {"event": "${{ event.type }}", "state": "${{ event.finalState }}", "old": "${{ annotation(old, 'bw') }}"}


def deleted(state: str, old: str) -> dict[str, str]:
    return {"event": "deleted", "state": state, "old": old}


def bench_with(bw: str | None = "A", **spec: object) -> Bench:
    settings = {"changed": ON_BW, "events": ["deleted"], "actions": [call(FINAL)], **spec}
    bench = Bench(rule(**settings))  # type: ignore[arg-type]
    bench.cluster.apply(pod("bystander"))  # a list that is empty would be held
    bench.cluster.apply(pod(bw=bw))
    bench.settle()
    return bench


def test_a_deletion_that_is_seen_has_the_final_state() -> None:
    bench = bench_with()
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert bench.bodies() == [deleted("known", "A")]


def test_a_deletion_while_down_has_the_recorded_state() -> None:
    bench = bench_with()
    bench.stop()
    bench.cluster.delete(POD, "a", "default")
    bench.start()
    assert bench.bodies() == [deleted("recorded", "A")]


def test_a_deletion_missed_between_two_watches_is_noticed_by_the_list() -> None:
    bench = bench_with()
    bench.cluster.delete(POD, "a", "default")
    bench.sandbox.compact()
    bench.pass_time(700)
    assert len(bench.calls) == 1


def test_an_object_whose_baseline_held_nothing_is_forgotten_silently() -> None:
    bench = bench_with(bw=None)
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert bench.bodies() == []
    assert [one.name for one in bench.store.load().records] == ["bystander"]


def test_when_counts_if_it_held_when_the_rule_last_settled() -> None:
    bench = bench_with(when=["object.status.phase == 'Running'"])
    bench.cluster.apply(pod(bw="A", phase="Succeeded"))
    bench.settle()
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert bench.bodies() == []


def test_when_counts_if_it_held_in_the_settled_state_though_the_kubelet_ended_the_pod() -> None:
    bench = Bench(rule(changed=ON_BW, when=["object.status.phase == 'Running'"], events=EVENTS))
    bench.cluster.apply(pod("bystander"))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.stop()
    bench.cluster.apply(pod(bw="A", phase="Succeeded"))
    bench.cluster.delete(POD, "a", "default")
    bench.start()
    assert bench.bodies()[-1]["event"] == "deleted"  # type: ignore[index]


def test_a_deletion_abandons_what_is_owed_for_changes() -> None:
    bench = Bench(rule(changed=ON_BW, events=EVENTS, debounce="10s"))
    bench.cluster.apply(pod(bw="A"))
    bench.pass_time(20)
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    bench.cluster.delete(POD, "a", "default")
    bench.pass_time(60)
    assert bench.bodies() == [step("added", None, "A"), step("deleted", "A", "B")]


def test_same_name_with_a_new_uid_is_the_old_ones_end_and_then_a_new_one() -> None:
    bench = Bench(rule(changed=ON_BW, events=EVENTS))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.stop()
    bench.cluster.delete(POD, "a", "default")
    bench.cluster.apply(pod(bw="B"))
    bench.start()
    assert bench.bodies() == [step("added", None, "A"), step("deleted", "A", "A"), step("added", None, "B")]


def test_a_failing_deletion_holds_up_the_new_object_of_that_name() -> None:
    bench = Bench(rule(changed=ON_BW, events=EVENTS, retry={"initialDelay": "10s"}))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.web.script.append(503)
    bench.cluster.delete(POD, "a", "default")
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    assert [body["event"] for body in bench.bodies()] == ["added", "deleted"]  # type: ignore[index]
    bench.pass_time(30)
    assert [body["event"] for body in bench.bodies()] == ["added", "deleted", "deleted", "added"]  # type: ignore[index]


def test_leaving_a_label_selector_is_not_a_deletion() -> None:
    watch = {"apiVersion": "v1", "kind": "Pod", "labelSelector": {"matchLabels": {"app": "web"}}}
    bench = Bench(rule(watch=watch, changed=ON_BW, events=EVENTS))
    bench.cluster.apply(pod(bw="A", labels={"app": "web"}))
    bench.settle()
    bench.cluster.apply(pod(bw="B", labels={"app": "other"}))
    bench.settle()
    assert bench.bodies() == [step("added", None, "A")]
    bench.cluster.apply(pod(bw="C", labels={"app": "web"}))
    bench.settle()
    assert bench.bodies()[1:] == [step("modified", "A", "C")]


def test_a_deletion_under_a_selector_is_one_when_a_get_says_so() -> None:
    watch = {"apiVersion": "v1", "kind": "Pod", "labelSelector": {"matchLabels": {"app": "web"}}}
    bench = Bench(rule(watch=watch, changed=ON_BW, events=EVENTS))
    bench.cluster.apply(pod(bw="A", labels={"app": "web"}))
    bench.settle()
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert bench.bodies()[1:] == [step("deleted", "A", "A")]


def test_a_namespace_that_leaves_the_selector_deletes_nothing() -> None:
    watch = {"apiVersion": "v1", "kind": "Pod", "namespaceSelector": {"matchLabels": {"team": "a"}}}
    bench = Bench(rule(watch=watch, changed=ON_BW, events=EVENTS), start=False)
    bench.cluster.patch(NAMESPACE, "default", {"metadata": {"labels": {"team": "a"}}})
    bench.start()
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.cluster.patch(NAMESPACE, "default", {"metadata": {"labels": {"team": "b"}}})
    bench.settle()
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    assert bench.bodies() == [step("added", None, "A")]
    bench.cluster.patch(NAMESPACE, "default", {"metadata": {"labels": {"team": "a"}}})
    bench.settle()
    assert bench.bodies()[1:] == [step("modified", "A", "B")]


def test_a_lost_permission_is_not_a_deletion() -> None:
    from rulectl.sandbox.fault import Fault

    bench = bench_with()
    bench.sandbox.faults.add(Fault(path="/api/v1/pods", status=403))
    bench.sandbox.compact()
    bench.pass_time(1200)
    assert bench.bodies() == []


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_a_failed_deletion_is_tried_again_after_a_restart(orderly: bool) -> None:
    bench = bench_with(retry={"initialDelay": "1h"})
    bench.web.script.append(503)
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    bench.restart(orderly=orderly)
    bench.pass_time(7300)
    assert [one.outcome for one in bench.runs()] == ["retry", "succeeded"]
    assert len({one.key for one in bench.calls}) == 1
