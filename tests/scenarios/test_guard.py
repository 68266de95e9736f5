"""Mistakes do not become mass actions: a list that lacks many objects is not believed at once."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.controller.report import Held
from rulectl.testing.bench import Bench
from tests.scenarios.objects import POD, pod, rule

ON_BW = {"annotations": ["bw"]}


def bench_of(count: int, **spec: Any) -> Bench:
    bench = Bench(rule(changed=ON_BW, events=["deleted"], **spec))
    for number in range(count):
        bench.cluster.apply(pod(f"p{number:02}", bw="A"))
    bench.settle()
    bench.stop()
    return bench


def delete(bench: Bench, count: int) -> None:
    for number in range(count):
        bench.cluster.delete(POD, f"p{number:02}", "default")


def held(bench: Bench) -> int:
    return sum(one.count for one in bench.told(Held) if isinstance(one, Held))


@pytest.mark.parametrize(
    ("there", "gone", "deletes", "runs"),
    [
        pytest.param(5, 2, None, 2, id="a few"),
        pytest.param(5, 5, None, 0, id="an empty list"),
        pytest.param(60, 40, None, 40, id="many, and the server says of each that it is gone: a weekend's turnover"),
        pytest.param(5, 5, "none", 5, id="no guard"),
        pytest.param(5, 3, "3", 3, id="as many as the rule allows"),
        pytest.param(5, 3, "2", 0, id="more than the rule allows"),
        pytest.param(10, 3, "30%", 3, id="the share that the rule allows"),
        pytest.param(10, 4, "30%", 0, id="a larger share than the rule allows"),
    ],
)
def test_what_went_while_down(there: int, gone: int, deletes: str | None, runs: int) -> None:
    bench = bench_of(there, **({"limits": {"deletes": deletes}} if deletes else {}))
    delete(bench, gone)
    bench.start()
    assert (len(bench.calls), held(bench)) == (runs, gone - runs)


def test_held_runs_stay_held_over_a_restart_and_are_told_once() -> None:
    bench = bench_of(5)
    delete(bench, 5)
    bench.start()
    bench.restart()
    assert (bench.calls, len(bench.told(Held))) == ([], 1)


def test_a_held_object_that_comes_back_is_held_no_more() -> None:
    bench = bench_of(2)
    saved = [bench.cluster.get(POD, f"p0{number}", "default") for number in range(2)]
    delete(bench, 2)
    bench.start()
    assert held(bench) == 2
    assert all(one is not None for one in saved)
    bench.cluster.apply(pod("p00", bw="A"))
    bench.settle()
    assert [one.held for one in bench.store.load().records if one.name == "p00"] == [False]


def test_the_same_for_a_list_after_a_watch_that_could_not_go_on() -> None:
    bench = bench_of(5)
    bench.start()
    delete_all = bench.sandbox
    bench.transport.watches[-1].close()
    delete(bench, 5)
    delete_all.compact()
    bench.pass_time(60)
    assert (bench.calls, held(bench)) == ([], 5)
