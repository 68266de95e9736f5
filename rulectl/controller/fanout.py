"""forEach: how a source's run becomes runs of its targets, and how it ends when they have.

A source's run fixes its targets when it begins. Each target has a record and a queue key of its own.
The source hands itself to every target that has not ended for it (`offered`); the target merges what
waits into one run (`judge_target`) and leaves a note when that has ended (`target_ended`); the
source collects the notes (`collect`). Each step can be repeated after a crash between any two of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from rulectl.controller.clocks import cooled
from rulectl.controller.sight import Begin, Decision, Forget, Rest, Resume
from rulectl.plan.model import RulePlan
from rulectl.state.record import Finished, Record, Run, Source, TargetRef


def as_source(record: Record, run: Run, now: float) -> Source:
    """The source's run as its targets see it."""
    return Source(
        uid=record.uid,
        namespace=record.namespace,
        name=record.name,
        number=run.number,
        stage=run.stage,
        event=run.event,
        object=run.object,
        old=run.old,
        changes=run.changes,
        cause=run.cause,
        since=run.since,
        final_state=run.final_state,
        arrived=now,
    )


def newest_of(sources: tuple[Source, ...]) -> Source:
    """The source that came last: it is `object` when several are merged."""
    return max(reversed(sources), key=lambda one: one.arrived)


def offered(target: Record, source: Source) -> Record:
    """`target` with `source` waiting; an older run of the same source is replaced.

    The very record when it already knows this run: waiting, under way or finished.
    """
    waits = any((one.uid, one.number) == (source.uid, source.number) for one in target.waiting)
    if waits or has_met(target, source.uid, source):
        return target
    others = tuple(one for one in target.waiting if one.uid != source.uid)
    return replace(target, waiting=(*others, source))


def has_met(target: Record, uid: str, run: Run | Source) -> bool:
    """Whether the target's run for this run of the source `uid` has begun, or ended."""
    sources = () if target.run is None else target.run.sources
    met = [*((one.uid, one.number) for one in sources), *((one.uid, one.number) for one in target.finished)]
    return (uid, run.number) in met


def judge_target(
    rule: RulePlan,
    target: Record,
    is_current: Callable[[str, int], bool],
    is_wanted: Callable[[str, int], bool],
    now: float,
    *,
    exists: bool,
) -> Decision:
    """What to do for a target.

    `is_current` says whether a source's run is still the one under way, `is_wanted` whether it has not been
    given up: a run that no source wants any more is not gone on with.
    """
    if target.run is not None:
        if any(is_wanted(one.uid, one.number) for one in target.run.sources):
            return Decision(target, Resume())
        target = replace(target, run=None)
    waiting = tuple(one for one in target.waiting if is_current(one.uid, one.number))
    finished = tuple(one for one in target.finished if is_current(one.uid, one.number))
    if len(waiting) != len(target.waiting) or len(finished) != len(target.finished):
        target = replace(target, waiting=waiting, finished=finished)
    if not waiting:
        if not exists and not finished and target.failed is None:
            return Decision(None, Forget())
        return Decision(target, Rest())
    newest = newest_of(waiting)
    resolves = newest.stage == "resolve"
    together = tuple(one for one in waiting if (one.stage == "resolve") == resolves)
    ready = 0.0 if resolves else max(newest.arrived + rule.debounce_seconds, cooled(rule, target))
    if ready > now:
        return Decision(target, Rest(ready))
    run = Run(
        number=target.number + 1,
        stage=newest.stage,
        event=newest.event,
        begun=now,
        object=newest.object,
        old=newest.old,
        changes=newest.changes,
        cause=newest.cause,
        since=newest.since,
        final_state=newest.final_state,
        sources=together,
    )
    rest = tuple(one for one in waiting if one not in together)
    return Decision(replace(target, number=run.number, run=run, waiting=rest, failed=None), Begin())


def target_ended(target: Record, now: float, error: str = "") -> Record:
    """The target's run has ended (with `error`: for good, badly); every source of it is left a note."""
    assert target.run is not None, "only a run that has begun can end"
    notes = tuple(Finished(one.uid, one.number, error) for one in target.run.sources)
    renewed = {note.uid for note in notes}
    kept = tuple(note for note in target.finished if note.uid not in renewed)
    ended = replace(target, run=None, finished=(*kept, *notes), last_end=now)
    return ended if error else replace(ended, last_success=now, failed=None)


@dataclass(frozen=True, slots=True)
class Collected:
    """A source's record with what its targets have noted, and which of them have still to be offered its run."""

    record: Record
    missing: tuple[TargetRef, ...]
    is_over: bool
    error: str
    """Why it failed for good for at least one target; empty: all is well."""


def collect(source: Record, target_of: Callable[[str], Record | None]) -> Collected:
    """What the targets of the source's run have noted so far."""
    run = source.run
    assert run is not None, "only a run that has begun has targets"
    targets, missing, errors = [], [], []
    for ref in run.targets or ():
        note = _note(target_of(ref.uid), source.uid, run.number)
        if ref.ended == "" and note is not None:
            targets.append(replace(ref, ended="failed" if note.error else "done"))
        else:
            targets.append(ref)
            if ref.ended == "":
                missing.append(ref)
        if note is not None and note.error:
            errors.append(f"{ref.namespace}/{ref.name}: {note.error}".lstrip("/"))
        elif ref.ended == "failed" and note is None:
            errors.append(f"{ref.namespace}/{ref.name} failed for good".lstrip("/"))
    updated = source
    if tuple(targets) != (run.targets or ()):
        updated = replace(source, run=replace(run, targets=tuple(targets)))
    return Collected(updated, tuple(missing), not missing, "; ".join(errors))


def _note(target: Record | None, uid: str, number: int) -> Finished | None:
    if target is None:
        return None
    return next((one for one in target.finished if one.uid == uid and one.number == number), None)
