"""How a run begins: its number, what it was for, and what becomes the baseline when it succeeds."""

from __future__ import annotations

from msgspec.structs import replace

from rulectl.controller.sight import Begin, Context, Decision, Missing, Present
from rulectl.state.record import Cause, Change, Record, Run, TargetRef, Tried, Values
from rulectl.value import Value, same

_TRIED_KEPT = 16


def with_tried(record: Record) -> tuple[Tried, ...]:
    """The states that may have taken effect, the begun run's included, oldest first."""
    run = record.run
    if run is None or run.stage not in {"fire", "resync"}:
        return record.tried
    return add_tried(record.tried, Tried(run.values, run.object))


def add_tried(tried: tuple[Tried, ...], state: Tried) -> tuple[Tried, ...]:
    """`tried` with `state` as the newest; bounded, since any two that differ make every state a change."""
    others = tuple(one for one in tried if not same(one.values, state.values))
    return (*others, state)[-_TRIED_KEPT:]


def begin_fire(record: Record, seen: Present, context: Context, now: float) -> Decision:
    """Begins the run for the values that are there now; a run for other values counts as tried."""
    run = Run(
        number=record.number + 1,
        stage="fire",
        event=context.event,
        begun=now,
        values=seen.values,
        object=seen.object,
        old=context.old,
        changes=context.changes,
    )
    begun = replace(
        record,
        number=run.number,
        run=run,
        tried=with_tried(record),
        failed=None,
        resource_version=seen.resource_version,
    )
    return Decision(begun, Begin())


def begin_resync(record: Record, seen: Present, now: float) -> Decision:
    """Begins a run without a change: `old` is the baseline, `changes` is empty."""
    run = Run(
        number=record.number + 1,
        stage="resync",
        event="resync",
        begun=now,
        values=seen.values,
        object=seen.object,
        old=record.old,
    )
    return Decision(replace(record, number=run.number, run=run), Begin())


def begin_delete(record: Record, missing: Missing, changes: tuple[Change, ...], old: Value, now: float) -> Decision:
    """Begins the run for a deletion; what was owed for changes is abandoned."""
    run = Run(
        number=record.number + 1,
        stage="delete",
        event="deleted",
        begun=now,
        object=_newest(record) if missing.object is None else missing.object,
        old=old,
        changes=changes,
        final_state=missing.final_state,
        targets=again(in_force(record)[2] if is_in_force(record) else None),
    )
    return Decision(replace(record, number=run.number, run=run, owed=None, failed=None), Begin())


def _newest(record: Record) -> Value:
    """The last state that the record knows: what was tried came after the baseline."""
    tried = with_tried(record)
    return tried[-1].object if tried else record.old


def begin_resolve(record: Record, sight: Present | Missing, cause: Cause, now: float) -> Decision:
    """Begins the run for a condition that no longer holds; `old` has the values with which it fired."""
    fired_object, fired_at, targets = in_force(record)
    last = sight.object if sight.object is not None else fired_object
    run = Run(
        number=record.number + 1,
        stage="resolve",
        event="resolved",
        begun=now,
        object=last,
        old=fired_object,
        cause=cause,
        since=fired_at,
        final_state="known" if isinstance(sight, Present) else sight.final_state,
        targets=again(targets),
    )
    return Decision(replace(record, number=run.number, run=run, owed=None, failed=None), Begin())


def is_in_force(record: Record) -> bool:
    """Whether it has fired, or began to: also half done, also failed for good."""
    run, failed = record.run, record.failed
    return (
        record.fired is not None
        or (run is not None and run.stage in {"fire", "resync"})
        or (failed is not None and failed.stage in {"fire", "resync"})
    )


def is_dead_letter(record: Record) -> bool:
    """Whether the run for the object's end, or for the rule's, failed for good."""
    return record.failed is not None and record.failed.stage in {"resolve", "delete"}


def in_force(record: Record) -> tuple[Value, float, tuple[TargetRef, ...] | None]:
    """The values with which it fired (or began to), when, and the targets."""
    run, failed, fired = record.run, record.failed, record.fired
    if run is not None and run.stage in {"fire", "resync"}:
        return run.object, fired.at if fired else run.begun, run.targets
    if failed is not None and failed.stage in {"fire", "resync"}:
        return failed.object, fired.at if fired else failed.at, failed.targets
    assert fired is not None, "asked for what is in force where nothing is"
    return fired.object, fired.at, fired.targets


def again(targets: tuple[TargetRef, ...] | None) -> tuple[TargetRef, ...] | None:
    """Recorded targets, to be acted on by another run."""
    return None if targets is None else tuple(replace(ref, ended="") for ref in targets)


def changes_between(old: Values, new: Values, names: list[str]) -> tuple[Change, ...]:
    """`changes` as expressions see them."""
    return tuple(Change(name, old.get(name), new.get(name)) for name in names)
