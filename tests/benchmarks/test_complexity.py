"""What must not be done for an update, counted: no figure here is a time, so a slow machine cannot fail it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from rulectl.plan.compiler import compile_text
from rulectl.resource import Kind, Resource
from rulectl.state.memory import MemoryStore
from rulectl.state.store import Edit
from rulectl.testing.bench import Bench
from tests.benchmarks.pods import IN, place, pod

PODS = Resource(Kind("v1", "Pod"), "pods", namespaced=True)
COUNT = 30
BANDWIDTH = """
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata: {name: bandwidth}
spec:
  watch: {apiVersion: v1, kind: Pod}
  changed: {annotations: [kubernetes.io/ingress-bandwidth]}
  when: ["object.status.phase == 'Running'"]
  actions:
  - http: {method: PUT, url: http://agent.test/, json: "${{ annotation(object, 'kubernetes.io/ingress-bandwidth') }}"}
"""
CONDITION = """
---
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata: {name: condition-%d}
spec:
  watch: {apiVersion: v1, kind: Pod}
  when: ["object.status.containerStatuses[?restartCount > `%d`]"]
  actions: [{log: {message: too many}}]
"""


class CountingStore(MemoryStore):
    """Counts the edits that were written, by the name of their rule."""

    def __init__(self) -> None:
        super().__init__(is_durable=True)
        self.edits = 0

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:
        self.edits += len(edits)
        super().write(edits, durable=durable)


@dataclass
class Counted:
    """What happened between `counting` and its end."""

    writes: int = 0
    keys: int = 0
    requests: list[str] = field(default_factory=list)
    calls: int = 0


class Counts:
    def __init__(self, rules: str) -> None:
        self.store = CountingStore()
        self.bench = Bench(rules, store=self.store, start=False)
        for number in range(COUNT):
            namespace, _ = place(number)
            self.bench.cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
            self.bench.cluster.apply(pod(number))
        self.bench.start()

    @contextmanager
    def counting(self) -> Iterator[Counted]:
        counted = Counted()
        assert self.bench.engine is not None
        queues = [one.controller.queue for one in self.bench.engine.attached]
        before = self.store.edits, sum(queue.stats().adds_total for queue in queues), len(self.bench.transport.requests)
        calls = len(self.bench.calls)
        yield counted
        self.bench.settle()
        counted.writes = self.store.edits - before[0]
        counted.keys = sum(queue.stats().adds_total for queue in queues) - before[1]
        counted.requests = [f"{one.method} {one.path}" for one in self.bench.transport.requests[before[2] :]]
        counted.calls = len(self.bench.calls) - calls

    def patch(self, number: int, body: dict[str, Any], subresource: str = "") -> None:
        namespace, name = place(number)
        self.bench.cluster.patch(PODS, name, body, namespace, subresource)


@pytest.fixture(scope="module")
def bandwidth() -> Counts:
    return Counts(BANDWIDTH)


def test_an_update_of_fields_that_no_rule_reads_reaches_no_queue(bandwidth: Counts) -> None:
    with bandwidth.counting() as counted:
        for number in range(COUNT):
            bandwidth.patch(number, {"status": {"message": f"heartbeat {number}"}}, "status")
            bandwidth.patch(number, {"metadata": {"annotations": {"example.com/other": str(number)}}})
    assert counted == Counted()


def test_an_update_that_concerns_the_rule_costs_one_key_two_writes_and_one_call(bandwidth: Counts) -> None:
    with bandwidth.counting() as counted:
        bandwidth.patch(3, {"metadata": {"annotations": {IN: "1M"}}})
    assert (counted.keys, counted.writes, counted.calls, counted.requests) == (1, 2, 1, [])


def test_all_objects_are_read_with_one_request_however_many_rules_there_are() -> None:
    counts = Counts(BANDWIDTH + "".join(CONDITION % (number, number) for number in range(20)))
    reads = [one for one in counts.bench.transport.requests if one.path.endswith("/pods")]
    assert len(reads) == 1


def test_an_update_costs_keys_only_for_the_rules_whose_fields_it_changes() -> None:
    counts = Counts(BANDWIDTH + CONDITION % (1, 1))
    with counts.counting() as counted:
        counts.patch(5, {"metadata": {"annotations": {IN: "2M"}}})
    assert counted.keys == 1


def test_a_condition_that_does_not_come_to_hold_costs_no_key_and_no_write() -> None:
    counts = Counts("".join(CONDITION % (number, number + 10) for number in range(10)))
    statuses = pod(0)["status"]["containerStatuses"]
    with counts.counting() as counted:
        for restarts in range(1, 6):
            counts.patch(0, {"status": {"containerStatuses": [{**statuses[0], "restartCount": restarts}]}}, "status")
    assert counted == Counted()
    with counts.counting() as fired:
        counts.patch(0, {"status": {"containerStatuses": [{**statuses[0], "restartCount": 11}]}}, "status")
    assert fired.keys == 1
    assert [run.rule for run in counts.bench.runs()] == ["condition-0"]


def test_the_cache_holds_what_is_read_and_nothing_else(bandwidth: Counts) -> None:
    plan = compile_text(BANDWIDTH, environ={}).plan
    assert bandwidth.bench.engine is not None
    [informer] = bandwidth.bench.engine.attached[0].informers
    namespace, name = place(7)
    item = informer.lister.get(name, namespace)
    assert item is not None
    assert len(str(item.value())) < 300
    assert len(str(pod(7))) > 10_000
    assert plan.rules[0].tree.paths() == [
        'metadata.annotations."kubernetes.io/ingress-bandwidth"',
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "status.phase",
    ]
