"""What holds of every decision, for every record that a rule can come to have."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.controller.changed import judge_changed, judge_missing
from rulectl.controller.condition import condition_missing, judge_condition
from rulectl.controller.outcome import attempt_failed, failed_for_good, succeeded
from rulectl.controller.sight import Begin, Decision, Forget, Judge, Judgement, Missing, Present, Rest, Resume
from rulectl.plan.model import RulePlan
from rulectl.state.codec import RECORDS
from rulectl.state.record import Record
from rulectl.value import decode
from tests.controller.samples import NOW, ON_BW, RUNNING, compiled, judging, seen

ALL = ["added", "modified", "deleted"]
PLANS = {
    "changed": compiled(changed=ON_BW, events=ALL),
    "when": compiled(changed=ON_BW, when=RUNNING, events=ALL),
    "default": compiled(changed=ON_BW, when=RUNNING),
    "skip": compiled(changed=ON_BW, events=ALL, existing="skip"),
    "slow": compiled(changed=ON_BW, when=RUNNING, events=ALL, debounce="10s", cooldown="1m", for_="5s"),
    "undone": compiled(changed=ON_BW, when=RUNNING, events=ALL[:2], resolved=[], resolvedFor="3s", resync="2m"),
    "presence": compiled(events=["added", "deleted"]),
    "condition": compiled(when=RUNNING, resolved=[], resync="2m"),
    "plain condition": compiled(when=RUNNING, for_="5s", cooldown="1m"),
    "new ones": compiled(when=RUNNING, events=["added"], existing="skip", resolved=[], resolvedFor="3s"),
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["see", "see", "see", "ok", "ok", "try", "fail", "gone", "left"]),
        st.sampled_from(["A", "B", None]),
        st.sampled_from([True, True, False, None]),
        st.sampled_from([0.0, 1.0, 20.0, 200.0]),
    ),
    max_size=14,
)
LAST = (st.sampled_from(["A", "B", None]), st.sampled_from([True, False, None]))


def look(plan: RulePlan, record: Record | None, at: Present, judge: Judge, now: float) -> Decision:
    decide = judge_condition if plan.form == "condition" else judge_changed
    return decide(plan, record, at, judge, now, "id")


def miss(plan: RulePlan, record: Record, missing: Missing, judge: Judge, now: float) -> Decision:
    if plan.form == "condition":
        return condition_missing(plan, record, missing, now)
    return judge_missing(plan, record, missing, judge, now)


def reached(plan: RulePlan, steps: list[tuple[str, str | None, bool | None, float]]) -> tuple[Record | None, float]:
    """A record that these steps lead to, and the time by then."""
    record: Record | None = None
    now = NOW
    for what, bw, holds, seconds in steps:
        now += seconds
        run = None if record is None else record.run
        match what:
            case "ok" if record is not None and run is not None:
                record = succeeded(plan, record, now)
            case "try" if record is not None and run is not None:
                record = attempt_failed(record, "not now")
            case "fail" if record is not None and run is not None:
                record = failed_for_good(plan, record, "never", now)
            case "gone" | "left" if record is not None:
                cause = "deleted" if what == "gone" else "left"
                record = miss(plan, record, Missing(cause), judging(holds), now).record  # type: ignore[arg-type]
            case _ if record is None or not record.gone:
                origin = "existing" if holds else "added"
                record = look(plan, record, seen(plan, bw, origin), judging(holds), now).record
            case _:
                pass
    return record, now


@pytest.mark.parametrize("name", PLANS)
@settings(max_examples=60, deadline=None)
@given(steps=STEPS, bw=LAST[0], holds=LAST[1])
def test_deciding_again_with_nothing_new_decides_the_same(
    name: str, steps: list[tuple[str, str | None, bool | None, float]], bw: str | None, holds: bool | None
) -> None:
    plan = PLANS[name]
    record, now = reached(plan, steps)
    if record is not None and record.gone:
        return
    first = look(plan, record, seen(plan, bw), judging(holds), now)
    second = look(plan, first.record, seen(plan, bw), judging(holds), now)
    if isinstance(first.verdict, Begin):
        assert isinstance(second.verdict, Resume), "what has begun goes on"
    else:
        assert second.verdict == first.verdict
    assert second.record == first.record, "nothing is left to be written"


@pytest.mark.parametrize("name", PLANS)
@settings(max_examples=60, deadline=None)
@given(steps=STEPS, bw=LAST[0], holds=LAST[1], cause=st.sampled_from(["deleted", "left"]))
def test_the_same_holds_when_the_object_is_missing(
    name: str, steps: list[tuple[str, str | None, bool | None, float]], bw: str | None, holds: bool | None, cause: str
) -> None:
    plan = PLANS[name]
    record, now = reached(plan, [*steps, ("see", bw, holds, 0.0)])
    if record is None or (record.gone and cause == "left"):
        return
    missing = Missing(cause)  # type: ignore[arg-type]
    first = miss(plan, record, missing, judging(holds), now)
    if isinstance(first.verdict, Forget):
        assert first.record is None
        return
    assert first.record is not None
    second = miss(plan, first.record, missing, judging(holds), now)
    assert isinstance(second.verdict, Resume) if isinstance(first.verdict, Begin) else second.verdict == first.verdict
    assert second.record == first.record


@pytest.mark.parametrize("name", PLANS)
@settings(max_examples=40, deadline=None)
@given(steps=STEPS, bw=LAST[0])
def test_a_settled_object_that_stays_as_it_is_costs_no_write(
    name: str, steps: list[tuple[str, str | None, bool | None, float]], bw: str | None
) -> None:
    plan = PLANS[name]
    record, now = reached(plan, steps)
    if record is not None and record.gone:
        return
    for _ in range(4):
        decision = look(plan, record, seen(plan, bw), judging(True), now)
        record = decision.record
        if isinstance(decision.verdict, Begin | Resume):
            assert record is not None
            record = succeeded(plan, record, now)
        elif isinstance(decision.verdict, Rest) and decision.verdict.until is not None:
            now = max(now, decision.verdict.until)
    if plan.resync_seconds is not None:
        return
    at_rest = look(plan, record, seen(plan, bw), judging(True), now)
    assert isinstance(at_rest.verdict, Rest)
    assert at_rest.record is record


@pytest.mark.parametrize("name", PLANS)
@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_every_record_survives_being_kept(name: str, steps: list[tuple[str, str | None, bool | None, float]]) -> None:
    record, _ = reached(PLANS[name], steps)
    if record is not None:
        assert RECORDS.of(decode(RECORDS.encode(record))) == record


@pytest.mark.parametrize("name", PLANS)
@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_numbers_only_grow_and_a_begun_run_has_the_newest(
    name: str, steps: list[tuple[str, str | None, bool | None, float]]
) -> None:
    last = 0
    for end in range(len(steps) + 1):
        record, _ = reached(PLANS[name], steps[:end])
        if record is None:
            last = 0
            continue
        assert record.number >= last
        assert record.run is None or record.run.number == record.number
        last = record.number


@pytest.mark.parametrize("name", PLANS)
@settings(max_examples=30, deadline=None)
@given(steps=STEPS, bw=LAST[0])
def test_an_unknown_judgement_begins_nothing(
    name: str, steps: list[tuple[str, str | None, bool | None, float]], bw: str | None
) -> None:
    plan = PLANS[name]
    record, now = reached(plan, steps)
    if (record is not None and record.gone) or (plan.when is None and plan.form != "condition"):
        return
    unknown: Callable[..., Judgement] = judging(None)
    assert not isinstance(look(plan, record, seen(plan, bw), unknown, now).verdict, Begin)
