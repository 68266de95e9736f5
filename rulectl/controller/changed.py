"""Rules with `changed`, and rules for the mere presence of an object: when is a run owed?

The baseline is kept per watched path. A path is *owed* while its value differs from the baseline, or
from a value that a run has tried, by a step that the rule asks for. A rule without `changed` and
`when` is the same with a single watched value that every object has.
"""

from __future__ import annotations

from msgspec.structs import replace

from rulectl.controller.beginning import (
    begin_delete,
    begin_fire,
    begin_resolve,
    begin_resync,
    changes_between,
    in_force,
    is_dead_letter,
    is_in_force,
    with_tried,
)
from rulectl.controller.clocks import changed_may_run, deletion_may_run, earliest, in_force_until, resync_due
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
from rulectl.fields import union
from rulectl.plan.graft import graft
from rulectl.plan.model import RulePlan
from rulectl.predicate.watched import PRESENCE, differences, step_matches, steps, tree_for, watches
from rulectl.state.record import Fired, Owed, Record, Values
from rulectl.value import same

CARRY_SECONDS = 600.0
"""So long a deleted object's baseline waits for another of its name: to replace is to delete and to make anew."""


def judge_changed(
    rule: RulePlan, record: Record | None, seen: Present, judge: Judge, now: float, new_id: str
) -> Decision:
    """What to do about an object that is there."""
    record = _known(rule, record, seen, new_id)
    if record.run is not None and record.run.stage in {"resolve", "delete"}:
        return Decision(record, Resume())
    if record.muted:
        return _first_sight(record, seen, judge, now)
    record = _note(record, seen, now)
    owed = _owed_names(rule, record, seen.values)
    record = _move_on(rule, record, seen, owed)
    event = record.owed.event if record.owed else ("modified" if record.settled else "added")
    if event not in rule.events and record.run is None and not record.tried:
        owed = []
    if _is_failed(record, seen.values):
        owed = []
    context = _context(rule, record, seen.values, owed, event)
    judgement = judge(context)
    if owed:
        record = record if record.owed else replace(record, owed=Owed(event, now))
    if judgement.holds is None:
        return Decision(record, Rest(judgement.next_change))
    if not judgement.holds:
        return _not_holding(rule, record, seen, judgement, now, is_owed=bool(owed))
    if record.true_since is None or record.false_since is not None:
        record = replace(record, true_since=record.true_since or now, false_since=None)
    if not owed:
        return _quiet(rule, record, seen, judgement, now)
    if record.run is not None and same(record.run.values, seen.values):
        return Decision(record, Resume())
    ready = changed_may_run(rule, record, judgement, now)
    if ready > now:
        return Decision(record, Rest(earliest(ready, judgement.next_change)))
    return begin_fire(record, seen, context, now)


def judge_missing(rule: RulePlan, record: Record, missing: Missing, judge: Judge, now: float) -> Decision:
    """What to do about an object that is deleted or has left the rule's scope."""
    if missing.cause == "deleted" and not record.gone:
        record = replace(record, gone=True, gone_at=now)
    if record.run is not None and record.run.stage in {"resolve", "delete"}:
        return Decision(record, Resume())
    if record.gone and is_dead_letter(record):
        return Decision(record, Rest())
    if rule.has_resolved and is_in_force(record):
        return resolving(rule, record, missing, missing.cause, now)
    if missing.cause == "left":
        return Decision(_out_of_scope(record), Rest())
    if carries_over(rule) and record.gone_at + CARRY_SECONDS > now:
        waiting = replace(record, owed=None, run=None, failed=None, tried=with_tried(record))
        return Decision(record if waiting == record else waiting, Rest(record.gone_at + CARRY_SECONDS))
    if "deleted" not in rule.events or not (record.base or with_tried(record)):
        return Decision(None, Forget())
    old = record.old if record.base else with_tried(record)[-1].object
    before = record.base or with_tried(record)[-1].values
    changes = changes_between(before, {}, [name for name in before if name != PRESENCE])
    if not (record.when_held or with_tried(record)):
        judgement = judge(Context("deleted", old, changes))
        if judgement.holds is None:
            return Decision(record, Rest(judgement.next_change))
        if not judgement.holds:
            return Decision(None, Forget())
    if record.pending is None or record.pending:
        record = replace(record, pending={}, pending_since=now)
    ready = deletion_may_run(rule, record)
    if ready > now:
        return Decision(record, Rest(ready))
    return begin_delete(record, missing, changes, old, now)


