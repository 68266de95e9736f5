"""Clocks in less simple settings: lets, `since`, own writes, `resync`, what survives a restart."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.testing.bench import Bench
from tests.scenarios.objects import NODE, call, configmap, node, pod, rule, step
from tests.scenarios.seen import apply, events, records

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
RUNNING = ["object.status.phase == 'Running'"]
CREATED = "object.metadata.creationTimestamp"
AGE = "age(object.metadata.creationTimestamp) > `90`"


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"when": [AGE]}, id="in a term"),
        pytest.param(
            {"when": [{"not": "age(object.metadata.creationTimestamp) <= `90`"}]}, id="in a term that is negated"
        ),
        pytest.param({"let": {"old": AGE}, "when": ["let.old"]}, id="in a let"),
        pytest.param({"let": {"old": AGE, "both": "let.old"}, "when": ["let.both"]}, id="in a let of a let"),
    ],
)
@pytest.mark.parametrize("restarts", [False, True])
def test_an_age_is_timed_exactly(spec: dict[str, Any], restarts: bool) -> None:
    bench = Bench(rule(**spec))
    apply(bench, pod())
    bench.pass_time(89)
    assert events(bench) == []
    if restarts:
        bench.restart(orderly=False)
    bench.pass_time(2)
    assert events(bench) == ["modified"]


def test_a_time_that_is_used_in_another_way_is_judged_every_minute() -> None:
    bench = Bench(rule(let={"seconds": "age(object.metadata.creationTimestamp)"}, when=["let.seconds > `90`"]))
    apply(bench, pod())
    bench.pass_time(151)
    assert events(bench) == ["modified"]


def test_an_age_of_what_a_lookup_finds_is_judged_every_minute() -> None:
    maps = {"apiVersion": "v1", "kind": "ConfigMap", "where": "age(item.metadata.creationTimestamp) > `90`"}
    bench = Bench(rule(lookup={"maps": maps}, when=["lookup.maps"]))
    apply(bench, configmap("c"), pod())
    bench.pass_time(151)
    assert events(bench) == ["modified"]


def test_for_starts_over_when_a_watched_value_changes_though_since_is_early() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, when=RUNNING, for_="5m", since=CREATED))
    apply(bench, pod(bw="A"))
    bench.pass_time(240)
    apply(bench, pod(bw="B"))
    bench.pass_time(299)
    assert events(bench) == []
    bench.pass_time(2)
    assert bench.bodies() == [step("added", None, "B")]


def test_for_with_since_counts_from_since_for_an_object_that_is_new() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, when=RUNNING, for_="5m", since=CREATED), start=False)
    bench.cluster.apply(pod(bw="A"))
    bench.clock.advance(240)
    bench.start()
    bench.pass_time(59)
    assert events(bench) == []
    bench.pass_time(2)
    assert events(bench) == ["added"]


def test_for_with_since_starts_over_when_the_terms_were_seen_false() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, when=RUNNING, for_="5m", since=CREATED))
    apply(bench, pod(bw="A"), pod(bw="A", phase="Pending"))
    bench.pass_time(1000)
    apply(bench, pod(bw="A"))
    bench.pass_time(299)
    assert events(bench) == []
    bench.pass_time(2)
    assert events(bench) == ["added"]


def test_for_with_changed_has_no_break_by_a_heartbeat_and_survives_a_restart() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, when=RUNNING, for_="5m"))
    apply(bench, pod(bw="A"))
    bench.pass_time(200)
    apply(bench, pod(bw="A", labels={"heart": "beat"}))
    bench.restart(orderly=False)
    bench.pass_time(101)
    assert events(bench) == ["added"]


def test_downtime_does_not_count_for_for_if_it_was_false_at_one_end() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, when=RUNNING, for_="5m"))
    apply(bench, pod(bw="A", phase="Pending"))
    bench.stop()
    bench.clock.advance(1000)
    bench.cluster.apply(pod(bw="A"))
    bench.start()
    bench.pass_time(299)
    assert events(bench) == []
    bench.pass_time(2)
    assert events(bench) == ["added"]


def test_after_a_wait_the_rule_is_judged_again_and_what_no_longer_holds_lapses() -> None:
    watch = {"apiVersion": "v1", "kind": "Node"}
    ready = "condition(object, 'Ready').status != 'True'"
    bench = Bench(rule(watch=watch, when=[ready], debounce="1m", actions=[call({"event": "${{ event.type }}"})]))
    apply(bench, node(ready="False"))
    bench.pass_time(59)
    apply(bench, node(ready="True"))
    bench.pass_time(600)
    assert events(bench) == []
    apply(bench, node(ready="False"))
    bench.cluster.delete(NODE, "n")
    bench.pass_time(600)
    assert events(bench) == []


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_a_cooldown_survives_a_restart(orderly: bool) -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, cooldown="10m"))
    apply(bench, pod(bw="A"), pod(bw="B"))
    bench.pass_time(300)
    bench.restart(orderly=orderly)
    bench.pass_time(299)
    assert events(bench) == ["added"]
    bench.pass_time(2)
    assert bench.bodies()[1:] == [step("modified", "A", "B")]


def test_a_failure_starts_no_cooldown() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, cooldown="10m"))
    bench.web.script.append(422)
    apply(bench, pod(bw="A"), pod(bw="B"))
    assert bench.bodies() == [step("added", None, "A"), step("added", None, "B")]


def test_resolved_waits_for_no_cooldown_and_no_debounce() -> None:
    bench = Bench(rule(when=RUNNING, cooldown="10m", debounce="1m", resolved=[call(name="clear")]))
    apply(bench, pod())
    bench.pass_time(61)
    apply(bench, pod(phase="Failed"))
    assert events(bench) == ["added", "resolved"]
    apply(bench, pod())
    bench.pass_time(595)
    assert events(bench) == ["added", "resolved"]
    bench.pass_time(11)
    assert events(bench) == ["added", "resolved", "modified"]


def test_resync_is_not_forgotten_after_an_own_write_that_changes_nothing_that_is_read() -> None:
    actions = [call(), {"name": "mark", "label": {"set": {"done": "yes"}}}]
    bench = Bench(rule(changed=ON_BW, events=BOTH, resync="30m", actions=actions))
    apply(bench, pod(bw="A"))
    bench.pass_time(34 * 60)
    assert events(bench) == ["added", "resync"]


def test_resync_comes_after_everything_else_that_is_due() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, resync="30m", debounce="10m"))
    apply(bench, *(pod(f"p{number}", bw="A") for number in range(5)))
    bench.pass_time(36 * 60)
    bench.web.calls.clear()
    apply(bench, pod("p4", bw="B"))
    bench.clock.advance(14 * 60)
    bench.settle()
    assert events(bench) == ["modified", "resync", "resync", "resync", "resync"]


def test_resync_is_spread_by_a_tenth() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, resync="100m"))
    apply(bench, *(pod(f"p{number}", bw="A") for number in range(20)))
    bench.pass_time(90 * 60 - 1)
    assert len(bench.calls) == 20
    bench.pass_time(10 * 60)
    assert 20 < len(bench.calls) < 40
    bench.pass_time(10 * 60 + 2)
    assert len(bench.calls) == 40


def test_resync_shows_the_baseline_and_no_changes() -> None:
    body = {"event": "${{ event.type }}", "old": "${{ annotation(old, 'bw') }}", "changes": "${{ changes }}"}
    bench = Bench(rule(changed=ON_BW, resync="30m", actions=[call(body)]))
    apply(bench, pod(bw="A"), pod(bw="B"))
    bench.pass_time(34 * 60)
    assert bench.bodies()[1:] == [{"event": "resync", "old": "B", "changes": []}]


def test_resync_of_what_failed_for_good_keeps_its_old() -> None:
    bench = Bench(rule(changed=ON_BW, resync="30m"))
    apply(bench, pod(bw="A"))
    bench.web.script.append(422)
    apply(bench, pod(bw="B"))
    bench.pass_time(34 * 60)
    assert bench.bodies()[1:] == [step("resync", "A", "B")]
    assert records(bench)["a"].base == {'metadata.annotations."bw"': "B"}


def test_resync_waits_for_when() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, resync="30m", when=RUNNING))
    apply(bench, pod(bw="A"), pod(bw="A", phase="Failed"))
    bench.pass_time(3600)
    assert events(bench) == ["added"]
    apply(bench, pod(bw="A"))
    assert events(bench) == ["added", "resync"]


def test_resync_of_a_condition_is_for_what_is_in_force_only() -> None:
    bench = Bench(rule(when=RUNNING, resync="30m", resolved=[call(name="clear")]))
    apply(bench, pod(phase="Failed"))
    bench.pass_time(3600)
    assert events(bench) == []
    apply(bench, pod())
    bench.pass_time(34 * 60)
    assert events(bench) == ["modified", "resync"]
    apply(bench, pod(phase="Failed"))
    bench.pass_time(3600)
    assert events(bench) == ["modified", "resync", "resolved"]


def test_resync_leaves_alone_what_was_resolved() -> None:
    bench = Bench(rule(changed=ON_BW, events=["added"], when=RUNNING, resolved=[call(name="clear")], resync="30m"))
    apply(bench, pod(bw="A"), pod(bw="A", phase="Failed"), pod(bw="A"))
    bench.pass_time(3600)
    assert events(bench) == ["added", "resolved"]


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_resync_survives_a_restart(orderly: bool) -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, resync="30m"))
    apply(bench, pod(bw="A"))
    bench.pass_time(20 * 60)
    bench.restart(orderly=orderly)
    bench.pass_time(14 * 60)
    assert events(bench) == ["added", "resync"]


def test_a_resync_that_fails_is_tried_again_with_its_key_also_after_a_crash() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, resync="30m", retry={"initialDelay": "1m", "maxDelay": "1m"}))
    apply(bench, pod(bw="A"))
    bench.web.script.append(503)
    bench.pass_time(33 * 60)
    bench.restart(orderly=False)
    bench.pass_time(61)
    assert events(bench) == ["added", "resync", "resync"]
    assert len({one.key for one in bench.calls}) == 2
