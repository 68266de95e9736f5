"""`for`, `since`, `debounce`, `cooldown`, `resync`: from when on a rule may run."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from rulectl.controller.clocks import (
    changed_may_run,
    condition_may_run,
    cooled,
    deletion_may_run,
    earliest,
    holds_from,
    resync_due,
)
from rulectl.controller.sight import Judgement
from rulectl.state.record import Record
from tests.controller.samples import NOW, ON_BW, RUNNING, compiled

RECORD = Record("r", "u", "id", "default", "a", settled=True)
HOLDS = Judgement(holds=True)


@pytest.mark.parametrize(
    ("times", "first"), [((), None), ((None,), None), ((3.0, None, 2.0), 2.0)], ids=["none", "unknown", "some"]
)
def test_the_earliest_of_the_times_that_are_known(times: tuple[float | None, ...], first: float | None) -> None:
    assert earliest(*times) == first


@pytest.mark.parametrize(
    ("true_since", "seen_false", "since", "start"),
    [
        pytest.param(None, False, None, NOW, id="first seen now"),
        pytest.param(NOW - 50, False, None, NOW - 50, id="seen true before"),
        pytest.param(NOW - 50, False, NOW - 90, NOW - 90, id="the object knows better, and false was never seen"),
        pytest.param(NOW - 50, True, NOW - 90, NOW - 50, id="false was seen after what the object says"),
        pytest.param(NOW - 50, True, NOW - 10, NOW - 10, id="the object says later"),
    ],
)
def test_the_terms_hold_from(true_since: float | None, seen_false: bool, since: float | None, start: float) -> None:
    record = replace(RECORD, true_since=true_since, seen_false=seen_false)
    assert holds_from(record, Judgement(holds=True, since=since), NOW) == start


def test_for_counts_from_the_later_of_value_and_terms() -> None:
    plan = compiled(changed=ON_BW, when=RUNNING, for_="1m")
    record = replace(RECORD, true_since=NOW - 30, pending_since=NOW - 10)
    assert changed_may_run(plan, record, HOLDS, NOW) == NOW + 50


@pytest.mark.parametrize(("debounce", "at"), [("10s", NOW + 5), ("3s", NOW - 2)])
def test_debounce_counts_from_the_last_change_of_the_value(debounce: str, at: float) -> None:
    plan = compiled(changed=ON_BW, debounce=debounce)
    record = replace(RECORD, true_since=NOW - 100, pending_since=NOW - 5)
    assert changed_may_run(plan, record, HOLDS, NOW) == at


def test_cooldown_counts_from_the_last_success() -> None:
    plan = compiled(changed=ON_BW, cooldown="1m")
    record = replace(RECORD, true_since=NOW - 100, pending_since=NOW, last_success=NOW - 20, last_end=NOW)
    assert changed_may_run(plan, record, HOLDS, NOW) == NOW + 40
    assert deletion_may_run(plan, record) == NOW + 40
    assert cooled(plan, RECORD) == 0.0


def test_a_condition_debounces_from_the_moment_it_was_seen_true() -> None:
    plan = compiled(when=RUNNING, debounce="10s", for_="5s")
    record = replace(RECORD, true_since=NOW - 1)
    assert condition_may_run(plan, record, HOLDS, NOW) == NOW + 9


def test_resync_varies_by_a_tenth_and_is_the_same_each_time_it_is_asked() -> None:
    plan = compiled(when=RUNNING, resync="1000s")
    dues = [resync_due(plan, replace(RECORD, id=f"id-{n}", last_end=NOW)) for n in range(200)]
    assert dues == [resync_due(plan, replace(RECORD, id=f"id-{n}", last_end=NOW)) for n in range(200)]
    times = [due - NOW for due in dues if due is not None]
    assert 900 <= min(times) < 920
    assert 1080 < max(times) <= 1100


def test_there_is_no_resync_without_a_period_or_before_the_first_run() -> None:
    assert resync_due(compiled(when=RUNNING), replace(RECORD, last_end=NOW)) is None
    assert resync_due(compiled(when=RUNNING, resync="1m"), RECORD) is None