def carries_over(rule: RulePlan) -> bool:
    """Whether an object of the same name takes over the baseline: the rule cares for differences alone."""
    return rule.form == "changed" and not rule.has_resolved and not {"deleted", "added"} & rule.events


def resolving(
    rule: RulePlan,
    record: Record,
    sight: Present | Missing,
    cause: str,
    now: float,
    again: float | None = None,
) -> Decision:
    """What is in force no longer holds: waits as long as `resolvedFor` asks, then resolves."""
    since = record.false_since if record.false_since is not None else now
    record = replace(record, false_since=since, true_since=None, seen_false=True)
    if since + rule.resolved_for_seconds > now:
        return Decision(record, Rest(earliest(since + rule.resolved_for_seconds, again)))
    match cause:
        case "deleted" | "left":
            return begin_resolve(record, sight, cause, now)
        case _:
            return begin_resolve(record, sight, "cleared", now)


def settle(record: Record, seen: Present, *, holds: bool) -> Record:
    """The object is as the rule wants it known: its values become the baseline, nothing is owed.

    Gives back the very record when that changes nothing.
    """
    if (
        record.settled
        and record.owed is None
        and record.run is None
        and (record.failed is None or record.failed.stage not in {"fire", "resync"})
        and record.pending is None
        and not record.tried
        and not record.muted
        and record.when_held == holds
        and same(record.base, seen.values)
        and same(record.old, seen.object)
    ):
        return record
    return replace(
        record,
        base=seen.values,
        old=seen.object,
        resource_version=seen.resource_version,
        settled=True,
        when_held=holds,
        owed=None,
        run=None,
        failed=record.failed if record.failed and record.failed.stage not in {"fire", "resync"} else None,
        tried=(),
        muted=False,
        pending=None,
        pending_since=0.0,
    )


def _known(rule: RulePlan, record: Record | None, seen: Present, new_id: str) -> Record:
    """The record of an object that is there; one that is new is muted where its coming does not count."""
    if record is not None:
        return replace(record, gone=False) if record.gone else record
    skipped = seen.origin == "existing" and rule.existing == "skip"
    muted = skipped or "added" not in rule.events
    return Record(rule.name, seen.uid, new_id, seen.key.namespace, seen.key.name, muted=muted)


def _first_sight(record: Record, seen: Present, judge: Judge, now: float) -> Decision:
    judgement = judge(Context("added", None, ()))
    if judgement.holds:
        record = replace(record, true_since=now)
    elif judgement.holds is False:
        record = replace(record, seen_false=True)
    return Decision(settle(record, seen, holds=judgement.holds is True), Rest(judgement.next_change))


def _note(record: Record, seen: Present, now: float) -> Record:
    """The clocks follow the watched values: they start over when these are not what was seen last."""
    last = record.base if record.pending is None else record.pending
    if same(last, seen.values) and (record.settled or record.pending is not None):
        return record
    return replace(record, pending=seen.values, pending_since=now)


def _owed_names(rule: RulePlan, record: Record, values: Values) -> list[str]:
    limits = steps(rule.watched)
    starts = [record.base, *(tried.values for tried in with_tried(record))]
    owed: dict[str, None] = {}
    for start in starts:
        for name in differences(start, values):
            if step_matches(limits.get(name, ()), start.get(name), values.get(name)):
                owed[name] = None
    return list(owed)


