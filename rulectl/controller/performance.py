"""Performing a run that has begun: one try of its actions, and what the record becomes by it."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from rulectl.controller.echoes import Echoes
from rulectl.controller.evaluation import Evaluator, metadata_of, plain
from rulectl.controller.execution import (
    Ended,
    Execution,
    FailedForGood,
    Result,
    Subject,
    Toolbox,
    TryAgain,
    delay,
)
from rulectl.controller.faults import Faults
from rulectl.controller.outcome import action_done, attempt_failed, failed_for_good, is_used_up, succeeded
from rulectl.controller.recording import Recording
from rulectl.controller.report import ActedOn, ActionEnded, RunEnded
from rulectl.controller.writes import RecordingKube, Write, overlaps
from rulectl.errors import NotFound, PermanentError, TransientError
from rulectl.expression import EvaluationError
from rulectl.fields import WHOLE
from rulectl.kube.object import KubeObject
from rulectl.plan.graft import graft
from rulectl.plan.model import ActionPlan, RulePlan
from rulectl.predicate.watched import tree_for, values_of
from rulectl.resource import ObjectKey, Resource
from rulectl.state.ledger import Ledger
from rulectl.state.record import Record, Run, Values
from rulectl.state.store import Put
from rulectl.value import Value, mapping, text


@dataclass(frozen=True, slots=True)
class Try:
    """What one try of a run came to; `record` has every action that was done."""

    record: Record
    result: Result
    ended: tuple[ActionEnded, ...]
    seconds: float
    only_shown: bool = False


@dataclass(slots=True)
class Performance:
    """Performs the runs of one rule; called by workers, each key by one at a time."""

    rule: RulePlan
    resource: Resource
    target_resource: Resource | None
    evaluator: Evaluator
    ledger: Ledger
    tools: Toolbox
    faults: Faults
    recording: Recording
    rng: random.Random
    echoes: Echoes = field(default_factory=Echoes)

    def perform(self, record: Record, current: KubeObject | None) -> Record | None:
        """The record after one try, reported; None: its work is done. `current` is the object as judged.

        What was done is written as it is done; the record that is returned is not written yet.

        Raises:
            TransientError, PermanentError: an action that was done could not be recorded.
        """
        run = _run_of(record)
        obj = self._object(record, run, current)
        subject = self._subject(record, run, obj)
        tried = self.once(record, obj, subject)
        return self._judge(tried)

    def once(
        self,
        record: Record,
        obj: Value,
        subject: Subject,
        target: Value = None,
        sources: list[Value] | None = None,
    ) -> Try:
        """One try of the record's run."""
        run, clock = _run_of(record), self.tools.clock
        self.tools.on_wait()
        self.tools.tries.count(record)
        started = clock.monotonic()
        kube = RecordingKube(self.tools.kube)
        tools = dataclasses.replace(self.tools, kube=kube)
        keeper = _Keeper(record, kube, self)
        actions = self._actions(run)
        try:
            if any(action.needs_whole for action in actions):
                obj = self._whole(record, run, obj)
            scope = self.evaluator.run_scope(run, obj, target, sources, clock.now())
        except (EvaluationError, TransientError) as fault:
            self.faults.tell(record.key, str(fault))
            return Try(record, TryAgain(str(fault)), (), clock.monotonic() - started)
        except PermanentError as fault:
            return Try(record, TryAgain(str(fault)), (), clock.monotonic() - started)
        execution = Execution(actions, subject, scope, tools, run.done, run.attempts + 1, keeper.done, rng=self.rng)
        if self.rule.mode == "audit" or tools.dry_run == "client":
            told = tuple(execution.describe())
            return Try(record, Ended(), told, clock.monotonic() - started, only_shown=True)
        result = execution.run()
        return Try(keeper.absorbed(), result, tuple(execution.ended), clock.monotonic() - started)

    def retrying(self, record: Record, result: TryAgain) -> Record:
        """The record with the time of its next try; used up: None of that, see `failed_for_good`."""
        failed = attempt_failed(record, result.message)
        run = _run_of(failed)
        wait = delay(self.rule.retry, run.attempts) * (1.0 + self.rng.random() * 0.2)
        wait = min(wait, self.rule.retry.max_seconds)
        if result.seconds is not None:
            wait = max(wait, result.seconds)
        return replace(failed, run=replace(run, retry_at=self.tools.clock.now() + wait))

    def tell(self, tried: Try, outcome: str, message: str = "", retry_in: float | None = None) -> None:
        """Reports the try."""
        record, run = tried.record, _run_of(tried.record)
        watched = ObjectKey(run.sources[-1].namespace, run.sources[-1].name) if record.is_target else record.key
        self.tools.report(
            RunEnded(
                rule=self.rule.name,
                key=watched,
                kind=self.rule.select.kind.kind,
                event=run.event,
                number=run.number,
                attempt=run.attempts + 1,
                outcome="would" if tried.only_shown else outcome,  # type: ignore[arg-type]
                actions=tried.ended,
                changes=run.changes,
                seconds=tried.seconds,
                message=self.tools.mask(message),
                retry_in_seconds=retry_in,
                target=record.key if record.is_target else None,
                acted_on=ActedOn((self._acted_on(record)).kind, record.key, record.uid),
            )
        )

    def _acted_on(self, record: Record) -> Resource:
        return self.target_resource if record.is_target and self.target_resource is not None else self.resource

    def absorb(self, record: Record, writes: list[Write]) -> Record:
        """The rule's own writes to the object it watches are part of the run, not a change to it.

        Only the watched values that a write named are taken over: what somebody else changed
        meanwhile stays a difference.
        """
        run = _run_of(record)
        for write in writes:
            if write.uid == record.uid:
                # What the cache has until then is older than what the rule itself has made of the object.
                record = replace(record, resource_version=write.resource_version)
            elif self.ledger.record(self.rule.name, write.uid) is not None:
                self.echoes.expect(write)
        if run.stage not in {"fire", "resync"}:
            return record
        values, obj = self._taken_over(run.values, run.object, [one for one in writes if one.uid == record.uid])
        return record if values == run.values else replace(record, run=replace(run, values=values, object=obj))

    def echoed(self, record: Record, current: KubeObject) -> Record:
        """The record of a watched object after what the rule wrote to it while it ran for other objects."""
        run, writes = record.run, self.echoes.heard(current.uid, current.resource_version)
        if run is not None and run.stage in {"fire", "resync"}:
            values, obj = self._taken_over(run.values, run.object, writes)
            return record if values == run.values else replace(record, run=replace(run, values=values, object=obj))
        values, obj = self._taken_over(record.base, record.old, writes)
        return record if values == record.base or not record.settled else replace(record, base=values, old=obj)

    def _taken_over(self, known: Values, obj: Value, writes: Iterable[Write]) -> tuple[Values, Value]:
        """The watched values and the recorded fields with those that the writes named as they were written."""
        values = dict(known)
        for write in writes if self.rule.form == "changed" else ():
            touched = tuple(i for i in self.rule.watched if overlaps(tree_for(i), write.touched))
            if not touched:
                continue
            now = self.tools.clock.now()
            try:
                written = self.recording.values(values_of(touched, write.object, now))
                before = values_of(touched, obj, now)
            except EvaluationError:
                continue
            for name in before:
                values.pop(name, None)
            values |= written
            obj = graft(obj, self.recording.object(write.object), write.touched)
        return values, obj

    def _judge(self, tried: Try) -> Record | None:
        record, now = tried.record, self.tools.clock.now()
        match tried.result:
            case Ended():
                self.tell(tried, "succeeded")
                return succeeded(self.rule, record, now)
            case FailedForGood(message):
                self.tell(tried, "failed", message)
                return failed_for_good(self.rule, record, message, now)
            case TryAgain(message) as again:
                later = self.retrying(record, again)
                if is_used_up(self.rule, later):
                    self.tell(tried, "failed", message)
                    return failed_for_good(self.rule, later, message, now)
                self.tell(tried, "retry", message, _run_of(later).retry_at - now)
                return later

    def _actions(self, run: Run) -> tuple[ActionPlan, ...]:
        return self.rule.resolved if run.stage == "resolve" else self.rule.actions

    def _object(self, record: Record, run: Run, current: KubeObject | None) -> Value:
        """The object as it is now, where it is there; else as the run has it."""
        there = current is not None and current.uid == record.uid and run.stage != "delete" and not record.gone
        value = current.value() if there and current is not None else mapping(run.object)
        return self.typed(value)

    def typed(self, value: Value) -> Value:
        """`value` with the kind it is of; items of lists come without."""
        kind = self.rule.select.kind
        return {"apiVersion": kind.api_version, "kind": kind.kind, **mapping(value)}

    def _whole(self, record: Record, run: Run, obj: Value) -> Value:
        """Every field of the object, asked from the server; as far as it is known where it is gone."""
        if run.stage == "delete" or record.gone:
            return obj
        key = ObjectKey(text(metadata_of(obj).get("namespace")), text(metadata_of(obj).get("name")))
        gone = f"{key} is gone before its actions ran; waiting for its deletion to be seen"
        try:
            found = self.tools.kube.get(self.resource, key)
        except NotFound as fault:
            raise TransientError(gone) from fault
        if metadata_of(found).get("uid") != metadata_of(obj).get("uid"):
            raise TransientError(gone)
        return found

    def _subject(self, record: Record, run: Run, obj: Value) -> Subject:
        return Subject(
            rule=self.rule.name,
            record_id=record.id,
            number=run.number,
            watched=record.key,
            resource=self.resource,
            key=record.key,
            uid=record.uid,
            obj=mapping(obj),
            known=WHOLE if self.rule.cache == "full" else self.rule.tree,
        )


@dataclass(slots=True)
class _Keeper:
    """Writes what is done before the next action starts."""

    record: Record
    kube: RecordingKube
    performance: Performance

    def done(self, action: str, result: Value) -> None:
        self.record = action_done(self.absorbed(), action, plain(result))
        self.performance.ledger.write([Put(self.record)], durable=True)

    def absorbed(self) -> Record:
        self.record = self.performance.absorb(self.record, self.kube.writes)
        self.kube.writes.clear()
        return self.record


def _run_of(record: Record) -> Run:
    assert record.run is not None, "only a run that has begun is performed"
    return record.run
