"""What is judged when: counted by a function that a term calls."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.expression import BUILTIN, Function, Kind, Parameter
from rulectl.plan.compiler import compile_text
from rulectl.testing.bench import Bench
from rulectl.value import Value
from tests.scenarios.objects import NAMESPACE, call, pod, rule
from tests.scenarios.seen import apply

ON_BW = {"annotations": ["bw"]}
SEES = ["seen(object.status.phase) == 'Running'"]
NAMESPACE_OF = {"ns": {"apiVersion": "v1", "kind": "Namespace", "name": "${{ object.metadata.namespace }}"}}


class Counting:
    """A bench whose rules may call `seen(x)`, which gives `x` and counts."""

    def __init__(self, *rules: str) -> None:
        self.count = 0
        seen = Function(
            "seen", (Parameter("it", Kind.STRING | Kind.NULL),), Kind.STRING | Kind.NULL, "", self._seen, ("", "")
        )
        text = "\n---\n".join(rules)
        self.plan = compile_text(text, functions=BUILTIN.with_function(seen)).plan
        assert len(self.plan.rules) == len(rules)
        self.bench = Bench(rule("empty"), start=False)
        self.bench.start(self.plan)

    def _seen(self, value: Value) -> Value:
        self.count += 1
        return value

    def while_applying(self, *objects: dict[str, Any]) -> int:
        """How often the function was called meanwhile."""
        before = self.count
        apply(self.bench, *objects)
        return self.count - before


@pytest.mark.parametrize("form", ["changed", "condition"])
def test_a_heartbeat_that_changes_no_read_field_evaluates_nothing(form: str) -> None:
    spec: dict[str, Any] = {"changed": ON_BW} if form == "changed" else {}
    counting = Counting(rule(when=SEES, **spec))
    assert counting.while_applying(pod(bw="A")) > 0
    assert counting.while_applying(pod(bw="A", labels={"heart": "beat"}), pod(bw="A", labels={"heart": "beats"})) == 0


@pytest.mark.parametrize("form", ["changed", "condition"])
def test_a_field_that_only_another_rule_or_the_actions_read_evaluates_nothing(form: str) -> None:
    spec: dict[str, Any] = {"changed": ON_BW} if form == "changed" else {}
    acts = [call({"tier": "${{ object.metadata.labels.tier }}"})]
    other = rule("other", changed={"labels": ["heart"]})
    counting = Counting(rule(when=SEES, actions=acts, **spec), other)
    counting.while_applying(pod(bw="A"))
    assert counting.while_applying(pod(bw="A", labels={"heart": "beat"}), pod(bw="A", labels={"tier": "x"})) == 0


def test_a_change_of_what_a_term_reads_evaluates_once() -> None:
    counting = Counting(rule(when=SEES, actions=[call({})]))
    counting.while_applying(pod(phase="Pending"))
    assert counting.while_applying(pod(phase="Failed")) == 1


def test_an_object_that_a_lookup_found_evaluates_those_who_looked() -> None:
    counting = Counting(rule(lookup=NAMESPACE_OF, when=[*SEES, "lookup.ns.metadata.labels.on"], actions=[call({})]))
    counting.while_applying(pod("a"), pod("b"))
    before = counting.count
    counting.bench.cluster.patch(NAMESPACE, "default", {"metadata": {"annotations": {"heart": "beat"}}})
    counting.bench.settle()
    assert counting.count == before
    counting.bench.cluster.patch(NAMESPACE, "kube-system", {"metadata": {"labels": {"on": "yes"}}})
    counting.bench.settle()
    assert counting.count == before
    counting.bench.cluster.patch(NAMESPACE, "default", {"metadata": {"labels": {"on": "yes"}}})
    counting.bench.settle()
    assert counting.count - before >= 2


def test_time_evaluates_nothing_where_no_term_uses_it() -> None:
    counting = Counting(rule(when=SEES, actions=[call({})]))
    counting.while_applying(pod())
    before = counting.count
    counting.bench.pass_time(3 * 3600)
    assert counting.count == before


def test_a_fired_condition_shows_old_as_it_was_when_last_looked_at() -> None:
    body = {"was": "${{ old.status.phase }}", "bw": "${{ annotation(old, 'bw') }}"}
    bench = Bench(rule(when=["object.status.phase == 'Running'"], actions=[call(body)]))
    apply(bench, pod(bw="A", phase="Pending"), pod(bw="B", phase="Pending"), pod(bw="C"))
    assert bench.bodies() == [{"was": "Pending", "bw": "B"}]


def test_terms_are_judged_in_order_and_no_further_than_needed() -> None:
    counting = Counting(rule(when=["object.metadata.labels.x", *SEES], actions=[call({})]))
    assert counting.while_applying(pod()) == 0
    assert counting.while_applying(pod(labels={"x": "y"})) > 0
