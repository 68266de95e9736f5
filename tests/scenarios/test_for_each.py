"""`forEach`: runs fan out to targets, and merge there."""

from __future__ import annotations

from typing import Any

from rulectl.testing.bench import Bench
from tests.scenarios.objects import CONFIGMAP, DEPLOYMENT, call, configmap, deployment, rule

WATCH = {"apiVersion": "v1", "kind": "ConfigMap"}
EACH = {"apiVersion": "apps/v1", "kind": "Deployment", "references": "object"}
TOLD = {
    "target": "${{ target.metadata.name }}",
    "object": "${{ object.metadata.name }}",
    "sources": "${{ sort(sources[].metadata.name) }}",
    "event": "${{ event.type }}",
}


def fan_out(**spec: Any) -> Bench:
    settings = {"changed": {"fields": ["data"]}, "forEach": EACH, "actions": [call(TOLD)], **spec}
    bench = Bench(rule(watch=WATCH, **settings))
    for name in ("one", "two", "three"):
        bench.cluster.apply(configmap(name, key="A"))
    bench.cluster.apply(deployment("web", "one", "two", "three"))
    bench.cluster.apply(deployment("api", "one"))
    bench.settle()
    return bench


def change(bench: Bench, *names: str, to: str = "B") -> None:
    for name in names:
        bench.cluster.apply(configmap(name, key=to))
        bench.settle()


def told(target: str, obj: str, *sources: str, event: str = "modified") -> dict[str, object]:
    return {"target": target, "object": obj, "sources": sorted(sources or (obj,)), "event": event}


def test_each_deployment_that_references_the_object_is_a_target() -> None:
    bench = fan_out()
    change(bench, "one")
    assert sorted(bench.bodies(), key=str) == sorted([told("api", "one"), told("web", "one")], key=str)


def test_several_sources_that_wait_for_one_target_merge_into_one_run() -> None:
    bench = fan_out(debounce="10s")
    change(bench, "one", "two", "three")
    assert bench.bodies() == []
    bench.pass_time(11)
    expected = [told("api", "one"), told("web", "three", "one", "two", "three")]
    assert sorted(bench.bodies(), key=str) == sorted(expected, key=str)


def test_the_source_settles_when_all_its_targets_have_ended() -> None:
    bench = fan_out(retry={"initialDelay": "10s"})
    bench.web.script.append(503)
    change(bench, "one")
    assert len(bench.calls) == 2
    source = next(one for one in bench.store.load().records if one.name == "one" and not one.is_target)
    assert source.run is not None
    bench.pass_time(30)
    source = next(one for one in bench.store.load().records if one.name == "one" and not one.is_target)
    assert (source.run, len(bench.calls)) == (None, 3)


def test_a_restart_in_the_middle_runs_only_what_is_not_done() -> None:
    bench = fan_out(retry={"initialDelay": "10s"})
    bench.web.script.append(503)
    change(bench, "one")
    bench.restart(orderly=False)
    bench.pass_time(30)
    keys = [one.key for one in bench.calls]
    assert (len(keys), len(set(keys))) == (3, 2)


def test_resolved_uses_the_recorded_targets() -> None:
    clear = call({"clear": "${{ target.metadata.name }}"}, name="clear")
    when = ["object.data.key == 'B'"]
    bench = Bench(rule(watch=WATCH, when=when, forEach=EACH, actions=[call(TOLD)], resolved=[clear]))
    bench.cluster.apply(deployment("api", "one"))
    bench.cluster.apply(configmap("one", key="B"))
    bench.settle()
    bench.cluster.apply(deployment("api"))
    bench.cluster.apply(configmap("one", key="C"))
    bench.settle()
    assert bench.bodies() == [told("api", "one", event="added"), {"clear": "api"}]


def test_a_target_that_is_gone_ends_well() -> None:
    actions = [{"name": "mark", "label": {"set": {"seen": "yes"}}}]
    bench = fan_out(debounce="10s", actions=actions)
    change(bench, "one")
    bench.cluster.delete(DEPLOYMENT, "api", "default")
    bench.pass_time(30)
    found = bench.cluster.get(DEPLOYMENT, "web", "default")
    assert found is not None
    assert found["metadata"]["labels"] == {"seen": "yes"}  # type: ignore[index,call-overload]
    assert all(one.run is None for one in bench.store.load().records)


def test_without_any_target_the_source_settles() -> None:
    bench = fan_out()
    bench.cluster.apply(configmap("lonely", key="A"))
    bench.settle()
    change(bench, "lonely")
    assert (bench.bodies(), all(one.run is None for one in bench.store.load().records)) == ([], True)


def test_a_deleted_source_runs_for_its_recorded_targets() -> None:
    bench = fan_out(events=["modified", "deleted"])
    change(bench, "three")
    bench.cluster.delete(CONFIGMAP, "three", "default")
    bench.settle()
    assert bench.bodies() == [told("web", "three"), told("web", "three", event="deleted")]
