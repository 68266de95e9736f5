"""What rulectl keeps for itself in the cluster is never shown to rules."""

from __future__ import annotations

from typing import Any

from rulectl.kube.client import KubeClient
from rulectl.state.configmap import ConfigMapStore
from rulectl.state.identity import Identity, Owner
from rulectl.testing.bench import Bench
from tests.scenarios.objects import CONFIGMAP, call, configmap, pod, rule

WATCH = {"apiVersion": "v1", "kind": "ConfigMap"}
ANY_CHANGE = {"fields": ["@"]}
EVENTS = ["added", "modified", "deleted"]
OWNER = Owner("rulectl", Identity("kube-system", "test-uid", "5e7f1a2b3c4d5e6f", "the test's cluster"))
NAME = call({"name": "${{ object.metadata.name }}", "event": "${{ event.type }}"})


def bench_on_config_maps(*rules: str) -> Bench:
    bench = Bench("\n---\n".join(rules), start=False)
    bench.cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "rulectl"}})
    kube = KubeClient(bench.transport, bench.clock)
    bench.store = ConfigMapStore(kube, "rulectl", OWNER, bench.clock, linger_seconds=0.0)
    return bench


def writes(bench: Bench) -> int:
    return sum(one.method != "GET" for one in bench.transport.requests)


def names(bench: Bench) -> list[Any]:
    return [body["name"] for body in bench.bodies()]  # type: ignore[index]


def test_a_rule_for_every_config_map_sees_none_of_the_state() -> None:
    actions: list[Any] = [NAME]
    bench = bench_on_config_maps(rule(watch=WATCH, changed=ANY_CHANGE, events=EVENTS, actions=actions))
    bench.cluster.apply(configmap("mine", a="1"))
    bench.start()
    bench.cluster.apply(configmap("mine", a="2"))
    bench.pass_time(60)
    assert names(bench) == ["mine", "mine"]
    assert len(bench.cluster.objects(CONFIGMAP, "rulectl")) > 0


def test_at_rest_nothing_runs_and_nothing_is_written() -> None:
    spec: dict[str, Any] = {"changed": ANY_CHANGE, "events": EVENTS, "actions": [NAME]}
    bench = bench_on_config_maps(rule(watch=WATCH, **spec), rule("pods", changed={"annotations": ["bw"]}))
    bench.cluster.apply(configmap("mine", a="1"))
    bench.cluster.apply(pod(bw="A"))
    bench.start()
    bench.pass_time(120)
    before, calls = writes(bench), len(bench.calls)
    bench.pass_time(3600)
    assert (writes(bench) - before, len(bench.calls) - calls) == (0, 0)


def test_a_deposed_process_starts_no_action() -> None:
    bench = bench_on_config_maps(rule(changed={"annotations": ["bw"]}, events=["added", "modified"]))
    bench.cluster.apply(pod(bw="A"))
    bench.start()
    assert len(bench.calls) == 1
    other = ConfigMapStore(KubeClient(bench.transport, bench.clock), "rulectl", OWNER, bench.clock, linger_seconds=0.0)
    other.load()
    bench.cluster.apply(pod(bw="B"))
    bench.pass_time(60)
    assert len(bench.calls) == 1
    assert bench.engine is not None
    assert "taken over" in str(bench.engine.ledger.broken)
