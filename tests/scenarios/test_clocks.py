"""`debounce`, `cooldown`, `for` with `changed`, `resync`, `limits`."""

from __future__ import annotations

from typing import Any

from rulectl.controller.report import Paused
from rulectl.testing.bench import Bench
from tests.scenarios.objects import pod, rule, step

ON_BW = {"annotations": ["bw"]}


def changed(**spec: Any) -> Bench:
    bench = Bench(rule(changed=ON_BW, **spec))
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    return bench


def set_bw(bench: Bench, *values: str) -> None:
    for value in values:
        bench.cluster.apply(pod(bw=value))
        bench.settle()


def test_debounce_waits_until_the_values_are_quiet() -> None:
    bench = changed(debounce="10s")
    set_bw(bench, "B")
    bench.pass_time(9)
    set_bw(bench, "C")
    bench.pass_time(9)
    assert bench.bodies() == []
    bench.pass_time(2)
    assert bench.bodies() == [step("modified", "A", "C")]


def test_debounce_follows_the_watched_values_and_never_mere_events() -> None:
    bench = changed(debounce="10s")
    set_bw(bench, "B")
    bench.pass_time(9)
    bench.cluster.apply(pod(bw="B", labels={"heart": "beat"}))
    bench.pass_time(2)
    assert bench.bodies() == [step("modified", "A", "B")]


def test_what_goes_back_within_the_debounce_lapses() -> None:
    bench = changed(debounce="10s")
    set_bw(bench, "B", "A")
    bench.pass_time(60)
    assert bench.bodies() == []


def test_debounce_survives_a_restart() -> None:
    bench = changed(debounce="1m")
    set_bw(bench, "B")
    bench.pass_time(50)
    bench.restart()
    bench.pass_time(11)
    assert bench.bodies() == [step("modified", "A", "B")]


def test_cooldown_counts_from_the_last_success() -> None:
    bench = changed(cooldown="10m")
    set_bw(bench, "B", "C")
    assert bench.bodies() == [step("modified", "A", "B")]
    bench.pass_time(601)
    assert bench.bodies() == [step("modified", "A", "B"), step("modified", "B", "C")]


def test_retries_wait_for_no_cooldown() -> None:
    bench = changed(cooldown="10m")
    bench.web.script.append(503)
    set_bw(bench, "B")
    bench.pass_time(1)
    assert len(bench.calls) == 2


def test_for_with_changed_asks_that_the_value_stays() -> None:
    bench = changed(for_="5m", when=["object.status.phase == 'Running'"])
    set_bw(bench, "B")
    bench.pass_time(200)
    set_bw(bench, "C")
    bench.pass_time(200)
    assert bench.bodies() == []
    bench.pass_time(101)
    assert bench.bodies() == [step("modified", "A", "C")]


def test_resync_runs_again_what_has_run() -> None:
    bench = changed(resync="30m", events=["added", "modified"])
    assert bench.bodies() == [step("added", None, "A")]
    bench.pass_time(34 * 60)
    assert bench.bodies()[1:] == [step("resync", "A", "A")]


def test_resync_runs_nothing_that_never_ran() -> None:
    bench = changed(resync="30m")
    bench.pass_time(3 * 3600)
    assert bench.bodies() == []


def test_resync_runs_again_what_failed_for_good() -> None:
    bench = changed(resync="30m")
    bench.web.script.append(422)
    set_bw(bench, "B")
    bench.pass_time(34 * 60)
    assert [(one.event, one.outcome) for one in bench.runs()] == [("modified", "failed"), ("resync", "succeeded")]


def pods(bench: Bench, count: int) -> None:
    for number in range(count):
        bench.cluster.apply(pod(f"p{number}", bw="A"))
    bench.settle()


def test_more_runs_than_the_limit_pause_the_rule_durably() -> None:
    bench = Bench(rule(changed=ON_BW, events=["added"], limits={"perMinute": 3}))
    pods(bench, 5)
    bench.pass_time(300)
    assert (len(bench.calls), len(bench.told(Paused))) == (3, 1)
    bench.restart()
    bench.pass_time(300)
    assert len(bench.calls) == 3


def test_on_exceed_wait_spreads_the_runs() -> None:
    bench = Bench(rule(changed=ON_BW, events=["added"], limits={"perMinute": 3, "onExceed": "wait"}))
    pods(bench, 5)
    assert len(bench.calls) == 3
    bench.pass_time(61)
    assert len(bench.calls) == 5


def test_retries_are_not_counted() -> None:
    bench = Bench(rule(changed=ON_BW, events=["added"], limits={"perMinute": 1}))
    bench.web.script.extend([503] * 4)
    pods(bench, 1)
    bench.pass_time(30)
    assert (len(bench.calls), len(bench.told(Paused))) == (5, 0)
