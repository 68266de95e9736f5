"""A rule that is not as it was when its records were written: what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from rulectl.controller.beginning import again
from rulectl.controller.outcome import retried
from rulectl.plan.model import RulePlan
from rulectl.predicate.watched import PRESENCE, path_of, watches
from rulectl.state.record import Record, RuleState, Tried, Values
from rulectl.state.store import Drop, Edit, Put, PutRule
from rulectl.value import Value


def paths_of(rule: RulePlan) -> tuple[str, ...]:
    """What a rule watches, as it is remembered: names of fields, annotations and labels, with their patterns."""
    if rule.form == "presence":
        return (PRESENCE,)
    return tuple(dict.fromkeys(path_of(item) for item in rule.watched))


def loaded(
    rule: RulePlan, state: RuleState | None, records: Iterable[Record], in_scope: Callable[[str], bool], now: float
) -> list[Edit]:
    """What to write when a rule is loaded, before it is started.

    `in_scope` says whether the rule names a namespace at all. Records are kept: what is owed, begun or fired
    stays. A run that has begun starts over under the new actions, what failed for good is tried again, paths
    that are newly watched start at today's values, and what is out of the new scope is dropped.
    """
    fresh = RuleState(
        rule.name,
        digest=rule.digest,
        scope_digest=rule.scope_digest,
        mode=rule.mode,
        paths=paths_of(rule),
        kind=str(rule.select.kind),
    )
    if state is None:
        return [PutRule(fresh)]
    kept = replace(fresh, scopes=state.scopes, paused=state.paused, paused_reason=state.paused_reason)
    if state.digest == rule.digest:
        return [] if kept == state else [PutRule(kept)]
    if state.kind and state.kind != fresh.kind:
        return [PutRule(fresh), *(Drop(rule.name, record.uid) for record in records)]
    moved = state.scope_digest != rule.scope_digest
    edits: list[Edit] = [PutRule(replace(kept, scopes=()) if moved else kept)]
    for record in records:
        if moved and not record.is_target and not in_scope(record.namespace):
            edits.append(Drop(rule.name, record.uid))
            continue
        edited = _edited(record, state, fresh, now, moved=moved)
        if edited is not record:
            edits.append(Put(edited))
    return edits


def rebased(rule: RulePlan, record: Record, values: Values) -> Record:
    """The record under what the rule watches now: other paths start at today's `values`, dropped ones go."""
    if record.known_paths is None:
        return record
    added = [item for item in rule.watched if path_of(item) not in record.known_paths]
    today = {name: value for name, value in values.items() if any(watches(item, name) for item in added)}

    def moved(old: Values) -> dict[str, Value]:
        kept = {name: value for name, value in old.items() if any(watches(item, name) for item in rule.watched)}
        return {**kept, **today}

    if rule.form == "presence":
        return replace(record, known_paths=None, base=values if record.settled else record.base)
    run, failed = record.run, record.failed
    return replace(
        record,
        known_paths=None,
        base=moved(record.base) if record.settled else record.base,
        run=None if run is None else replace(run, values=moved(run.values)),
        failed=None if failed is None else replace(failed, values=moved(failed.values)),
        tried=tuple(Tried(moved(one.values), one.object) for one in record.tried),
        pending=None if record.pending is None else moved(record.pending),
    )


def _edited(record: Record, state: RuleState, fresh: RuleState, now: float, *, moved: bool) -> Record:
    edited = record
    if record.run is not None:
        targets = again(record.run.targets)
        run = replace(record.run, number=record.number + 1, done={}, attempts=0, retry_at=0.0, targets=targets)
        edited = replace(edited, run=run, number=run.number)
    elif record.failed is not None:
        ends = record.failed.stage in {"delete", "resolve"}
        edited = retried(edited, now) if ends else replace(edited, failed=None)
    if state.paths != fresh.paths and edited.known_paths is None:
        edited = replace(edited, known_paths=state.paths)
    if moved and not record.is_target:
        edited = replace(edited, rescoped=True)
    return edited
