"""How a source's run becomes runs of its targets, and how it ends when they have."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rulectl.controller.fanout import as_source, collect, has_met, judge_target, newest_of, offered, target_ended
from rulectl.controller.sight import Begin, Decision, Forget, Rest, Resume
from rulectl.state.record import Finished, Record, Run, Source, TargetRef
from tests.controller.samples import NOW, ON_BW, begun, compiled, kept

EACH = {"apiVersion": "apps/v1", "kind": "Deployment", "references": "object"}
PLAN = compiled(changed=ON_BW, forEach=EACH)
TARGET = Record("r", "t", "tid", "default", "web", is_target=True)


def source(uid: str = "s", number: int = 1, arrived: float = NOW, stage: Any = "fire") -> Source:
    return Source(uid, "default", uid, number, stage, "modified", {"uid": uid}, arrived=arrived)


def decide(
    target: Record, now: float = NOW, plan: Any = PLAN, current: bool = True, wanted: bool = True, exists: bool = True
) -> Decision:
    return judge_target(plan, target, lambda _u, _n: current, lambda _u, _n: wanted, now, exists=exists)


def waiting(*sources: Source) -> Record:
    return replace(TARGET, waiting=sources)


def test_a_source_is_offered_once() -> None:
    once = offered(TARGET, source())
    assert once.waiting == (source(),)
    assert offered(once, source(arrived=NOW + 9)) is once


def test_a_newer_run_of_the_same_source_takes_the_place_of_the_older() -> None:
    after = offered(offered(TARGET, source(number=1)), source(number=2))
    assert [one.number for one in after.waiting] == [2]


@pytest.mark.parametrize(
    "target",
    [
        replace(TARGET, run=Run(1, "fire", "modified", NOW, sources=(source(),))),
        replace(TARGET, finished=(Finished("s", 1),)),
    ],
    ids=["under way", "ended"],
)
def test_a_run_that_the_target_has_met_is_not_offered_again(target: Record) -> None:
    assert has_met(target, "s", source())
    assert offered(target, source()) is target
    assert offered(target, source(number=2)) is not target


def test_sources_that_wait_merge_into_one_run_and_the_newest_is_the_object() -> None:
    record = begun(
        decide(waiting(source("a", arrived=NOW - 1), source("b", arrived=NOW), source("c", arrived=NOW - 2)))
    )
    assert record.run is not None
    assert [one.uid for one in record.run.sources] == ["a", "b", "c"]
    assert (record.run.object, record.waiting) == ({"uid": "b"}, ())


def test_of_two_that_came_together_the_later_one_in_line_is_the_newest() -> None:
    assert newest_of((source("a"), source("b"))).uid == "b"


def test_resolves_do_not_merge_with_other_runs() -> None:
    record = begun(decide(waiting(source("a"), source("b", stage="resolve", arrived=NOW + 1)), now=NOW + 1))
    assert record.run is not None
    assert [one.uid for one in record.run.sources] == ["b"]
    assert [one.uid for one in record.waiting] == ["a"]


def test_debounce_and_cooldown_are_the_targets() -> None:
    plan = compiled(changed=ON_BW, forEach=EACH, debounce="10s", cooldown="1m")
    assert decide(waiting(source()), plan=plan).verdict == Rest(NOW + 10)
    assert decide(replace(waiting(source()), last_success=NOW), plan=plan).verdict == Rest(NOW + 60)
    resolve = waiting(source(stage="resolve"))
    assert isinstance(decide(replace(resolve, last_success=NOW), plan=plan).verdict, Begin)


def test_a_begun_run_goes_on_while_a_source_wants_it() -> None:
    target = replace(TARGET, number=1, run=Run(1, "fire", "modified", NOW, sources=(source(),)))
    assert isinstance(decide(target).verdict, Resume)
    given_up = decide(target, wanted=False)
    assert given_up.verdict == Rest()
    assert kept(given_up).run is None


@pytest.mark.parametrize(
    ("target", "exists", "verdict"),
    [
        pytest.param(waiting(source()), True, Rest, id="there"),
        pytest.param(waiting(source()), False, Forget, id="gone"),
        pytest.param(
            replace(TARGET, finished=(Finished("s", 1),)), False, Forget, id="gone, notes that nobody waits for"
        ),
    ],
)
def test_what_is_out_of_date_is_dropped(target: Record, exists: bool, verdict: type) -> None:
    assert isinstance(decide(target, current=False, exists=exists).verdict, verdict)


def test_a_target_that_is_gone_keeps_its_notes_until_the_sources_have_read_them() -> None:
    target = replace(TARGET, finished=(Finished("s", 1),))
    assert decide(target, exists=False).record is target


def test_an_ended_run_leaves_every_source_a_note_in_place_of_its_older_one() -> None:
    run = Run(2, "fire", "modified", NOW, sources=(source("a", 5), source("b", 1)))
    target = replace(TARGET, run=run, finished=(Finished("a", 4), Finished("c", 1)))
    after = target_ended(target, NOW, "422")
    assert after.finished == (Finished("c", 1), Finished("a", 5, "422"), Finished("b", 1, "422"))
    assert (after.run, after.last_success, after.last_end) == (None, None, NOW)
    assert target_ended(target, NOW).last_success == NOW


def with_targets(*ended: Any) -> Record:
    refs = tuple(TargetRef(f"t{number}", "default", f"t{number}", how) for number, how in enumerate(ended))
    return Record("r", "s", "sid", "default", "s", number=1, run=Run(1, "fire", "modified", NOW, targets=refs))


def noted(**notes: str) -> Any:
    return lambda uid: replace(TARGET, uid=uid, finished=(Finished("s", 1, notes[uid]),)) if uid in notes else None


def test_the_source_waits_for_targets_that_have_left_no_note() -> None:
    record = with_targets("", "", "done")
    collected = collect(record, noted(t0=""))
    assert [ref.name for ref in collected.missing] == ["t1"]
    assert not collected.is_over
    assert collect(collected.record, noted(t0="")).record is collected.record


def test_the_source_is_over_when_all_have() -> None:
    collected = collect(with_targets("", ""), noted(t0="", t1=""))
    assert (collected.is_over, collected.error) == (True, "")


def test_one_target_that_failed_for_good_fails_the_source_with_its_words() -> None:
    collected = collect(with_targets("", ""), noted(t0="422", t1=""))
    assert (collected.is_over, collected.error) == (True, "default/t0: 422")
    later = collect(collected.record, noted())
    assert later.error == "default/t0 failed for good"


def test_without_targets_the_source_is_over_at_once() -> None:
    assert collect(with_targets(), noted()).is_over


def test_what_a_target_sees_of_its_source_is_the_run_as_it_began() -> None:
    run = Run(3, "resolve", "resolved", NOW, object={"x": 1}, old={"x": 0}, cause="cleared", since=5.0)
    seen = as_source(Record("r", "s", "sid", "default", "s"), run, NOW + 1)
    assert (seen.uid, seen.number, seen.stage, seen.cause, seen.since) == ("s", 3, "resolve", "cleared", 5.0)
    assert (seen.object, seen.old, seen.arrived) == ({"x": 1}, {"x": 0}, NOW + 1)
