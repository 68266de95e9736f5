"""What becomes of a record when an action or a run of it has ended."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from rulectl.controller.beginning import add_tried, again
from rulectl.plan.model import RulePlan
from rulectl.plan.reads import lets_reached
from rulectl.plan.roots import STEP_ROOTS
from rulectl.predicate.term import expressions
from rulectl.state.record import Failure, Fired, Record, Run, Tried
from rulectl.value import Value


def action_done(record: Record, action: str, result: Value) -> Record:
    """`action` need not be run again for this run; `result` is what later actions read of it."""
    run = _run_of(record)
    done: Mapping[str, Value] = {**run.done, action: result}
    return replace(record, run=replace(run, done=done))


def attempt_failed(record: Record, message: str) -> Record:
    """One try of the run has ended badly; the run stays begun and is tried again later."""
    run = _run_of(record)
    return replace(record, run=replace(run, attempts=run.attempts + 1, error=message))


def succeeded(rule: RulePlan, record: Record, now: float) -> Record | None:
    """The run has ended well: its values are the baseline now. None: the record has done its work."""
    run = _run_of(record)
    match run.stage:
        case "delete":
            return None
        case "resolve":
            return None if record.gone else _resolved(record)
        case "fire" | "resync":
            return _in_force(rule, record, run, now)


def failed_for_good(rule: RulePlan, record: Record, message: str, now: float) -> Record:
    """The run has ended badly and is not tried again by itself.

    `old` stays as it was; the values that were tried may have taken effect, so going back from them is
    a change too.
    """
    run = _run_of(record)
    failure = Failure(
        stage=run.stage,
        number=run.number,
        at=now,
        message=message,
        values=run.values,
        object=run.object,
        old=run.old,
        event=run.event,
        cause=run.cause,
        since=run.since,
        final_state=run.final_state,
        targets=run.targets,
        sources=run.sources,
    )
    match run.stage:
        case "delete":
            return replace(record, run=None, failed=failure, last_end=now)
        case "resolve":
            ended = record if record.gone else _resolved(record)
            return replace(ended, run=None, failed=failure)
        case "fire" | "resync":
            tried = record.tried
            if rule.form != "condition" and run.stage == "fire":
                tried = add_tried(tried, Tried(run.values, run.object))
            return replace(record, run=None, failed=failure, tried=tried, owed=None, last_end=now)


def is_used_up(rule: RulePlan, record: Record) -> bool:
    """Whether the run has been tried as often as the rule allows."""
    return 0 < rule.retry.attempts <= _run_of(record).attempts


def retried(record: Record, now: float) -> Record:
    """A person asks for a run that failed for good to be tried again: a new run, with the same `old`."""
    failed = record.failed
    if failed is None:
        return record
    run = Run(
        number=record.number + 1,
        stage=failed.stage,
        event=failed.event,
        begun=now,
        values=failed.values,
        object=failed.object,
        old=failed.old,
        cause=failed.cause,
        since=failed.since,
        final_state=failed.final_state,
        targets=again(failed.targets),
        sources=failed.sources,
    )
    return replace(record, number=run.number, run=run, failed=None)


def _in_force(rule: RulePlan, record: Record, run: Run, now: float) -> Record:
    fired = Fired(run.object, now, run.targets)
    keeps = rule.has_resolved or rule.form == "condition" or rule.for_each is not None
    if judges_steps(rule):
        fired, keeps = replace(fired, event=run.event, old=run.old, changes=run.changes), True
    if record.fired is not None and run.stage == "resync":
        fired = replace(record.fired, object=run.object, targets=run.targets)
    return replace(
        record,
        base=run.values,
        old=run.object,
        settled=True,
        when_held=True,
        owed=None,
        run=None,
        tried=(),
        failed=None,
        fired=fired if keeps else None,
        pending=None,
        pending_since=0.0,
        last_success=now,
        last_end=now,
    )


def judges_steps(rule: RulePlan) -> bool:
    """Whether terms are about the step, not about the object alone: what they say is kept for when nothing is owed."""
    terms = list(expressions(rule.when)) if rule.form == "changed" and rule.when is not None else []
    return any(STEP_ROOTS & expression.reads.keys() for expression in (*terms, *lets_reached(rule.lets, terms)))


def _resolved(record: Record) -> Record:
    return replace(
        record,
        base={},
        old=None,
        settled=True,
        when_held=False,
        owed=None,
        run=None,
        tried=(),
        failed=None,
        fired=None,
        pending=None,
        pending_since=0.0,
        true_since=None,
        false_since=None,
        seen_false=True,
        last_end=None,
    )


def _run_of(record: Record) -> Run:
    assert record.run is not None, "an outcome belongs to a run that has begun"
    return record.run
