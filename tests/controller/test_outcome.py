"""What becomes of a record when a run of it, or an action, has ended."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from rulectl.controller.beginning import add_tried, in_force, is_dead_letter, is_in_force, with_tried
from rulectl.controller.changed import judge_changed, judge_missing
from rulectl.controller.outcome import action_done, attempt_failed, failed_for_good, is_used_up, retried, succeeded
from rulectl.controller.sight import Missing
from rulectl.state.record import Record, TargetRef, Tried
from tests.controller.samples import (
    BW,
    NOW,
    ON_BW,
    begun,
    compiled,
    failed,
    half_done,
    judging,
    seen,
    settled,
    success,
    unasked,
)

PLAN = compiled(changed=ON_BW, events=["added", "modified", "deleted"], retry={"attempts": 2})
UNDONE = compiled(changed=ON_BW, resolved=[])


def fire(plan: object = PLAN, bw: str = "B") -> Record:
    assert plan is PLAN or plan is UNDONE
    chosen = PLAN if plan is PLAN else UNDONE
    return begun(judge_changed(chosen, settled(chosen, "A"), seen(chosen, bw), judging(), NOW, "id"))


def resolve() -> Record:
    return begun(judge_missing(UNDONE, success(UNDONE, fire(UNDONE)), Missing("deleted"), unasked, NOW))


def delete() -> Record:
    return begun(judge_missing(PLAN, settled(PLAN, "A"), Missing("deleted"), unasked, NOW))


def test_success_makes_the_runs_values_the_baseline() -> None:
    after = success(PLAN, fire(), NOW + 3)
    assert (dict(after.base), after.old) == ({BW: "B"}, seen(PLAN, "B").object)
    assert (after.run, after.owed, after.failed, after.tried) == (None, None, None, ())
    assert (after.last_success, after.last_end) == (NOW + 3, NOW + 3)


def test_success_is_in_force_only_where_something_may_end_it() -> None:
    assert success(PLAN, fire()).fired is None
    assert success(UNDONE, fire(UNDONE)).fired is not None


@pytest.mark.parametrize("record", [delete(), resolve()], ids=["delete", "resolve of what is gone"])
def test_success_of_the_last_run_ends_the_record(record: Record) -> None:
    assert succeeded(UNDONE, record, NOW) is None


def test_after_a_resolve_the_baseline_is_empty() -> None:
    after = success(UNDONE, replace(resolve(), gone=False))
    assert (dict(after.base), after.old, after.fired, after.settled) == ({}, None, None, True)


def test_an_action_that_is_done_is_kept_with_its_result() -> None:
    run = action_done(action_done(fire(), "first", {"status": 200}), "second", None).run
    assert run is not None
    assert run.done == {"first": {"status": 200}, "second": None}


def test_a_try_that_did_not_work_counts_and_leaves_the_run_begun() -> None:
    run = attempt_failed(attempt_failed(fire(), "503"), "504").run
    assert run is not None
    assert (run.attempts, run.error) == (2, "504")


def test_attempts_are_used_up_at_the_rules_limit_and_never_without_one() -> None:
    once, twice = half_done(fire()), half_done(half_done(fire()))
    assert [is_used_up(PLAN, once), is_used_up(PLAN, twice)] == [False, True]
    assert not is_used_up(UNDONE, twice)


def test_failing_for_good_keeps_old_and_counts_the_values_as_tried() -> None:
    after = failed_for_good(PLAN, fire(), "422", NOW)
    assert (dict(after.base), after.run, after.owed) == ({BW: "A"}, None, None)
    assert after.failed is not None
    assert (after.failed.message, after.failed.values) == ("422", {BW: "B"})
    assert [one.values for one in after.tried] == [{BW: "B"}]


@pytest.mark.parametrize(
    ("record", "is_letter"),
    [(failed(PLAN, fire()), False), (failed(PLAN, delete()), True), (failed(UNDONE, resolve()), True), (fire(), False)],
    ids=["fire", "delete", "resolve", "begun"],
)
def test_a_dead_letter_is_an_end_that_failed_for_good(record: Record, is_letter: bool) -> None:
    assert is_dead_letter(record) is is_letter


def test_a_person_has_what_failed_run_again_with_the_same_old_and_the_next_number() -> None:
    record = failed(PLAN, fire())
    again = retried(record, NOW + 5)
    assert again.run is not None
    assert record.failed is not None
    assert (again.run.number, again.run.values, again.run.old) == (record.number + 1, {BW: "B"}, record.failed.old)
    assert (again.failed, again.run.attempts) == (None, 0)


def test_retrying_what_did_not_fail_is_nothing() -> None:
    record = fire()
    assert retried(record, NOW) is record


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (settled(UNDONE, "A"), False),
        (fire(UNDONE), True),
        (half_done(fire(UNDONE)), True),
        (failed(UNDONE, fire(UNDONE)), True),
        (success(UNDONE, fire(UNDONE)), True),
    ],
    ids=["settled", "begun", "half done", "failed for good", "fired"],
)
def test_in_force_is_what_has_begun(record: Record, expected: bool) -> None:
    assert is_in_force(record) is expected
    if expected:
        assert in_force(record)[0] == seen(UNDONE, "B").object


def test_the_state_that_a_begun_run_tries_is_the_newest_one_tried() -> None:
    first = half_done(fire())
    second = begun(judge_changed(PLAN, first, seen(PLAN, "C"), judging(), NOW, "id"))
    assert [one.values for one in with_tried(second)] == [{BW: "B"}, {BW: "C"}]


def test_a_state_that_is_tried_again_moves_to_the_end_and_few_are_kept() -> None:
    states = [Tried({BW: str(n)}, None) for n in range(40)]
    kept: tuple[Tried, ...] = ()
    for state in [*states, states[30]]:
        kept = add_tried(kept, state)
    assert len(kept) == 16
    assert kept[-1] == states[30]
    assert kept.count(states[30]) == 1


def test_recorded_targets_are_acted_on_by_the_run_for_the_end() -> None:
    record = success(UNDONE, fire(UNDONE))
    assert record.fired is not None
    targets = (TargetRef("t", "default", "web", "done"),)
    run = begun(
        judge_missing(
            UNDONE, replace(record, fired=replace(record.fired, targets=targets)), Missing("left"), unasked, NOW
        )
    ).run
    assert run is not None
    assert run.targets == (TargetRef("t", "default", "web"),)
