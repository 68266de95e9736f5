"""Plugins that misbehave harm only their own run, through the whole engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rulectl.action.contract import ActionContext
from rulectl.action.plugin import action_type
from rulectl.action.registry import Registry
from rulectl.controller.report import Line
from rulectl.manager.settings import Settings
from rulectl.plan.compiler import compile_text
from rulectl.testing import Bench
from tests.action.isolation import unruly
from tests.scenarios.objects import pod, rule

ON_BW = {"annotations": ["bw"]}
REGISTRY = Registry.builtin().with_types(
    action_type(made, defined_by="tests", name=name)
    for name, made in {
        "leave": unruly.leave,
        "hang": unruly.hang,
        "flood": unruly.flood,
        "mark": unruly.mark,
        "raise": unruly.fail,
        "sick": unruly.Sick,
    }.items()
)


def rules(action: dict[str, Any], **common: Any) -> str:
    retry = {"attempts": 2, "initialDelay": "1s"}
    bad = rule(name="bad", changed=ON_BW, events=["added", "modified"], retry=retry, actions=[{**common, **action}])
    good = rule(name="good", changed=ON_BW, events=["added", "modified"], actions=[{"log": {"message": "fine"}}])
    return f"{bad}\n---\n{good}"


@pytest.fixture
def benches() -> Iterator[list[Bench]]:
    made: list[Bench] = []
    yield made
    for bench in made:
        bench.stop()


def run(benches: list[Bench], action: dict[str, Any], **common: Any) -> Bench:
    bench = Bench(rules(action, **common), registry=REGISTRY)
    benches.append(bench)
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.pass_time(5)
    return bench


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"leave": {"status": 3}}, "leave: the plugin's process ended with status 3"),
        ({"hang": {}}, "hang: the plugin's process was killed: the action's timeout has passed"),
    ],
    ids=["exits", "hangs"],
)
def test_what_ends_its_process_fails_its_own_run_only(benches: list[Bench], action: Any, said: str) -> None:
    bench = run(benches, action, isolation="process", timeout="400ms")
    assert [(one.outcome, one.message) for one in bench.runs("bad")] == [("retry", said), ("failed", said)]
    assert [one.outcome for one in bench.runs("good")] == ["succeeded"]


@pytest.mark.parametrize("isolation", ["thread", "process"])
def test_what_raises_fails_its_own_run_only(benches: list[Bench], isolation: str) -> None:
    bench = run(benches, {"raise": {"how": "bug"}}, isolation=isolation)
    assert [one.outcome for one in bench.runs("bad")] == ["retry", "failed"]
    assert bench.runs("bad")[0].message.startswith("raise: the plugin raised KeyError: 'team' (in unruly.py, line ")
    assert [one.outcome for one in bench.runs("good")] == ["succeeded"]


def test_of_a_flood_of_lines_fifty_are_told(benches: list[Bench]) -> None:
    bench = run(benches, {"flood": {"lines": 300}}, isolation="process")
    lines = [one for one in bench.told(Line) if isinstance(one, Line) and one.rule == "bad"]
    assert len(lines) == 51
    assert [one.outcome for one in bench.runs("bad")] == ["succeeded"]


def test_its_own_write_does_not_wake_its_rule(benches: list[Bench]) -> None:
    bench = run(benches, {"mark": {"value": "B"}}, isolation="process")
    assert [one.outcome for one in bench.runs("bad")] == ["succeeded"]
    assert len(bench.runs("good")) == 2


def test_what_no_other_process_can_find_is_a_fault_of_the_rule() -> None:
    def here(context: ActionContext) -> None:
        pass

    registry = REGISTRY.with_types([action_type(here, defined_by="tests")])
    with pytest.raises(ValueError, match="here cannot run in a process of its own: it is not at the top of a module"):
        Bench(rules({"here": {}}, isolation="process"), registry=registry)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("check", "the plugin's own check raised KeyError: 'check'"),
        ("reads", "the plugin's reads() raised KeyError: 'reads'"),
        ("permissions", "the plugin's permissions() returned something else than it has to"),
    ],
)
def test_a_plugin_that_is_sick_at_load_is_a_fault_of_its_rule_only(where: str, said: str) -> None:
    found = compile_text(rules({"sick": {"where": where}}), registry=REGISTRY)
    assert [problem.message for problem in found.problems] == [said]
    assert [one.name for one in found.plan.rules] == ["good"]


def test_a_plugin_that_cannot_describe_itself_is_told_so(benches: list[Bench]) -> None:
    bench = Bench(
        rules({"sick": {"where": "describe"}}), registry=REGISTRY, settings=Settings(seed=1, dry_run="client")
    )
    benches.append(bench)
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    (told,) = bench.runs("bad")[0].actions
    assert (told.verb, told.message) == ("failed", "the plugin's describe() raised KeyError: 'describe'")
    assert [one.outcome for one in bench.runs("good")] == ["would"]
