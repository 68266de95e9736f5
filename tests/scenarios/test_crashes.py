"""The crash model: whatever goes wrong in whatever order, no change is lost and none fires twice.

The engine is the real one, in one thread and virtual time, over the sandbox's store; it ends at any call
through any port (API server, other servers, state). `tests.scenarios.crash_check` has the promises.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.scenarios.crash_check import faults_of
from tests.scenarios.crash_rules import RULES
from tests.scenarios.crash_schedule import PHASES, VALUES, WAITS
from tests.scenarios.crash_soak import KINDS, soak
from tests.scenarios.crash_stores import Lossy
from tests.scenarios.crash_world import ANSWERS, FAULTS, MAPS, NAMES, Op, World

BLOCK = 10
BLOCKS = {"memory": 4, "lossy": 8, "file": 4, "cluster": 4}
SLOW_BLOCK = 500
SLOW_BLOCKS = {"memory": 8, "lossy": 24, "file": 6, "cluster": 6}


def blocks(of: dict[str, int]) -> Sequence[Any]:
    return [pytest.param(kind, n, id=f"{kind}-{n}") for kind in KINDS for n in range(of[kind])]


@pytest.mark.parametrize(("kind", "block"), blocks(BLOCKS))
def test_a_schedule_of_crashes_loses_nothing_and_fires_nothing_twice(kind: str, block: int) -> None:
    failures, counted = soak(kind, range(block * BLOCK, (block + 1) * BLOCK))
    assert not failures, "\n".join(failures)
    assert counted.schedules == BLOCK
    assert counted.crashes > BLOCK


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "block"), blocks(SLOW_BLOCKS))
def test_a_great_many_schedules(kind: str, block: int) -> None:
    first = 10_000 + block * SLOW_BLOCK
    failures, counted = soak(kind, range(first, first + SLOW_BLOCK))
    print(kind, counted)
    assert not failures, "\n".join(failures)


class CrashMachine(RuleBasedStateMachine):
    """The same operations, chosen by hypothesis, which looks for the shortest schedule that fails."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None

    @initialize(names=st.sets(st.sampled_from(RULES), min_size=1, max_size=3))
    def begin(self, names: set[str]) -> None:
        self.world = World(Lossy(), tuple(name for name in RULES if name in names))
        self.do("start")

    @rule(name=st.sampled_from(NAMES), value=st.sampled_from(VALUES), settles=st.booleans())
    def annotate(self, name: str, value: str | None, settles: bool) -> None:
        self.do("annotate", name, value, settles=settles)

    @rule(name=st.sampled_from(NAMES), value=st.sampled_from(["x", "y", None]))
    def tier(self, name: str, value: str | None) -> None:
        self.do("tier", name, value, settles=True)

    @rule(name=st.sampled_from(NAMES), value=st.sampled_from(["on", "off"]))
    def alarm(self, name: str, value: str | None) -> None:
        self.do("alarm", name, value, settles=True)

    @rule(name=st.sampled_from(NAMES), phase=st.sampled_from(PHASES))
    def phase(self, name: str, phase: str) -> None:
        self.do("phase", name, phase, settles=True)

    @rule(name=st.sampled_from(NAMES), settles=st.booleans())
    def delete(self, name: str, settles: bool) -> None:
        self.do("delete", name, settles=settles)

    @rule(name=st.sampled_from(NAMES), value=st.sampled_from(VALUES), phase=st.sampled_from(PHASES))
    def create(self, name: str, value: str | None, phase: str) -> None:
        self.do("create", name, value, phase, settles=True)

    @rule(name=st.sampled_from(NAMES), value=st.sampled_from(VALUES), settles=st.booleans())
    def recreate(self, name: str, value: str | None, settles: bool) -> None:
        self.do("recreate", name, value, settles=settles)

    @rule(name=st.sampled_from(MAPS), value=st.sampled_from("012"))
    def config(self, name: str, value: str) -> None:
        self.do("config", name, value, settles=True)

    @rule(answers=st.lists(st.sampled_from(sorted(ANSWERS)), min_size=1, max_size=3))
    def answer(self, answers: list[str]) -> None:
        self.do("answer", *answers)

    @rule(name=st.sampled_from(sorted(FAULTS)))
    def fault(self, name: str) -> None:
        self.do("fault", name)

    @rule(takes_effect=st.booleans())
    def fail_store(self, takes_effect: bool) -> None:
        self.do("fail_store", takes_effect)

    @rule()
    def compact(self) -> None:
        self.do("compact")

    @rule(calls=st.integers(1, 20))
    def crash(self, calls: int) -> None:
        self.do("crash", calls)

    @rule(kept=st.integers(0, 3))
    def kill(self, kept: int) -> None:
        self.do("kill", kept)

    @rule(seconds=st.sampled_from(WAITS))
    def wait(self, seconds: float) -> None:
        self.do("wait", seconds)

    @rule(orderly=st.booleans())
    def restart(self, orderly: bool) -> None:
        self.do("stop" if orderly else "kill", *(() if orderly else (0,)))
        self.do("start")

    def do(self, name: str, *arguments: object, settles: bool = False) -> None:
        assert self.world is not None, "initialize comes first"
        self.world.do(Op(name, arguments))
        if settles:
            self.world.do(Op("settle"))

    def teardown(self) -> None:
        if self.world is not None:
            self.world.heal()
            assert faults_of(self.world) == []


TestAnyOperationsInAnyOrder = CrashMachine.TestCase
TestAnyOperationsInAnyOrder.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