def _move_on(rule: RulePlan, record: Record, seen: Present, owed: list[str]) -> Record:
    """Paths whose step is not one the rule asks for take on their new value at once."""
    silent = [name for name in differences(record.base, seen.values) if name not in owed]
    if not silent or not owed:
        return record
    base = {**record.base, **{name: seen.values[name] for name in silent if name in seen.values}}
    for name in silent:
        if name not in seen.values:
            base.pop(name, None)
    held = union(tree_for(item) for item in rule.watched if any(watches(item, name) for name in owed))
    moved = union(tree_for(item) for item in rule.watched if any(watches(item, name) for name in silent))
    old = graft(graft(record.old, seen.object, moved), record.old, held)
    return replace(record, base=base, old=old)


def _is_failed(record: Record, values: Values) -> bool:
    failed = record.failed
    return failed is not None and failed.stage in {"fire", "resync"} and same(failed.values, values)


def _context(rule: RulePlan, record: Record, values: Values, owed: list[str], event: str) -> Context:
    """`old` is the baseline; for what is back at it after a run has begun, the value that was tried last."""
    if not owed:
        return _last_step(record)
    before, old = dict(record.base), record.old
    back = [name for name in owed if same(before.get(name), values.get(name))]
    for tried in with_tried(record):
        gone = [name for name in back if not same(tried.values.get(name), values.get(name))]
        for name in gone:
            before[name] = tried.values.get(name)
        covered = union(tree_for(item) for item in rule.watched if any(watches(item, name) for name in gone))
        old = graft(old, tried.object, covered) if len(gone) < len(owed) else tried.object
    names = [name for name in differences(before, values) if name != PRESENCE]
    return Context(event, old, changes_between(before, values, names))


def _last_step(record: Record) -> Context:
    """While nothing is owed, terms about the step are judged by the last one that ran: they have not ceased to hold."""
    failed, fired = record.failed, record.fired
    if failed is not None and failed.stage == "fire":
        names = [name for name in differences(record.base, failed.values) if name != PRESENCE]
        return Context(failed.event, failed.old, changes_between(record.base, failed.values, names))
    if fired is not None:
        return Context(fired.event, fired.old, fired.changes)
    return Context("modified", record.old, ())


def _not_holding(
    rule: RulePlan, record: Record, seen: Present, judgement: Judgement, now: float, *, is_owed: bool
) -> Decision:
    if rule.has_resolved and is_in_force(record):
        return resolving(rule, record, seen, "cleared", now, judgement.next_change)
    if record.true_since is not None or not record.seen_false:
        record = replace(record, true_since=None, seen_false=True)
    if not is_owed and not _is_failed(record, seen.values):
        record = settle(_with_fired(rule, record), seen, holds=False)
    return Decision(record, Rest(judgement.next_change))


def _with_fired(rule: RulePlan, record: Record) -> Record:
    """What has begun and is owed no more may have taken effect: it is in force all the same."""
    is_over = record.run is None and record.failed is None
    if is_over or not is_in_force(record) or not (rule.has_resolved or rule.for_each):
        return record
    step = _last_step(record) if record.run is None else record.run
    return replace(record, fired=Fired(*in_force(record), step.event, step.old, step.changes))


def _out_of_scope(record: Record) -> Record:
    """What waits for an unbroken time starts over on return; everything else stays as it is."""
    return record if record.true_since is None else replace(record, true_since=None, seen_false=True)


def _quiet(rule: RulePlan, record: Record, seen: Present, judgement: Judgement, now: float) -> Decision:
    """Nothing is owed and the terms hold: settle, or run again because `resync` asks for it."""
    if record.run is not None and record.run.stage == "resync" and same(record.run.values, seen.values):
        return Decision(record, Resume())
    if not _is_failed(record, seen.values):
        record = settle(_with_fired(rule, record), seen, holds=True)
    due = resync_due(rule, record)
    if due is not None and due <= now:
        return begin_resync(record, seen, now)
    return Decision(record, in_force_until(due, judgement.next_change))
