"""The workers: fair between rules, bounded by rule and in all, drained in time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from rulectl.clock import Clock, SystemClock, VirtualClock
from rulectl.controller.controller import Controller
from rulectl.controller.faults import Faults
from rulectl.controller.intake import Intake
from rulectl.controller.pool import WorkerPool
from rulectl.controller.reconciler import Done, Outcome, Reconciler
from rulectl.controller.suspects import Suspects
from rulectl.errors import TransientError
from rulectl.resource import ObjectKey
from rulectl.workqueue import WorkQueue
from tests.controller.samples import compiled

SOON = 5.0
"""Seconds after which a thread that should have done something is given up."""


@dataclass
class Labour:
    """In place of a reconciler: notes which keys it was given, and does `work` with each."""

    name: str
    work: Callable[[ObjectKey], None]
    done: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.faults = Faults(self.name, lambda _report: None)

    def reconcile(self, key: ObjectKey) -> Outcome:
        self.work(key)
        self.done.append((self.name, key.name))
        return Done()


def nothing(_key: ObjectKey) -> None:
    """Work that is done at once."""


def controller(
    pool: WorkerPool, clock: Clock, name: str, *keys: str, work: Callable[[ObjectKey], None] = nothing, workers: int = 4
) -> tuple[Controller, Labour]:
    labour = Labour(name, work)
    made = Controller(
        compiled(name=name, workers=workers),
        WorkQueue(clock, name),
        Intake(frozenset(), lambda _scope: None),
        cast(Reconciler, labour),
        cast(Suspects, None),
        clock,
        pool.signal,
        is_started=True,
    )
    pool.add(made)
    for key in keys:
        made.enqueue(ObjectKey("", key))
    return made, labour


def stepped(*names: str) -> tuple[WorkerPool, list[Labour]]:
    clock = VirtualClock()
    pool = WorkerPool(clock)
    done: list[tuple[str, str]] = []
    labours = [controller(pool, clock, name, "1", "2", "3")[1] for name in names]
    for labour in labours:
        labour.done = done
    return pool, labours


def test_rules_take_turns() -> None:
    pool, labours = stepped("a", "b")
    while pool.step():
        pass
    assert labours[0].done == [("a", "1"), ("b", "1"), ("a", "2"), ("b", "2"), ("a", "3"), ("b", "3")]


def test_a_rule_that_has_not_started_gives_no_key_away() -> None:
    clock = VirtualClock()
    pool = WorkerPool(clock)
    made, labour = controller(pool, clock, "a", "1")
    made.is_started = False
    assert (pool.step(), labour.done, pool.is_idle()) == (False, [], False)
    made.is_started = True
    assert (pool.step(), labour.done, pool.is_idle()) == (True, [("a", "1")], True)


def test_a_rule_that_was_removed_gives_no_key_away_either() -> None:
    clock = VirtualClock()
    pool = WorkerPool(clock)
    made, _ = controller(pool, clock, "a", "1")
    pool.remove(made)
    assert not pool.step()


def test_a_key_that_fails_is_delayed_and_the_others_go_on() -> None:
    clock = VirtualClock()
    pool = WorkerPool(clock)

    def fail_first(key: ObjectKey) -> None:
        if key.name == "1" and clock.monotonic() == 0:
            raise TransientError("not now")

    _, labour = controller(pool, clock, "a", "1", "2", work=fail_first)
    while pool.step():
        pass
    assert labour.done == [("a", "2")]
    due = pool.next_deadline()
    assert due is not None
    clock.advance(due)
    assert pool.step()
    assert labour.done == [("a", "2"), ("a", "1")]


def test_after_draining_no_key_is_handed_out() -> None:
    pool, _ = stepped("a")
    assert pool.drain(0.0) == 0
    assert not pool.step()


@dataclass
class Gate:
    """Work that lasts until it is let go; counts how much of it is under way at once."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    opened: threading.Event = field(default_factory=threading.Event)
    entered: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    now: int = 0
    most: int = 0

    def __call__(self, _key: ObjectKey) -> None:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.entered.release()
        assert self.opened.wait(SOON)
        with self.lock:
            self.now -= 1

    def wait_for(self, count: int) -> None:
        for _ in range(count):
            assert self.entered.acquire(timeout=SOON)


def threaded(gate: Gate, *, cap: int, **workers: int) -> tuple[WorkerPool, list[Labour]]:
    clock = SystemClock()
    pool = WorkerPool(clock, cap=cap)
    made = [controller(pool, clock, name, *"123456", work=gate, workers=count)[1] for name, count in workers.items()]
    pool.start()
    return pool, made


def finish(pool: WorkerPool, gate: Gate, labours: list[Labour], count: int) -> None:
    gate.opened.set()
    gate.wait_for(count - gate.most)
    assert pool.drain(SOON) == 0
    assert sum(len(one.done) for one in labours) == count
    assert pool.died is None


def test_a_rule_has_no_more_workers_than_it_asks_for_and_holds_up_no_other() -> None:
    gate = Gate()
    pool, labours = threaded(gate, cap=8, slow=2, other=1)
    gate.wait_for(3)
    running = sorted(job.controller.rule.name for job in pool.active())
    assert running == ["other", "slow", "slow"]
    finish(pool, gate, labours, 12)
    assert gate.most == 3


def test_all_rules_together_have_no_more_workers_than_the_cap() -> None:
    gate = Gate()
    pool, labours = threaded(gate, cap=3, a=4, b=4)
    gate.wait_for(3)
    assert len(pool.active()) == 3
    finish(pool, gate, labours, 12)
    assert gate.most == 3


def test_draining_says_how_many_are_still_under_way() -> None:
    gate = Gate()
    pool, _ = threaded(gate, cap=2, a=2)
    gate.wait_for(2)
    assert pool.drain(0.0) == 2
    gate.opened.set()
    assert pool.drain(SOON) == 0


def test_a_key_that_becomes_ready_later_is_taken_by_a_waiting_worker() -> None:
    clock = SystemClock()
    pool = WorkerPool(clock)
    done = threading.Event()
    made, _ = controller(pool, clock, "a", work=lambda _key: done.set())
    pool.start()
    made.queue.add_after(ObjectKey("", "1"), 0.01)
    pool.signal()
    assert done.wait(SOON)
    assert pool.drain(SOON) == 0


def test_what_ends_a_worker_that_nothing_should_have_ended_is_told() -> None:
    class Unthinkable(BaseException):
        pass

    def end(_key: ObjectKey) -> None:
        raise Unthinkable

    clock = VirtualClock()
    pool = WorkerPool(clock)
    made, _ = controller(pool, clock, "a", "1", work=end)
    caught: list[Any] = []
    try:
        pool.step()
    except Unthinkable as error:
        caught.append(error)
    assert len(caught) == 1
    assert pool.active() == []
    assert made.queue.is_idle()
