"""What cannot be judged now: nothing fires, resolves or settles, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.controller.report import Fault as Told
from rulectl.sandbox.fault import Fault
from rulectl.testing.bench import Bench
from tests.scenarios.objects import NAMESPACE, POD, call, pod, rule, step
from tests.scenarios.seen import apply, events, records

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
NAMESPACE_OF = {"ns": {"apiVersion": "v1", "kind": "Namespace", "name": "${{ object.metadata.namespace }}"}}
IS_ON = ["lookup.ns.metadata.labels.on == 'yes'"]
LENGTH = ["length(object.metadata.labels.x) > `0`"]
"""Unknown while there is no label x, false while it is empty."""


def label(value: str | None) -> dict[str, Any]:
    return {} if value is None else {"labels": {"x": value}}


def forbidden(bench: Bench, times: int | None = None) -> int:
    return bench.sandbox.faults.add(Fault(path="/api/v1/namespaces", status=403, times=times))


def switched_on(bench: Bench) -> None:
    bench.cluster.patch(NAMESPACE, "default", {"metadata": {"labels": {"on": "yes"}}})


def test_what_is_owed_stays_owed_while_the_terms_are_unknown() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, when=LENGTH))
    apply(bench, pod(bw="A"), pod(bw="B"), pod(bw="B", labels={"x": ""}), pod(bw="C"), pod(bw="C", labels={"x": "1"}))
    assert bench.bodies() == [step("added", None, "C")]


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_a_fired_condition_stays_fired_while_the_terms_are_unknown_over_a_restart_too(orderly: bool) -> None:
    bench = Bench(rule(when=LENGTH, resolved=[call(name="clear")]))
    apply(bench, pod(labels={"x": "1"}), pod())
    bench.restart(orderly=orderly)
    apply(bench, pod(labels={"x": "1"}))
    assert events(bench) == ["added"]
    apply(bench, pod(), pod(labels={"x": ""}))
    assert events(bench) == ["added", "resolved"]


def test_a_begun_run_waits_while_the_terms_are_unknown() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, when=LENGTH, retry={"initialDelay": "1s"}))
    bench.web.script.append(503)
    apply(bench, pod(bw="A", labels={"x": "1"}), pod(bw="A"))
    bench.pass_time(60)
    assert len(bench.calls) == 1
    apply(bench, pod(bw="A", labels={"x": "1"}))
    assert len({one.key for one in bench.calls}) == 1
    assert len(bench.calls) == 2


def test_each_cause_is_told_once_and_every_cause_is_told() -> None:
    terms = ["length(object.metadata.labels.x) > `0`", "length(object.metadata.labels.y) > `0`"]
    bench = Bench(rule(when=terms))
    apply(bench, pod("a"), pod("b"), pod("c", labels={"x": "1"}), pod("d", labels={"x": "1"}))
    assert len(bench.told(Told)) == 2


@pytest.mark.parametrize("form", ["changed", "condition"])
def test_an_existing_object_that_is_skipped_stays_so_though_its_terms_are_unknown(form: str) -> None:
    spec: dict[str, Any] = {"changed": ON_BW} if form == "changed" else {}
    bench = Bench(rule(events=BOTH, existing="skip", when=LENGTH, **spec), start=False)
    bench.cluster.apply(pod(bw="A"))
    bench.start()
    bench.restart(orderly=False)
    apply(bench, pod(bw="A", labels={"x": "1"}))
    assert bench.bodies() == []


def test_a_change_after_an_unknown_first_sight_is_one() -> None:
    bench = Bench(rule(changed=ON_BW, lookup=NAMESPACE_OF, when=["lookup.ns"]), start=False)
    forbidden(bench, times=6)
    bench.start()
    apply(bench, pod(bw="A"), pod(bw="B"))
    assert bench.bodies() == []
    bench.pass_time(600)
    assert bench.bodies() == [step("modified", "A", "B")]


def test_a_watched_value_that_cannot_be_evaluated_settles_nothing() -> None:
    actions = [call({"x": "${{ changes[0].[old, new] }}"})]
    bench = Bench(rule(changed={"fields": ["length(metadata.labels.x)"]}, actions=actions))
    apply(bench, pod(labels={"x": "1"}), pod(), pod(labels={"x": "22"}))
    assert bench.bodies() == [{"x": [1, 2]}]


def test_a_lookup_that_is_allowed_again_is_judged_again() -> None:
    bench = Bench(rule(lookup=NAMESPACE_OF, when=[*IS_ON, "object.metadata.labels.x"]))
    switched_on(bench)
    apply(bench, pod())
    forbidden(bench)
    bench.pass_time(700)
    apply(bench, pod(labels={"x": "y"}))
    assert events(bench) == []
    bench.sandbox.faults.clear()
    bench.pass_time(1300)
    assert events(bench) == ["modified"]


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_no_run_goes_on_and_no_attempt_is_used_up_while_a_lookup_of_its_actions_is_unknown(orderly: bool) -> None:
    body = {"event": "${{ event.type }}", "ns": "${{ lookup.ns.metadata.name }}"}
    spec: dict[str, Any] = {"changed": ON_BW, "events": BOTH, "lookup": NAMESPACE_OF}
    bench = Bench(rule(**spec, retry={"attempts": 2, "initialDelay": "1s"}, actions=[call(body)]), start=False)
    forbidden(bench, times=3)
    bench.cluster.apply(pod(bw="A"))
    bench.start()
    assert bench.runs() == []
    bench.web.script.append(503)
    bench.pass_time(60)
    assert bench.bodies() == [{"event": "added", "ns": "default"}] * 2
    bench.web.script.append(503)
    apply(bench, pod(bw="B"))
    forbidden(bench, times=3)
    bench.restart(orderly=orderly)
    bench.pass_time(60)
    assert [one.outcome for one in bench.runs()] == ["retry", "succeeded", "retry", "succeeded"]


def test_a_for_clock_goes_on_while_the_terms_are_unknown_and_breaks_when_they_are_false() -> None:
    bench = Bench(rule(when=LENGTH, for_="5m"))
    apply(bench, pod(labels={"x": "1"}))
    bench.pass_time(200)
    apply(bench, pod())
    bench.pass_time(200)
    assert events(bench) == []
    apply(bench, pod(labels={"x": "1"}))
    assert events(bench) == ["added"]
    assert records(bench)["a"].fired is not None


def test_an_unknown_object_that_goes_resolves_with_what_it_fired_with() -> None:
    clear = call({"event": "${{ event.type }}", "x": "${{ old.metadata.labels.x }}"})
    bench = Bench(rule(when=LENGTH, resolved=[clear]))
    apply(bench, pod(labels={"x": "1"}), pod())
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert bench.bodies()[1:] == [{"event": "resolved", "x": "1"}]
