"""A rule is edited while its records exist: what stays, what starts over, what is dropped."""

from __future__ import annotations

from typing import Any

from rulectl.testing.bench import Bench
from tests.scenarios.objects import CONFIGMAP, call, configmap, pod, rule, step

ON_BW = {"annotations": ["bw"]}
BOTH = {"annotations": ["bw", "other"]}


def settled(**spec: Any) -> Bench:
    bench = Bench(rule(**{"changed": ON_BW, **spec}))
    bench.cluster.apply(pod(bw="A", labels={"app": "web"}))
    bench.settle()
    return bench


def test_a_newly_watched_path_starts_at_todays_value() -> None:
    bench = settled()
    bench.cluster.apply(pod(annotations={"bw": "A", "other": "1"}))
    bench.restart(rule(changed=BOTH))
    assert bench.bodies() == []
    bench.cluster.apply(pod(annotations={"bw": "A", "other": "2"}))
    bench.settle()
    assert len(bench.calls) == 1


def test_a_path_that_is_watched_no_more_owes_nothing() -> None:
    bench = settled(changed=BOTH)
    bench.cluster.apply(pod(annotations={"bw": "A", "other": "1"}))
    bench.settle()
    bench.restart(rule(changed=ON_BW))
    assert len(bench.calls) == 1
    bench.restart(rule(changed=ON_BW, cooldown="1s"))
    assert len(bench.calls) == 1


def test_what_changed_while_the_rule_was_edited_is_not_lost() -> None:
    bench = settled()
    bench.stop()
    bench.cluster.apply(pod(bw="B"))
    bench.restart(rule(changed=BOTH))
    assert bench.bodies() == [step("modified", "A", "B")]


def test_a_begun_run_starts_over_under_the_new_actions_with_a_new_key() -> None:
    bench = settled(actions=[call(name="first"), call(name="second")], retry={"initialDelay": "1h"})
    bench.web.script.extend([200, 503])
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    bench.restart(rule(changed=ON_BW, actions=[call(name="first"), call(name="other")]))
    names = [one.url.rpartition("/")[2] for one in bench.calls]
    assert names == ["first", "second", "first", "other"]
    assert len({one.key for one in bench.calls}) == 4


def test_an_edit_runs_again_what_failed_for_good_with_the_same_old() -> None:
    bench = settled()
    bench.web.script.append(422)
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    bench.restart(rule(changed=ON_BW, cooldown="1s"))
    assert bench.bodies() == [step("modified", "A", "B"), step("modified", "A", "B")]


def web(**spec: Any) -> str:
    watch = {"apiVersion": "v1", "kind": "Pod", "labelSelector": {"matchLabels": {"app": "other"}}}
    return rule(watch=watch, changed=ON_BW, **spec)


def test_a_narrower_selector_deletes_and_resolves_nothing() -> None:
    bench = settled(events=["added", "deleted"])
    assert bench.bodies() == [step("added", None, "A")]
    bench.restart(web(events=["added", "deleted"]))
    bench.pass_time(60)
    assert (len(bench.calls), bench.store.load().records) == (1, ())


def test_a_condition_that_fired_and_is_out_of_the_new_scope_resolves_nothing() -> None:
    spec: dict[str, Any] = {"when": ["object.status.phase == 'Running'"], "resolved": [call(name="clear")]}
    bench = Bench(rule(**spec))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    watch = {"apiVersion": "v1", "kind": "Pod", "namespaces": ["elsewhere"]}
    bench.restart(rule(watch=watch, **spec))
    assert (len(bench.calls), bench.store.load().records) == (1, ())


def test_objects_that_are_new_to_a_wider_scope_are_existing() -> None:
    bench = Bench(web(events=["added"], existing="skip"))
    bench.cluster.apply(pod(bw="A", labels={"app": "web"}))
    bench.settle()
    bench.restart(rule(changed=ON_BW, events=["added"], existing="skip"))
    assert bench.bodies() == []


def test_another_kind_is_another_rule() -> None:
    bench = settled(events=["added", "modified", "deleted"])
    bench.cluster.apply(configmap("c", key="1"))
    watch = {"apiVersion": "v1", "kind": "ConfigMap"}
    bench.restart(rule(watch=watch, changed={"fields": ["data"]}, events=["modified", "deleted"]))
    bench.cluster.delete(CONFIGMAP, "c", "default")
    bench.settle()
    assert [body["event"] for body in bench.bodies()] == ["added", "deleted"]  # type: ignore[index]


def test_a_restart_without_an_edit_starts_nothing_over() -> None:
    bench = settled(retry={"initialDelay": "1h"})
    bench.web.script.append(503)
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    bench.restart()
    assert len(bench.calls) == 1
