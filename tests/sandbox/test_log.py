from __future__ import annotations

from rulectl.sandbox.log import Event, Log
from rulectl.sandbox.stored import Stored


def event(rv: int) -> Event:
    item = Stored("k", {}, rv)
    return Event(rv, "MODIFIED", "k", item, None)


def log_of(count: int, window: int) -> Log:
    log = Log(window, 1000)
    for rv in range(1001, 1001 + count):
        log.append(event(rv))
    return log


def test_a_cursor_stands_in_front_of_the_first_newer_event() -> None:
    log = log_of(5, window=10)
    read = log.read(log.cursor_after(1003), 10)
    assert read is not None
    assert [entry.rv for entry in read] == [1004, 1005]


def test_the_floor_is_the_newest_event_that_fell_out_of_the_window() -> None:
    assert log_of(10, window=10).floor == 1000
    assert log_of(13, window=10).floor == 1003


def test_a_reader_that_is_slower_than_the_window_is_told_so() -> None:
    log = log_of(3, window=10)
    cursor = log.cursor_after(1000)
    for rv in range(1004, 1012):
        log.append(event(rv))
    assert log.read(cursor, 10) is None


def test_compaction_raises_the_floor_but_lets_those_who_read_go_on() -> None:
    log = log_of(5, window=10)
    cursor = log.cursor_after(1002)
    log.compact(1005)
    assert log.floor == 1005
    assert len(log.read(cursor, 10) or ()) == 3


def test_what_is_read_does_not_depend_on_what_was_taken_out_of_memory() -> None:
    log = log_of(5000, window=100)
    read = log.read(log.cursor_after(5990), 100)
    assert read is not None
    assert [entry.rv for entry in read] == list(range(5991, 6001))
