"""When a rule with `when` alone fires, and when it resolves."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rulectl.controller.condition import condition_missing, judge_condition
from rulectl.controller.sight import Begin, Decision, Forget, Missing, Rest, Resume
from rulectl.state.record import Record
from tests.controller.samples import NOW, RUNNING, begun, compiled, failed, half_done, judging, kept, seen, success

PLAN = compiled(when=RUNNING, resolved=[])
NO_RESOLVE = compiled(when=RUNNING)
GONE, LEFT = Missing("deleted"), Missing("left")


def decide(record: Record | None, holds: bool | None, now: float = NOW, plan: Any = PLAN, **more: Any) -> Decision:
    origin = more.pop("origin", "added")
    return judge_condition(plan, record, seen(plan, origin=origin), judging(holds, **more), now, "id")


def fired(plan: Any = PLAN) -> Record:
    return success(plan, begun(decide(None, True, plan=plan)))


def test_true_at_first_sight_fires_as_added() -> None:
    run = begun(decide(None, True)).run
    assert run is not None
    assert (run.stage, run.event, run.old) == ("fire", "added", None)


def test_true_later_fires_as_modified_with_the_false_state_as_old() -> None:
    idle = kept(decide(None, False))
    run = begun(decide(idle, True)).run
    assert run is not None
    assert (run.event, run.old) == ("modified", seen(PLAN).object)


def test_while_it_stays_true_nothing_runs_and_nothing_is_written() -> None:
    record = fired()
    decision = decide(record, True)
    assert decision.record is record
    assert decision.verdict == Rest()


def test_while_it_stays_false_nothing_is_written_either() -> None:
    idle = kept(decide(kept(decide(None, False)), False))
    assert kept(decide(idle, False)) == idle


def test_for_delays_and_false_meanwhile_starts_it_over() -> None:
    plan = compiled(when=RUNNING, for_="5m")
    first = decide(None, True, plan=plan)
    assert first.verdict == Rest(NOW + 300)
    broken = kept(decide(kept(first), False, NOW + 100, plan))
    second = decide(broken, True, NOW + 200, plan)
    assert second.verdict == Rest(NOW + 500)
    assert isinstance(decide(kept(second), True, NOW + 500, plan).verdict, Begin)


def test_unknown_changes_nothing() -> None:
    record = fired()
    assert decide(record, None).record is record


def test_false_after_it_fired_resolves_with_the_values_it_fired_with() -> None:
    run = begun(decide(fired(), False, NOW + 7)).run
    assert run is not None
    assert (run.stage, run.event, run.cause, run.since) == ("resolve", "resolved", "cleared", NOW)
    assert run.old == seen(PLAN).object


def test_half_done_resolves_too() -> None:
    record = half_done(begun(decide(None, True)))
    assert begun(decide(record, False)).run is not None


def test_failed_for_good_resolves_too() -> None:
    record = failed(PLAN, begun(decide(None, True)))
    assert isinstance(decide(record, True).verdict, Rest)
    assert isinstance(decide(record, False).verdict, Begin)


def test_without_resolved_it_is_idle_at_once() -> None:
    decision = decide(fired(NO_RESOLVE), False, plan=NO_RESOLVE)
    assert decision.verdict == Rest()
    assert (kept(decision).fired, kept(decision).run) == (None, None)


def test_resolved_for_waits_and_true_again_keeps_it_fired() -> None:
    plan = compiled(when=RUNNING, resolved=[], resolvedFor="5m")
    waiting = decide(fired(plan), False, plan=plan)
    assert waiting.verdict == Rest(NOW + 300)
    again = decide(kept(waiting), True, NOW + 100, plan)
    assert again.verdict == Rest()
    assert kept(again).fired is not None
    assert decide(kept(again), False, NOW + 200, plan).verdict == Rest(NOW + 500)


def test_a_resolve_that_has_begun_is_gone_on_with_though_it_holds_again() -> None:
    resolving = begun(decide(fired(), False))
    assert isinstance(decide(resolving, True).verdict, Resume)


def test_after_it_was_resolved_it_fires_again_with_the_next_number() -> None:
    over = success(PLAN, begun(decide(fired(), False)))
    run = begun(decide(over, True)).run
    assert run is not None
    assert run.number == 3


def test_existing_skip_fires_nothing_before_it_was_false_once() -> None:
    plan = compiled(when=RUNNING, existing="skip")
    muted = kept(decide(None, True, plan=plan, origin="existing"))
    assert isinstance(decide(muted, True, plan=plan).verdict, Rest)
    assert isinstance(decide(kept(decide(muted, False, plan=plan)), True, plan=plan).verdict, Begin)


@pytest.mark.parametrize("event", ["added", "modified"])
def test_events_choose_what_may_fire(event: str) -> None:
    plan = compiled(when=RUNNING, events=[event])
    new = decide(None, True, plan=plan).verdict
    later = decide(kept(decide(None, False, plan=plan)), True, plan=plan).verdict
    assert (isinstance(new, Begin), isinstance(later, Begin)) == (event == "added", event == "modified")


@pytest.mark.parametrize(
    ("record", "missing", "verdict"),
    [
        pytest.param(fired(), GONE, Begin, id="fired, deleted"),
        pytest.param(fired(), LEFT, Begin, id="fired, left"),
        pytest.param(half_done(begun(decide(None, True))), GONE, Begin, id="half done, deleted"),
        pytest.param(kept(decide(None, False)), GONE, Forget, id="idle, deleted"),
        pytest.param(kept(decide(None, False)), LEFT, Rest, id="idle, left"),
        pytest.param(begun(decide(fired(), False)), GONE, Resume, id="resolving, deleted"),
    ],
)
def test_an_object_that_goes_resolves_what_is_in_force(record: Record, missing: Missing, verdict: type) -> None:
    assert isinstance(condition_missing(PLAN, record, missing, NOW).verdict, verdict)


def test_a_resolve_that_failed_for_good_rests_when_the_object_is_gone() -> None:
    record = replace(begun(condition_missing(PLAN, fired(), GONE, NOW)), gone=True)
    decision = condition_missing(PLAN, failed(PLAN, record), GONE, NOW)
    assert decision.verdict == Rest()


def test_resync_runs_again_after_about_its_period_and_does_not_count_as_fired_anew() -> None:
    plan = compiled(when=RUNNING, resync="10m")
    record = fired(plan)
    waits = decide(record, True, plan=plan).verdict
    assert isinstance(waits, Rest)
    assert waits.until == pytest.approx(NOW + 600, abs=60)
    run = begun(decide(record, True, NOW + 661, plan)).run
    assert run is not None
    assert (run.stage, run.event, run.changes) == ("resync", "resync", ())
