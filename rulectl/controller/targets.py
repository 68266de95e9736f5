"""forEach carried out: choosing targets, handing runs over to them, performing theirs."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from rulectl.controller.cache import Cache
from rulectl.controller.evaluation import Evaluator
from rulectl.controller.execution import Ended, FailedForGood, Subject, TryAgain
from rulectl.controller.fanout import as_source, collect, has_met, judge_target, newest_of, offered, target_ended
from rulectl.controller.limits import Admitted, Exceeded, Later, Limiter
from rulectl.controller.outcome import failed_for_good, is_used_up, succeeded
from rulectl.controller.performance import Performance, Try
from rulectl.controller.report import Paused
from rulectl.controller.sight import Begin, Forget, Rest
from rulectl.expression import EvaluationError
from rulectl.fields import WHOLE
from rulectl.kube.object import KubeObject
from rulectl.plan.model import RulePlan, TargetPlan
from rulectl.predicate.references import refers_to
from rulectl.predicate.term import truth
from rulectl.resource import ObjectKey
from rulectl.state.ledger import Ledger
from rulectl.state.record import Failure, Record, RuleState, Run, Source, TargetRef, target_uid
from rulectl.state.store import Drop, Put, PutRule
from rulectl.value import Value, mapping, text

ASK_AGAIN_SECONDS = 5.0
"""What cannot be told now, as a cache has no complete list, is asked for again after this."""


@dataclass(slots=True)
class Targets:
    """The targets of one rule. Source workers and target workers meet here: `_lock` guards target records."""

    rule: RulePlan
    cache: Cache | None
    ledger: Ledger
    evaluator: Evaluator
    performance: Performance
    limiter: Limiter
    wake_target: Callable[[str], None]
    wake_source: Callable[[ObjectKey], None]
    rng: random.Random
    _lock: threading.RLock = field(default_factory=threading.RLock)

    # ------------------------------------------------------------- the source's side

    def chosen(self, record: Record, now: float) -> Record:
        """The record with the targets of its run fixed; those of `resolved` and `deleted` are recorded ones.

        Raises:
            EvaluationError: they cannot be told now.
        """
        run = record.run
        assert run is not None, "targets are chosen for a run"
        if run.stage in {"resolve", "delete"}:
            return replace(record, run=replace(run, targets=run.targets or ()))
        plan = self._plan
        scope = self.evaluator.run_scope(run, self.performance.typed(run.object), None, None, now)
        targets = tuple(
            TargetRef(found.uid, found.key.namespace, found.key.name) for found in self._matching(plan, scope, now)
        )
        return replace(record, run=replace(run, targets=targets))

    def collect(self, record: Record) -> Record | None:
        """The source's record after its targets' notes were read; the very record while nothing is new.

        Targets that do not know of the run yet are told. None: the source has done its work.
        """
        clock = self.performance.tools.clock
        with self._lock:
            collected = collect(record, self._record)
            run = collected.record.run
            assert run is not None, "a source that collects has a run"
            if collected.is_over:
                return self._source_over(collected.record, collected.error, clock.now())
            source = as_source(collected.record, run, clock.now())
            woken = [ref for ref in collected.missing if self._offer(ref, source)]
        for ref in woken:
            self.wake_target(ref.uid)
        return collected.record

    def withdrawn(self, record: Record) -> bool:
        """Takes the source's run back from the targets that wait with it; whether none has begun with it."""
        run = _run_of(record)
        has_begun, edits = False, []
        with self._lock:
            for ref in run.targets or ():
                target = self._record(ref.uid)
                has_begun = has_begun or ref.ended != "" or (target is not None and has_met(target, record.uid, run))
                left = () if target is None else tuple(one for one in target.waiting if one.uid != record.uid)
                if target is not None and len(left) != len(target.waiting):
                    edits.append(Put(replace(target, waiting=left)))
            if edits:
                self.ledger.write(edits)
        return not has_begun

    def _source_over(self, record: Record, error: str, now: float) -> Record | None:
        if error:
            return failed_for_good(self.rule, record, error, now)
        return succeeded(self.rule, record, now)

    def _offer(self, ref: TargetRef, source: Source) -> bool:
        target = self._record(ref.uid)
        if target is None:
            new_id = f"{self.rng.getrandbits(96):024x}"
            target = Record(self.rule.name, target_uid(ref.uid), new_id, ref.namespace, ref.name, is_target=True)
        after = offered(target, source)
        if after is target:
            return False
        self.performance.tools.on_wait()
        self.ledger.write([Put(after)], durable=True)
        return True

    # ------------------------------------------------------------- the target's side

    def once(self, uid: str) -> Rest | None:
        """One look at a target; None: look again at once."""
        clock = self.performance.tools.clock
        now = clock.now()
        with self._lock:
            target = self._record(uid)
            state = self.ledger.rule(self.rule.name)
            if target is None or (state is not None and state.paused):
                return Rest()
            exists = self._found(target) is not None
            if not exists and not self._is_listed:
                return Rest(now + ASK_AGAIN_SECONDS)
            decision = judge_target(self.rule, target, self._is_current, self._is_wanted, now, exists=exists)
            if not isinstance(decision.verdict, Rest | Forget):
                unknown = self.evaluator.lookups.unknown(self.rule)
                if unknown is not None:
                    self.performance.faults.tell(target.key, unknown)
                    return Rest(now + ASK_AGAIN_SECONDS)
            match decision.verdict:
                case Forget():
                    self.ledger.write([Drop(self.rule.name, target.uid)])
                    return Rest()
                case Rest(until):
                    if decision.record is not None and decision.record is not target:
                        self.ledger.write([Put(decision.record)])
                    return Rest(until)
                case Begin():
                    wait = self._admit(target, now)
                    if wait is not None:
                        return wait
                    assert decision.record is not None, "what begins has a record"
                    target = decision.record
                    self.performance.tools.on_wait()
                    self.ledger.write([Put(target)], durable=True)
                case _:
                    pass
        run = _run_of(target)
        tries = self.performance.tools.tries
        if tries.are_used_up(target):
            return Rest()
        if not tries.is_due(target, now):
            return Rest(run.retry_at)
        self._perform(target, run)
        return None

    def _admit(self, target: Record, now: float) -> Rest | None:
        if self.rule.mode == "audit":
            return None
        match self.limiter.admit(now):
            case Admitted():
                return None
            case Later(at):
                return Rest(at)
            case Exceeded(reason):
                state = self.ledger.rule(self.rule.name) or RuleState(self.rule.name)
                paused = replace(state, paused=True, paused_reason=reason)
                self.ledger.write([Put(target), PutRule(paused)], durable=True)
                self.performance.tools.report(Paused(self.rule.name, reason))
                return Rest()

    def _perform(self, target: Record, run: Run) -> None:
        found = self._found(target)
        shown = self._shown(target, found)
        newest = newest_of(run.sources)
        sources = [self.performance.typed(one.object) for one in run.sources]
        subject = self._subject(target, run, newest, shown)
        tried = self.performance.once(target, self.performance.typed(newest.object), subject, shown, sources)
        now = self.performance.tools.clock.now()
        with self._lock:
            # More sources may have come to wait while the actions ran: only the run is this thread's.
            latest = self.ledger.record(self.rule.name, target.uid) or target
            mine = replace(latest, run=tried.record.run)
            self.ledger.write([Put(self._after(mine, tried, now))])
        for source in run.sources:
            self.wake_source(ObjectKey(source.namespace, source.name))

    def _after(self, target: Record, tried: Try, now: float) -> Record:
        performance = self.performance
        match tried.result:
            case Ended():
                performance.tell(tried, "succeeded")
                return target_ended(target, now)
            case FailedForGood(message):
                performance.tell(tried, "failed", message)
                return self._failed(target, message, now)
            case TryAgain(message) as again:
                later = performance.retrying(target, again)
                if is_used_up(self.rule, later):
                    performance.tell(tried, "failed", message)
                    return self._failed(later, message, now)
                performance.tell(tried, "retry", message, _run_of(later).retry_at - now)
                return later

    def _failed(self, target: Record, message: str, now: float) -> Record:
        run = _run_of(target)
        failure = Failure(run.stage, run.number, now, message, event=run.event, sources=run.sources)
        return replace(target_ended(target, now, message), failed=failure)

    def _is_current(self, uid: str, number: int) -> bool:
        source = self.ledger.record(self.rule.name, uid)
        return source is not None and source.run is not None and source.run.number == number

    def _record(self, uid: str) -> Record | None:
        """The record of the object with `uid` as a target."""
        return self.ledger.record(self.rule.name, target_uid(uid))

    def _is_wanted(self, uid: str, number: int) -> bool:
        """Whether the source's run is under way, or failed for good and is its last."""
        source = self.ledger.record(self.rule.name, uid)
        failed = None if source is None else source.failed
        return self._is_current(uid, number) or (failed is not None and failed.number == number)

    @property
    def _is_listed(self) -> bool:
        """Whether a target that is not in the cache is not there at all."""
        return self.cache is not None and self.cache.has_synced

    def _found(self, target: Record) -> KubeObject | None:
        found = None if self.cache is None else self.cache.get(target.key)
        return found if found is not None and found.uid == target.object_uid else None

    def _shown(self, target: Record, found: KubeObject | None) -> Value:
        kind = self._plan.kind
        metadata: Value = {"name": target.name, "namespace": target.namespace, "uid": target.object_uid}
        known = {"metadata": metadata} if found is None else dict(found.value())
        return {"apiVersion": kind.api_version, "kind": kind.kind, **known}

    def _subject(self, target: Record, run: Run, newest: Source, shown: Value) -> Subject:
        resource = self.performance.target_resource
        assert resource is not None, "a rule with forEach starts when its targets' kind is served"
        return Subject(
            rule=self.rule.name,
            record_id=target.id,
            number=run.number,
            watched=ObjectKey(newest.namespace, newest.name),
            resource=resource,
            key=target.key,
            uid=target.object_uid,
            obj=mapping(shown),
            known=WHOLE if self.rule.cache == "full" else self._plan.tree,
        )

    # ------------------------------------------------------------- which objects are targets

    def _matching(self, plan: TargetPlan, scope: dict[str, Value], now: float) -> list[KubeObject]:
        cache = self.cache
        if cache is None or not self._is_listed:
            msg = f"forEach: no complete list of {plan.kind} yet for rule {self.rule.name}; check that it may be listed"
            raise EvaluationError(msg)
        namespace = None if plan.namespace is None else text(plan.namespace.render(scope, now))
        labels = "" if plan.label_selector is None else text(plan.label_selector.render(scope, now))
        name = None if plan.object_name is None else text(plan.object_name.render(scope, now))
        referenced = None if plan.references is None else self.performance.typed(plan.references.evaluate(scope, now))
        found = []
        for candidate in cache.select(namespace, labels):
            value = candidate.value()
            if name is not None and candidate.key.name != name:
                continue
            if referenced is not None and not refers_to(value, referenced):
                continue
            if plan.where is not None and not truth(plan.where.evaluate({**scope, "target": value}, now)):
                continue
            found.append(candidate)
        return sorted(found, key=lambda one: one.key)

    @property
    def _plan(self) -> TargetPlan:
        assert self.rule.for_each is not None, "only a rule with forEach has targets"
        return self.rule.for_each


def _run_of(record: Record) -> Run:
    assert record.run is not None, "only a run that has begun is performed"
    return record.run
