"""Workers on threads: every key is handled soon, whoever sleeps and whoever is held up."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

import pytest

from rulectl.clock import SystemClock
from rulectl.controller.controller import Controller
from rulectl.controller.pool import WorkerPool
from rulectl.workqueue import WorkQueue

SOON = 10.0


@dataclass
class Rule:
    name: str
    workers: int


@dataclass
class Handled:
    """Stands for a `Controller`: hands keys to `handle`."""

    rule: Rule
    handle: Callable[[str], None]
    queue: WorkQueue[str] = field(init=False)
    is_started: bool = True

    def __post_init__(self) -> None:
        self.queue = WorkQueue(SystemClock(), self.rule.name)

    def take(self) -> str | None:
        return self.queue.try_get()

    def work(self, key: str) -> None:
        try:
            self.handle(key)
        finally:
            self.queue.done(key)


class Seen:
    """Notes keys; `wait_for` waits until all of them were noted."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.keys: list[str] = []

    def note(self, key: str) -> None:
        with self._changed:
            self.keys.append(key)
            self._changed.notify_all()

    def wait_for(self, *keys: str) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: set(keys) <= set(self.keys), SOON)


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    made = WorkerPool(SystemClock(), cap=4)
    yield made
    made.drain(SOON)


def attach(pool: WorkerPool, handle: Callable[[str], None], name: str = "a", workers: int = 4) -> Callable[[str], None]:
    """A rule on the pool; what comes back adds a key as informers do."""
    rule = Handled(Rule(name, workers), handle)
    pool.add(cast("Controller", rule))

    def add(key: str) -> None:
        rule.queue.add(key)
        pool.signal()

    return add


def test_every_key_of_a_burst_is_handled(pool: WorkerPool) -> None:
    seen = Seen()
    add = attach(pool, seen.note)
    pool.start(4)
    keys = [str(number) for number in range(2000)]
    for key in keys:
        add(key)
    assert seen.wait_for(*keys)


def test_a_worker_that_is_held_up_holds_up_no_other_key(pool: WorkerPool) -> None:
    seen, go_on = Seen(), threading.Event()

    def handle(key: str) -> None:
        if key == "slow":
            assert go_on.wait(SOON)
        seen.note(key)

    add = attach(pool, handle)
    pool.start(4)
    for key in ("slow", "b", "c"):
        add(key)
    assert seen.wait_for("b", "c")
    add("d")
    assert seen.wait_for("d")
    assert "slow" not in seen.keys
    go_on.set()
    assert seen.wait_for("slow")


def test_a_delayed_key_is_handled_in_time_though_the_worker_that_kept_the_time_is_held_up(pool: WorkerPool) -> None:
    seen, go_on = Seen(), threading.Event()

    def handle(key: str) -> None:
        if key == "slow":
            rule.queue.add_after("late", 0.05)
            assert go_on.wait(SOON)
        seen.note(key)

    rule = Handled(Rule("a", 4), handle)
    pool.add(cast("Controller", rule))
    pool.start(4)
    rule.queue.add("slow")
    pool.signal()
    assert seen.wait_for("late")
    go_on.set()


def test_a_rule_has_no_more_keys_under_way_than_it_asks_for(pool: WorkerPool) -> None:
    seen, go_on, inside = Seen(), threading.Event(), Seen()

    def handle(key: str) -> None:
        inside.note(key)
        assert go_on.wait(SOON)
        seen.note(key)

    add = attach(pool, handle, "narrow", workers=1)
    other = attach(pool, seen.note, "other")
    pool.start(4)
    add("x")
    assert inside.wait_for("x")
    add("y")
    other("z")
    assert seen.wait_for("z")
    assert inside.keys == ["x"]
    go_on.set()
    assert seen.wait_for("x", "y")


def test_while_one_worker_decides_no_other_takes_a_key_and_once_it_waits_the_next_one_does() -> None:
    pool = WorkerPool(SystemClock(), cap=4, patience_seconds=SOON)
    seen, go_on, inside = Seen(), threading.Event(), Seen()
    at_once: list[int] = []

    def handle(key: str) -> None:
        at_once.append(len(pool.active()))
        if key == "waits":
            inside.note(key)
            pool.on_wait()
            assert go_on.wait(SOON)
        seen.note(key)

    add = attach(pool, handle)
    pool.start(4)
    keys = [str(number) for number in range(500)]
    for key in keys:
        add(key)
    assert seen.wait_for(*keys)
    assert set(at_once) == {1}
    add("waits")
    assert inside.wait_for("waits")
    add("next")
    assert seen.wait_for("next")
    go_on.set()
    assert seen.wait_for("waits")
    pool.drain(SOON)
