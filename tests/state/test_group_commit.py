from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from rulectl.clock import VirtualClock
from rulectl.errors import PermanentError, RulectlError, TransientError
from rulectl.state.group_commit import GroupCommit
from rulectl.state.store import Drop, DropRule, Edit, Put, PutRule
from tests.state.sample import record, rule_state

A, B, C = (Put(record(uid)) for uid in "abc")


class Disk:
    """Takes batches; refuses where `errors` says so; `gate` holds a commit up."""

    def __init__(self, *errors: RulectlError | None) -> None:
        self.batches: list[list[Edit]] = []
        self.errors = list(errors)
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def commit(self, edits: Sequence[Edit]) -> None:
        self.entered.set()
        self.gate.wait()
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.batches.append(list(edits))


def test_edits_stay_in_memory_until_a_durable_write_takes_them_along() -> None:
    disk = Disk()
    group = GroupCommit(disk.commit, VirtualClock())
    group.write([A], durable=False)
    group.write([B], durable=False)
    assert disk.batches == []
    group.write([C], durable=True)
    assert disk.batches == [[A, B, C]]


def test_flush_commits_what_waits_and_nothing_twice() -> None:
    disk = Disk()
    group = GroupCommit(disk.commit, VirtualClock())
    group.write([A], durable=False)
    group.flush()
    group.flush()
    assert disk.batches == [[A]]


def test_what_waits_is_due_after_a_while() -> None:
    disk, clock = Disk(), VirtualClock()
    group = GroupCommit(disk.commit, clock, keep_seconds=5.0)
    group.write([A], durable=False)
    clock.advance(1.0)
    group.write([B], durable=False)
    assert group.next_flush() == 5.0
    group.flush_due(4.9)
    assert disk.batches == []
    group.flush_due(5.0)
    assert (disk.batches, group.next_flush()) == ([[A, B]], None)


def test_a_durable_write_lingers_for_others_on_the_clock_it_was_given() -> None:
    clock = VirtualClock()
    group = GroupCommit(Disk().commit, clock, linger_seconds=0.05)
    group.write([A], durable=True)
    assert clock.monotonic() == 0.05


def test_a_failed_commit_fails_the_durable_writes_and_forgets_their_edits() -> None:
    disk = Disk(TransientError("full", retry_after_seconds=3.0))
    group = GroupCommit(disk.commit, VirtualClock())
    group.write([A], durable=False)
    with pytest.raises(TransientError, match="full") as caught:
        group.write([B], durable=True)
    assert caught.value.retry_after_seconds == 3.0
    group.write([C], durable=True)
    assert disk.batches == [[A, C]]


def test_kept_edits_are_in_front_of_later_ones_after_a_failure() -> None:
    disk = Disk(TransientError("full"))
    group = GroupCommit(disk.commit, VirtualClock())
    first, second = Put(record("a", number=1)), Put(record("a", number=2))
    group.write([first], durable=False)
    with pytest.raises(TransientError):
        group.flush()
    group.write([second], durable=True)
    assert disk.batches == [[first, second]]


def test_during_an_outage_only_the_newest_edit_of_a_key_waits() -> None:
    disk, clock = Disk(*[TransientError("full")] * 3), VirtualClock()
    group = GroupCommit(disk.commit, clock)
    rule = PutRule(rule_state("r"))
    for number in range(3):
        group.write([Put(record("a", number=number)), rule, Drop("r", "x")], durable=False)
        with pytest.raises(TransientError):
            group.flush()
    group.write([DropRule("r")], durable=False)
    group.flush()
    assert disk.batches == [[Put(record("a", number=2)), rule, Drop("r", "x"), DropRule("r")]]


def test_after_a_failure_the_rest_is_due_again_a_while_later() -> None:
    disk, clock = Disk(TransientError("full")), VirtualClock()
    group = GroupCommit(disk.commit, clock, keep_seconds=5.0)
    group.write([A], durable=False)
    clock.advance(7.0)
    with pytest.raises(TransientError):
        group.flush_due(clock.monotonic())
    assert group.next_flush() == 12.0


def test_threads_that_write_at_once_share_a_commit() -> None:
    disk = Disk()
    disk.gate.clear()
    group = GroupCommit(disk.commit, VirtualClock())
    first = threading.Thread(target=group.write, args=([A],), kwargs={"durable": True})
    first.start()
    disk.entered.wait()
    others = [
        threading.Thread(target=group.write, args=([Put(record(f"u{n}"))],), kwargs={"durable": True}) for n in range(5)
    ]
    for thread in others:
        thread.start()
    while len(group._calls) < 5:
        threading.Event().wait(0.001)
    disk.gate.set()
    for thread in [first, *others]:
        thread.join()
    assert [len(batch) for batch in disk.batches] == [1, 5]


def test_each_thread_of_a_failed_commit_is_told() -> None:
    disk = Disk(None, PermanentError("gone"))
    disk.gate.clear()
    group = GroupCommit(disk.commit, VirtualClock())
    told: list[RulectlError] = []

    def write(edit: Edit) -> None:
        try:
            group.write([edit], durable=True)
        except RulectlError as error:
            told.append(error)

    threads = [threading.Thread(target=write, args=(A,))]
    threads[0].start()
    disk.entered.wait()
    threads += [threading.Thread(target=write, args=(Put(record(f"u{n}")),)) for n in range(4)]
    for thread in threads[1:]:
        thread.start()
    while len(group._calls) < 4:
        threading.Event().wait(0.001)
    disk.gate.set()
    for thread in threads:
        thread.join()
    assert [str(error) for error in told] == ["gone"] * 4
    assert len({id(error) for error in told}) == 4


def test_a_bug_in_the_commit_shows_and_leaves_nobody_waiting() -> None:
    def commit(edits: Sequence[Edit]) -> None:
        raise ZeroDivisionError(edits)

    group = GroupCommit(commit, VirtualClock())
    with pytest.raises(ZeroDivisionError):
        group.write([A], durable=True)
    with pytest.raises(ZeroDivisionError):
        group.write([B], durable=True)
