"""When a rule with `changed` owes a run."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.controller.changed import judge_changed, judge_missing, settle
from rulectl.controller.sight import Begin, Forget, Missing, Rest, Resume
from rulectl.state.record import Record
from tests.controller.samples import (
    BOTH,
    BW,
    NOW,
    ON_BW,
    begun,
    compiled,
    failed,
    half_done,
    judging,
    kept,
    seen,
    settled,
    success,
    unasked,
)

PLAN = compiled(changed=ON_BW, events=[*BOTH, "deleted"])
GONE = Missing("deleted")


def decide(record: Record | None, bw: str | None, holds: bool | None = True, now: float = NOW, plan: Any = PLAN) -> Any:
    return judge_changed(plan, record, seen(plan, bw), judging(holds), now, "id")


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        pytest.param(None, "A", Begin, id="new, with a value"),
        pytest.param(None, None, Rest, id="new, without one"),
        pytest.param("A", "B", Begin, id="another value"),
        pytest.param("A", "A", Rest, id="the same value"),
        pytest.param("A", None, Begin, id="the value went"),
    ],
)
def test_a_difference_from_the_baseline_begins_a_run(before: str | None, now: str | None, verdict: type) -> None:
    record = None if before is None else settled(PLAN, before)
    assert isinstance(decide(record, now).verdict, verdict)


def test_a_new_object_without_a_value_settles_with_an_empty_baseline() -> None:
    record = kept(decide(None, None))
    assert (record.settled, dict(record.base), record.owed) == (True, {}, None)


def test_a_run_has_the_baseline_as_old_and_one_change_for_each_path() -> None:
    run = begun(decide(settled(PLAN, "A"), "B")).run
    assert run is not None
    assert run.event == "modified"
    assert run.old == settled(PLAN, "A").old
    assert [(one.path, one.old, one.new) for one in run.changes] == [(BW, "A", "B")]


def test_what_is_owed_waits_while_the_terms_do_not_hold() -> None:
    decision = decide(settled(PLAN, "A"), "B", holds=False)
    assert isinstance(decision.verdict, Rest)
    assert kept(decision).owed is not None
    assert kept(decision).base == {BW: "A"}


def test_an_unknown_judgement_settles_nothing_and_runs_nothing() -> None:
    decision = decide(settled(PLAN, "A"), "B", holds=None)
    assert isinstance(decision.verdict, Rest)
    assert kept(decision).base == {BW: "A"}


def test_what_goes_back_before_its_run_began_lapses() -> None:
    waiting = kept(decide(settled(PLAN, "A"), "B", holds=False))
    after = kept(decide(waiting, "A"))
    assert (after.owed, after.run, after.pending) == (None, None, None)


def test_a_begun_run_goes_on_while_its_values_are_there() -> None:
    record = half_done(begun(decide(settled(PLAN, "A"), "B")))
    assert isinstance(decide(record, "B").verdict, Resume)


@pytest.mark.parametrize(("now", "old"), [("C", "A"), ("A", "B")], ids=["on to a third value", "back to the baseline"])
def test_a_begun_run_whose_values_moved_gives_way_to_a_new_one(now: str, old: str) -> None:
    first = half_done(begun(decide(settled(PLAN, "A"), "B")))
    second = begun(decide(first, now))
    assert second.run is not None
    assert second.run.number == 3
    assert second.run.old == seen(PLAN, old).object
    assert [tried.values for tried in second.tried] == [{BW: "B"}]


def test_after_going_back_and_forth_success_forgets_what_was_tried() -> None:
    first = half_done(begun(decide(settled(PLAN, "A"), "B")))
    after = success(PLAN, begun(decide(first, "A")))
    assert (after.tried, after.run, after.owed) == ((), None, None)
    assert isinstance(decide(after, "A").verdict, Rest)


def test_what_failed_for_good_runs_again_only_for_another_value() -> None:
    record = failed(PLAN, begun(decide(settled(PLAN, "A"), "B")))
    assert isinstance(decide(record, "B").verdict, Rest)
    again = begun(decide(record, "C"))
    assert again.run is not None
    assert again.run.old == seen(PLAN, "A").object


def test_going_back_from_what_failed_for_good_is_a_change_as_well() -> None:
    record = failed(PLAN, begun(decide(settled(PLAN, "A"), "B")))
    run = begun(decide(record, "A")).run
    assert run is not None
    assert run.old == seen(PLAN, "B").object


@pytest.mark.parametrize(
    ("events", "before", "verdict"),
    [
        pytest.param(["added"], "A", Rest, id="modified is not listed"),
        pytest.param(["modified"], None, Rest, id="added is not listed"),
        pytest.param(["modified"], "A", Begin, id="modified is listed"),
        pytest.param(["added"], None, Begin, id="added is listed"),
    ],
)
def test_events_that_are_not_listed_settle_silently(events: list[str], before: str | None, verdict: type) -> None:
    plan = compiled(changed=ON_BW, events=events)
    decision = decide(None if before is None else settled(plan, before), "B", plan=plan)
    assert isinstance(decision.verdict, verdict)
    assert verdict is Begin or kept(decision).base == {BW: "B"}


def test_what_exists_when_a_rule_with_skip_is_new_settles_with_todays_values() -> None:
    plan = compiled(changed=ON_BW, events=BOTH, existing="skip")
    decision = judge_changed(plan, None, seen(plan, "A", "existing"), judging(), NOW, "id")
    assert isinstance(decision.verdict, Rest)
    assert kept(decision).base == {BW: "A"}


PHASE = {"fields": [{"path": "status.phase", "from": "Pending", "to": ["Running", "Failed"]}]}


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [
        ("Pending", "Running", Begin),
        ("Pending", "Failed", Begin),
        ("Pending", "Succeeded", Rest),
        ("Unknown", "Running", Rest),
    ],
)
def test_only_the_steps_that_are_asked_for_are_owed(old: str, new: str, verdict: type) -> None:
    plan = compiled(changed=PHASE)
    before = seen(plan, phase=old)
    record = Record("r", "u", "id", "default", "a", base=before.values, old=before.object, settled=True)
    decision = judge_changed(plan, record, seen(plan, phase=new), judging(), NOW, "id")
    assert isinstance(decision.verdict, verdict)
    assert verdict is Begin or kept(decision).base == {"status.phase": new}


# ------------------------------------------------------------- the object is gone


def test_the_deletion_of_what_was_told_begins_a_run_with_that_as_old() -> None:
    run = begun(judge_missing(PLAN, settled(PLAN, "A"), GONE, unasked, NOW)).run
    assert run is not None
    assert (run.stage, run.event, run.old) == ("delete", "deleted", settled(PLAN, "A").old)


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        pytest.param(settled(PLAN, None), Forget, id="nothing was ever told"),
        pytest.param(settled(PLAN, "A"), Begin, id="a value was told"),
        pytest.param(half_done(begun(decide(None, "A"))), Begin, id="a value was tried"),
        pytest.param(failed(PLAN, begun(decide(None, "A"))), Begin, id="a value was tried and failed for good"),
        pytest.param(settled(PLAN, "A", when_held=False), Forget, id="the terms did not hold"),
    ],
)
def test_a_deletion_runs_where_there_is_something_to_undo(record: Record, verdict: type) -> None:
    decision = judge_missing(PLAN, record, GONE, judging(False), NOW)
    assert isinstance(decision.verdict, verdict)


def test_a_deletion_runs_if_the_terms_hold_in_the_last_seen_state() -> None:
    record = settled(PLAN, "A", when_held=False)
    assert isinstance(judge_missing(PLAN, record, GONE, judging(True), NOW).verdict, Begin)


def test_a_deletion_whose_terms_are_unknown_waits() -> None:
    record = settled(PLAN, "A", when_held=False)
    decision = judge_missing(PLAN, record, GONE, judging(None, next_change=NOW + 60), NOW)
    assert decision.verdict == Rest(NOW + 60)


def test_a_deletion_that_failed_for_good_rests() -> None:
    record = failed(PLAN, begun(judge_missing(PLAN, settled(PLAN, "A"), GONE, unasked, NOW)))
    decision = judge_missing(PLAN, record, GONE, unasked, NOW)
    assert decision.record is record
    assert decision.verdict == Rest()


def test_leaving_the_scope_keeps_the_record() -> None:
    decision = judge_missing(PLAN, settled(PLAN, "A"), Missing("left"), unasked, NOW)
    assert isinstance(decision.verdict, Rest)
    assert kept(decision).base == {BW: "A"}


def test_a_resolve_that_failed_for_good_is_not_begun_again_when_the_object_is_gone() -> None:
    plan = compiled(changed=ON_BW, resolved=[])
    record = success(plan, begun(judge_changed(plan, settled(plan, "A"), seen(plan, "B"), judging(), NOW, "id")))
    resolves = begun(judge_missing(plan, record, GONE, unasked, NOW))
    decision = judge_missing(plan, failed(plan, resolves), GONE, unasked, NOW)
    assert decision.verdict == Rest()


# ------------------------------------------------------------- settling


def test_settling_what_is_settled_gives_back_the_very_record() -> None:
    record = settled(PLAN, "A")
    assert settle(record, seen(PLAN, "A"), holds=True) is record


@pytest.mark.parametrize(
    "changes",
    [{"settled": False}, {"when_held": False}, {"muted": True}, {"pending": {}}],
    ids=["not settled", "held otherwise", "muted", "pending"],
)
def test_settling_anything_else_gives_another_one(changes: dict[str, Any]) -> None:
    record = settled(PLAN, "A", **changes)
    after = settle(record, seen(PLAN, "A"), holds=True)
    assert after is not record
    assert settle(after, seen(PLAN, "A"), holds=True) is after
