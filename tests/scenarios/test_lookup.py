"""`lookup`: other objects decide too, but never make a `changed` rule owe."""

from __future__ import annotations

from rulectl.controller.report import Fault as Told
from rulectl.sandbox.fault import Fault
from rulectl.testing.bench import Bench
from tests.scenarios.objects import NAMESPACE, configmap, pod, rule

NAMESPACE_OF = {"ns": {"apiVersion": "v1", "kind": "Namespace", "name": "${{ object.metadata.namespace }}"}}
IS_ON = ["lookup.ns.metadata.labels.on == 'yes'"]


def switch(bench: Bench, value: str) -> None:
    bench.cluster.patch(NAMESPACE, "default", {"metadata": {"labels": {"on": value}}})
    bench.settle()


def test_a_condition_is_judged_again_when_the_object_it_looked_up_changes() -> None:
    bench = Bench(rule(lookup=NAMESPACE_OF, when=IS_ON))
    bench.cluster.apply(pod())
    bench.settle()
    assert len(bench.calls) == 0
    switch(bench, "yes")
    assert len(bench.calls) == 1


def test_a_lookup_never_makes_a_changed_rule_owe_but_lets_what_is_owed_run() -> None:
    bench = Bench(rule(lookup=NAMESPACE_OF, when=IS_ON, changed={"annotations": ["bw"]}))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    switch(bench, "yes")
    switch(bench, "no")
    assert len(bench.calls) == 0
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    switch(bench, "yes")
    assert len(bench.calls) == 1


def test_a_list_is_filtered_by_where() -> None:
    lookup = {
        "maps": {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "namespace": "${{ object.metadata.namespace }}",
            "where": "item.data.pod == object.metadata.name",
        }
    }
    bench = Bench(rule(lookup=lookup, when=["length(lookup.maps) > `0`"]))
    bench.cluster.apply(pod())
    bench.cluster.apply(configmap("other", pod="b"))
    bench.settle()
    assert len(bench.calls) == 0
    bench.cluster.apply(configmap("mine", pod="a"))
    bench.settle()
    assert len(bench.calls) == 1


def test_a_forbidden_lookup_is_unknown_and_resolves_nothing() -> None:
    bench = Bench(rule(lookup=NAMESPACE_OF, when=IS_ON, resolved=[]))
    switch(bench, "yes")
    bench.cluster.apply(pod())
    bench.settle()
    bench.sandbox.faults.add(Fault(path="/api/v1/namespaces", status=403))
    bench.sandbox.compact()
    bench.pass_time(1300)
    bench.cluster.apply(pod(labels={"x": "y"}))
    bench.settle()
    assert bench.store.load().records[0].fired is not None


def test_nothing_is_judged_and_nothing_reported_before_the_looked_up_objects_have_been_listed() -> None:
    bench = Bench(rule(lookup=NAMESPACE_OF, when=IS_ON, existing="handle"), start=False)
    bench.cluster.patch(NAMESPACE, "default", {"metadata": {"labels": {"on": "yes"}}})
    bench.cluster.apply(pod())
    bench.sandbox.faults.add(Fault(path="/api/v1/namespaces", watch=True, stall_after=0, times=1))
    bench.start()
    assert len(bench.calls) == 0
    bench.pass_time(300)
    assert len(bench.calls) == 1
    assert bench.told(Told) == []
