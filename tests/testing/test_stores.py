"""Stores that end, and stores that lose."""

from __future__ import annotations

import pytest

from rulectl.clock import VirtualClock
from rulectl.state.memory import MemoryStore
from rulectl.state.record import Record
from rulectl.state.store import Put
from rulectl.testing.stores import KEEP_SECONDS, CrashingStore, LossyStore
from rulectl.testing.transport import Crash, Crashed


def record(uid: str) -> Record:
    return Record("r", uid, f"id-{uid}", "default", uid)


def lossy() -> tuple[LossyStore, MemoryStore, VirtualClock]:
    clock, inner = VirtualClock(), MemoryStore(is_durable=True)
    return LossyStore(inner, clock), inner, clock


def kept(store: MemoryStore) -> list[str]:
    return [one.uid for one in store.load().records]


def test_what_is_not_durable_is_lost_in_a_crash() -> None:
    store, inner, _ = lossy()
    store.write([Put(record("a")), Put(record("b"))], durable=False)
    store.lose()
    assert (kept(inner), store.lost, store.waiting) == ([], 2, 0)


def test_a_durable_write_takes_along_what_was_written_before_it() -> None:
    store, inner, _ = lossy()
    store.write([Put(record("a"))], durable=False)
    store.write([Put(record("b"))], durable=True)
    store.write([Put(record("c"))], durable=False)
    store.lose()
    assert kept(inner) == ["a", "b"]


def test_a_crash_may_leave_some_of_the_oldest_calls() -> None:
    store, inner, _ = lossy()
    for uid in "abc":
        store.write([Put(record(uid))], durable=False)
    store.lose(kept=2)
    assert kept(inner) == ["a", "b"]


def test_time_makes_the_rest_durable() -> None:
    store, inner, clock = lossy()
    assert store.next_flush() is None
    store.write([Put(record("a"))], durable=False)
    assert store.next_flush() == KEEP_SECONDS
    store.flush_due(KEEP_SECONDS - 1)
    assert kept(inner) == []
    clock.advance(KEEP_SECONDS)
    store.flush_due(clock.monotonic())
    assert (kept(inner), store.next_flush()) == (["a"], None)


def test_closing_loses_nothing() -> None:
    store, inner, _ = lossy()
    store.write([Put(record("a"))], durable=False)
    store.close()
    assert kept(inner) == ["a"]


@pytest.mark.parametrize(("at", "there"), [(1, []), (2, ["a"])], ids=["before", "after"])
def test_a_process_ends_before_or_after_a_write_was_carried_out(at: int, there: list[str]) -> None:
    inner, crash = MemoryStore(is_durable=True), Crash(at=at)
    with pytest.raises(Crashed):
        CrashingStore(inner, crash).write([Put(record("a"))], durable=True)
    assert kept(inner) == there
    assert crash.where == ("before durable write" if at == 1 else "after durable write")


def test_a_flush_with_nothing_to_do_is_no_call() -> None:
    store, _, clock = lossy()
    crash = Crash()
    crashing = CrashingStore(store, crash)
    crashing.flush_due(clock.monotonic())
    assert crash.passed == 0
    crashing.write([Put(record("a"))], durable=False)
    clock.advance(KEEP_SECONDS)
    crashing.flush_due(clock.monotonic())
    assert crash.passed == 4
