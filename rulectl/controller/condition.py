"""Rules with `when` alone: idle, pending, begun, fired, resolving, and idle again.

::

    idle ──true──> pending ──(for, debounce, cooldown)──> begun ──success──> fired
      ^               │false                                │                  │
      └───────────────┘              false, gone, left <────┴──────────────────┘
      ^                                     │
      └────────── resolved <──(resolvedFor)─┘      true again before it began: nothing runs

The phase is not kept as such: it follows from the record (`true_since`, `run`, `fired`, `failed`).
"""

from __future__ import annotations

from msgspec.structs import replace

from rulectl.controller.beginning import begin_fire, begin_resync, is_dead_letter, is_in_force
from rulectl.controller.changed import resolving
from rulectl.controller.clocks import condition_may_run, earliest, in_force_until, resync_due
from rulectl.controller.sight import (
    Context,
    Decision,
    Forget,
    Judge,
    Judgement,
    Missing,
    Present,
    Rest,
    Resume,
)
from rulectl.plan.model import RulePlan
from rulectl.state.record import Owed, Record
from rulectl.value import same


def judge_condition(
    rule: RulePlan, record: Record | None, seen: Present, judge: Judge, now: float, new_id: str
) -> Decision:
    """What to do about an object that is there."""
    if record is None:
        record = Record(rule.name, seen.uid, new_id, seen.key.namespace, seen.key.name)
        record = replace(record, muted=seen.origin == "existing" and rule.existing == "skip")
    if record.gone:
        record = replace(record, gone=False)
    if record.run is not None and record.run.stage == "resolve":
        return Decision(record, Resume())
    judgement = judge(Context("modified" if record.settled else "added", record.old, ()))
    if judgement.holds is None:
        return Decision(record, Rest(judgement.next_change))
    if judgement.holds:
        return _true(rule, record, seen, judgement, now)
    return _false(rule, record, seen, judgement, now)


def condition_missing(rule: RulePlan, record: Record, missing: Missing, now: float) -> Decision:
    """What to do about an object that is deleted or has left the rule's scope."""
    if missing.cause == "deleted" and not record.gone:
        record = replace(record, gone=True)
    if record.run is not None and record.run.stage == "resolve":
        return Decision(record, Resume())
    if record.gone and is_dead_letter(record):
        return Decision(record, Rest())
    if rule.has_resolved and is_in_force(record):
        return resolving(rule, record, missing, missing.cause, now)
    if missing.cause == "deleted":
        return Decision(None, Forget())
    return Decision(_idle(record), Rest())


def _true(rule: RulePlan, record: Record, seen: Present, judgement: Judgement, now: float) -> Decision:
    if record.false_since is not None:
        record = replace(record, false_since=None)
    if record.muted:
        return Decision(_known(record, seen), Rest(judgement.next_change))
    if record.true_since is None:
        event = "modified" if record.settled else "added"
        record = replace(record, true_since=now)
        if not is_in_force(record):
            if event not in rule.events:
                return Decision(_known(replace(record, muted=True), seen), Rest(judgement.next_change))
            record = replace(record, owed=Owed(event, now))
    run = record.run
    if run is not None:
        return Decision(record, Resume())
    if is_in_force(record):
        due = resync_due(rule, record)
        if due is not None and due <= now:
            return begin_resync(record, seen, now)
        return Decision(record, in_force_until(due, judgement.next_change))
    ready = condition_may_run(rule, record, judgement, now)
    if ready > now:
        return Decision(_known(record, seen), Rest(earliest(ready, judgement.next_change)))
    event = record.owed.event if record.owed else "modified"
    return begin_fire(record, seen, Context(event, record.old, ()), now)


def _false(rule: RulePlan, record: Record, seen: Present, judgement: Judgement, now: float) -> Decision:
    if is_in_force(record) and rule.has_resolved:
        return resolving(rule, replace(record, muted=False), seen, "cleared", now, judgement.next_change)
    return Decision(_idle(_known(replace(record, muted=False), seen)), Rest(judgement.next_change))


def _known(record: Record, seen: Present) -> Record:
    """The object has been looked at; while the rule is idle or waiting its fields are the baseline."""
    if record.settled and same(record.old, seen.object):
        return record
    return replace(record, settled=True, old=seen.object, resource_version=seen.resource_version)


def _idle(record: Record) -> Record:
    return replace(
        record,
        true_since=None,
        false_since=None,
        seen_false=True,
        owed=None,
        run=None,
        tried=(),
        fired=None,
        failed=record.failed if record.failed and record.failed.stage == "resolve" else None,
    )
