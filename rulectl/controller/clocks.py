"""When a rule that is ready may run: `for`, `since`, `debounce`, `cooldown`, `resync`."""

from __future__ import annotations

import hashlib

from rulectl.controller.sight import Judgement, Rest
from rulectl.plan.model import RulePlan
from rulectl.state.record import Record

_JITTER = 0.1


def earliest(*times: float | None) -> float | None:
    """The first of the times that are known; None when none is."""
    return min((time for time in times if time is not None), default=None)


def in_force_until(resync: float | None, other: float | None) -> Rest:
    """A rest until the earlier of the two; merely periodic if that is the resync."""
    until = earliest(resync, other)
    return Rest(until, is_periodic=until is not None and until == resync)


def holds_from(record: Record, judgement: Judgement, now: float) -> float:
    """Since when the terms count as true.

    That is where `since` says, unless they were seen false: then no earlier than they were seen to
    become true. Without `since` it is the moment they were first seen true.
    """
    seen_true = record.true_since if record.true_since is not None else now
    if judgement.since is None:
        return seen_true
    return max(judgement.since, seen_true) if record.seen_false else judgement.since


def changed_may_run(rule: RulePlan, record: Record, judgement: Judgement, now: float) -> float:
    """The wall time from which a `changed` rule that owes a run and whose terms hold may begin it.

    `for` and `debounce` start over when a watched value changes; `cooldown` counts from the last success.
    """
    start = holds_from(record, judgement, now)
    has_moved = record.owed is not None and record.pending_since > record.owed.at
    if record.settled or has_moved or judgement.since is None:
        start = max(start, record.pending_since)
    quiet = record.pending_since + (0.0 if rule.for_each else rule.debounce_seconds)
    return max(start + rule.for_seconds, quiet, cooled(rule, record))


def condition_may_run(rule: RulePlan, record: Record, judgement: Judgement, now: float) -> float:
    """The wall time from which a condition that holds may fire."""
    seen_true = record.true_since if record.true_since is not None else now
    quiet = seen_true + (0.0 if rule.for_each else rule.debounce_seconds)
    return max(holds_from(record, judgement, now) + rule.for_seconds, quiet, cooled(rule, record))


def deletion_may_run(rule: RulePlan, record: Record) -> float:
    """The wall time from which the actions of a deletion may begin."""
    quiet = record.pending_since + (0.0 if rule.for_each else rule.debounce_seconds)
    return max(quiet, cooled(rule, record))


def cooled(rule: RulePlan, record: Record) -> float:
    """The end of the cooldown; with forEach it is the target that cools down, not the source."""
    if record.last_success is None or (rule.for_each is not None and not record.is_target):
        return 0.0
    return record.last_success + rule.cooldown_seconds


def resync_due(rule: RulePlan, record: Record) -> float | None:
    """When the rule is run again for an object it is in force for; None: never.

    The period varies by up to a tenth, the same way each time it is asked, so that a thousand objects
    that ran together do not run together again.
    """
    if rule.resync_seconds is None or record.last_end is None:
        return None
    seed = hashlib.sha256(f"{record.id}/{record.number}".encode()).digest()
    spread = int.from_bytes(seed[:4], "big") / 0xFFFFFFFF * 2 - 1
    due = record.last_end + rule.resync_seconds * (1 + _JITTER * spread)
    return max(due, cooled(rule, record))
