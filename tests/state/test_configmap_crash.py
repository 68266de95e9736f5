"""The process ends at any request to the API server, and answers get lost: what is found is a prefix of the calls."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import pytest

from rulectl.errors import RulectlError
from rulectl.sandbox import Fault
from rulectl.state.configmap import ConfigMapStore
from rulectl.state.record import Record
from rulectl.state.store import Drop, Edit, Put
from rulectl.testing.transport import Crashed
from tests.state.places import InCluster
from tests.state.sample import record

UIDS = [f"uid-{number}" for number in range(12)]
Held = dict[str, Record]


@dataclass
class Call:
    """One write, and whether it raised: then it may have happened all the same, until the next that did not."""

    edits: Sequence[Edit]
    failed: bool = False


class Life:
    """One process after another on one state, and all that may be found in it."""

    def __init__(self, seed: int) -> None:
        self.cluster = InCluster()
        self.rng = random.Random(seed)
        self.durable: Held = {}
        self.since: list[Call] = []
        """The calls after the last that was surely durable."""

    def work(self, store: ConfigMapStore, calls: int) -> None:
        for _ in range(calls):
            call = Call(self._edits())
            durable = self.rng.random() < 0.6
            call.failed = True
            self.since.append(call)
            try:
                store.write(call.edits, durable=durable)
                call.failed = False
                if self.rng.random() < 0.1:
                    store.flush()
                    durable = True
            except RulectlError:
                continue
            if durable:
                self._is_durable()

    def _edits(self) -> list[Edit]:
        number = self.rng.getrandbits(30)
        first, second, third = self.rng.sample(UIDS, 3)
        much = self.rng.randbytes(self.rng.choice([10, 3_000, 40_000, 120_000])).hex()
        large = msgspec.structs.replace(record(first, number=number), old=much)
        return [Put(large), Put(record(second, number=number)), Drop("pod-bandwidth", third)]

    def _is_durable(self) -> None:
        self.durable = replay(self.durable, [call for call in self.since if not call.failed])
        self.since = []

    def possible(self) -> Iterator[Held]:
        """Every prefix of the calls since then, with any of those that failed or without."""
        for length in range(len(self.since) + 1):
            prefix = self.since[:length]
            doubtful = [index for index, call in enumerate(prefix) if call.failed]
            for taken in itertools.product([False, True], repeat=len(doubtful)):
                left_out = {index for index, take in zip(doubtful, taken, strict=True) if not take}
                yield replay(self.durable, [call for index, call in enumerate(prefix) if index not in left_out])

    def begin_again(self) -> ConfigMapStore:
        """The next process, once what it finds has been judged."""
        store = self.cluster.open()
        found = {one.uid: one for one in store.load().records}
        assert any(found == one for one in self.possible())
        self.durable, self.since = found, []
        return store


def replay(held: Held, calls: Sequence[Call]) -> Held:
    after = dict(held)
    for call in calls:
        for edit in call.edits:
            match edit:
                case Put(kept):
                    after[kept.uid] = kept
                case Drop(_, uid):
                    after.pop(uid, None)
                case _:
                    pass
    return after


def crash_at(life: Life, request: int) -> None:
    """Works until the process ends at its n-th request, which may be while it starts."""
    crash = life.cluster.crash
    crash.at = crash.passed + request
    with contextlib.suppress(Crashed):
        life.work(life.begin_again(), 30)
    crash.at = None


@pytest.mark.parametrize("seed", range(4))
def test_ending_at_any_request_leaves_a_prefix_of_the_calls(seed: int) -> None:
    life = Life(seed)
    for request in range(1, 40, 3):
        crash_at(life, request)
    life.begin_again()


@pytest.mark.parametrize("seed", range(4))
def test_lost_answers_and_refusals_leave_a_prefix_of_the_calls(seed: int) -> None:
    life = Life(seed)
    faults = life.cluster.sandbox.faults
    faults.seed(seed)
    for _ in range(6):
        numbers = [
            faults.add(Fault(method="POST|PUT|DELETE", reset=True, carry_out=True, probability=0.1)),
            faults.add(Fault(status=503, probability=0.1)),
        ]
        with contextlib.suppress(RulectlError):  # it may be that it cannot even start
            life.work(life.begin_again(), life.rng.randint(5, 25))
        for number in numbers:
            faults.remove(number)
    life.begin_again()


@pytest.mark.parametrize("seed", range(3))
def test_it_holds_while_pages_are_spread_anew(seed: int) -> None:
    life = Life(seed)
    for request in range(1, 60, 7):
        crash = life.cluster.crash
        store = life.begin_again()
        life.work(store, 3)
        crash.at = crash.passed + request
        with contextlib.suppress(Crashed):
            store._double()
            life.work(store, 3)
        crash.at = None
    life.begin_again()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 112))
def test_it_holds_in_long_lives(seed: int) -> None:
    life = Life(seed)
    for request in range(1, 120):
        crash_at(life, request % 97 + 1)
    life.begin_again()
