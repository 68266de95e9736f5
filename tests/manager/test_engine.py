"""The engine as it is put together, and stepped by one thread."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.controller.report import Notice
from rulectl.errors import TransientError
from rulectl.manager.kinds import resolver
from rulectl.manager.settings import Settings
from rulectl.resource import Kind, Resource
from rulectl.sandbox.fault import Fault
from rulectl.state.memory import MemoryStore
from rulectl.testing.bench import Bench
from tests.scenarios.objects import POD, pod, rule, step

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
WIDGET = {"apiVersion": "example.dev/v1", "kind": "Widget"}


def crd() -> dict[str, Any]:
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.dev"},
        "spec": {"group": "example.dev", "scope": "Namespaced", "names": names, "versions": [version]},
    }


def notices(bench: Bench) -> list[str]:
    return [one.message for one in bench.reports if isinstance(one, Notice)]


def test_rules_on_the_same_objects_share_one_watch() -> None:
    bench = Bench(f"{rule('a', changed=ON_BW)}\n---\n{rule('b', changed={'labels': ['x']})}")
    assert bench.engine is not None
    assert [(one.what, one.synced) for one in bench.engine.progress()] == [("v1 Pod", True)]
    assert [(one.rule, one.ready) for one in bench.engine.rules()] == [("a", True), ("b", True)]


def test_at_rest_a_step_does_nothing_and_says_so() -> None:
    bench = Bench(rule(changed=ON_BW))
    assert bench.engine is not None
    assert bench.engine.step() is False
    assert bench.engine.pool.is_idle()


def test_a_rule_that_is_off_is_not_watched_for() -> None:
    bench = Bench(rule(changed=ON_BW, env={"ON": "no"}, enabledIf="env.ON == 'yes'"))
    assert bench.engine is not None
    assert (bench.engine.rules(), bench.engine.progress()) == ([], [])


def test_a_rule_whose_kind_is_not_served_waits_and_the_others_run() -> None:
    bench = Bench(f"{rule('waits', WIDGET)}\n---\n{rule('runs', changed=ON_BW, events=BOTH)}")
    bench.cluster.apply(pod(bw="A"))
    bench.pass_time(100)
    assert bench.bodies() == [step("added", None, "A")]
    assert bench.engine is not None
    waits = bench.engine.rules()[-1]
    assert (waits.rule, waits.ready, waits.problem) == ("waits", False, "waits for example.dev/v1 Widget to be served")
    expected = "the server has no example.dev/v1 Widget: the rule waits for its CRD (check apiVersion and kind)"
    assert notices(bench).count(expected) == 1


def test_it_starts_when_the_kind_comes_to_be_served() -> None:
    bench = Bench(rule("waits", WIDGET))
    bench.cluster.apply(crd())
    bench.pass_time(60)
    assert bench.engine is not None
    assert [(one.rule, one.ready) for one in bench.engine.rules()] == [("waits", True)]
    assert "its kind is served now: waits starts" in notices(bench)


def test_a_watch_that_fails_makes_its_rules_not_ready_until_it_works_again() -> None:
    bench = Bench(rule("r", changed=ON_BW))
    fault = bench.sandbox.faults.add(Fault(path="/api/v1/pods", status=403))
    bench.sandbox.compact()
    bench.pass_time(700)
    assert bench.engine is not None
    assert [one.ready for one in bench.engine.rules()] == [False]
    bench.sandbox.faults.remove(fault)
    bench.pass_time(120)
    assert [one.ready for one in bench.engine.rules()] == [True]
    assert [one.partition(":")[0] for one in notices(bench)] == ["not ready", "ready again"]


def test_what_changed_while_a_watch_failed_is_not_lost() -> None:
    bench = Bench(rule("r", changed=ON_BW))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    fault = bench.sandbox.faults.add(Fault(path="/api/v1/pods", status=403))
    bench.sandbox.compact()
    bench.pass_time(700)
    bench.cluster.apply(pod(bw="B"))
    bench.sandbox.faults.remove(fault)
    bench.pass_time(120)
    assert bench.bodies() == [step("modified", "A", "B")]


@pytest.mark.parametrize(
    ("is_durable", "spec", "told"),
    [
        pytest.param(True, {}, 1, id="durable: what is there is handled"),
        pytest.param(False, {}, 0, id="in memory: it is skipped"),
        pytest.param(False, {"existing": "handle"}, 1, id="in memory, and the rule says so: handled"),
    ],
)
def test_without_a_durable_state_every_start_is_a_first_start(
    is_durable: bool, spec: dict[str, Any], told: int
) -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, **spec), store=MemoryStore(is_durable=is_durable), start=False)
    bench.cluster.apply(pod(bw="A"))
    bench.start()
    assert len(bench.calls) == told


def test_a_dry_run_reads_the_state_writes_none_and_sends_nothing() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    before = bench.store.load()
    dry = Bench(
        rule(changed=ON_BW, events=BOTH), store=bench.store, settings=Settings(dry_run="client", seed=1), start=False
    )
    dry.cluster.apply(pod(bw="A"))
    dry.cluster.apply(pod("b", bw="B"))
    dry.start()
    dry.stop()
    assert {one.outcome for one in dry.runs()} == {"would"}
    assert dry.calls == []
    assert bench.store.load() == before


def test_closing_makes_the_state_durable() -> None:
    bench = Bench(rule(changed=ON_BW))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.stop()
    assert [record.settled for record in bench.store.load().records] == [True]


class Served:
    """Kinds that are served: these."""

    def __init__(self, *resources: Resource) -> None:
        self._resources = {one.kind: one for one in resources}

    def find(self, kind: Kind) -> Resource | None:
        return self._resources.get(kind)


def test_actions_get_the_resource_of_a_kind_or_may_try_again_later() -> None:
    assert resolver(Served(POD), POD.kind) is POD
    with pytest.raises(TransientError) as caught:
        resolver(Served(), POD.kind)
    assert str(caught.value) == "the server has no v1 Pod; check apiVersion and kind, or apply its CRD"
