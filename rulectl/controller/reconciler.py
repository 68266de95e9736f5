"""One key of one rule: look at cache and record, decide, write the intent, act, write what came of it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from msgspec.structs import replace

from rulectl.controller.beginning import is_dead_letter
from rulectl.controller.cache import RuleCache
from rulectl.controller.changed import carries_over, judge_changed, judge_missing
from rulectl.controller.condition import condition_missing, judge_condition
from rulectl.controller.editing import rebased
from rulectl.controller.evaluation import Evaluator
from rulectl.controller.execution import Toolbox
from rulectl.controller.faults import Faults, explained
from rulectl.controller.intake import Intake
from rulectl.controller.limits import Admitted, Exceeded, Later, Limiter
from rulectl.controller.orders import Orders, ordered
from rulectl.controller.performance import Performance
from rulectl.controller.recording import Recording
from rulectl.controller.report import Paused
from rulectl.controller.sight import Begin, Decision, Forget, Judge, Missing, Present, Rest, Resume
from rulectl.controller.targets import ASK_AGAIN_SECONDS, Targets
from rulectl.errors import NotFound
from rulectl.expression import EvaluationError
from rulectl.kube.object import KubeObject
from rulectl.plan.model import RulePlan
from rulectl.resource import ObjectKey
from rulectl.state.ledger import Ledger
from rulectl.state.record import Record, RuleState, Values
from rulectl.state.store import Drop, Put, PutRule
from rulectl.value import mapping, text

_ROUNDS = 16
"""A key is looked at again after each run; more rounds than this wait for their turn in the queue."""

_LAG_SECONDS = 1.0
"""A cache that has not seen the rule's own write yet is looked at again after this."""


@dataclass(frozen=True, slots=True)
class Done:
    """The key needs nothing more until something changes."""


@dataclass(frozen=True, slots=True)
class Again:
    """Look at the key again at `at` (wall time), with low priority if that `is_periodic`."""

    at: float
    is_periodic: bool = False


Outcome = Done | Again


@dataclass(slots=True)
class Reconciler:
    """The sync handler of one rule. A key is never in two threads at once: the work queue sees to that."""

    rule: RulePlan
    cache: RuleCache
    ledger: Ledger
    evaluator: Evaluator
    targets: Targets
    intake: Intake
    tools: Toolbox
    performance: Performance
    limiter: Limiter
    faults: Faults
    orders: Orders
    recording: Recording
    rng: random.Random
    guard_versions: bool = True

    def reconcile(self, key: ObjectKey) -> Outcome:
        """Does all that can be done for `key` now.

        Raises:
            TransientError, PermanentError: the state could not be written or the server not be asked;
                nothing was started that is not recorded. Try again later.
        """
        for _ in range(_ROUNDS):
            outcome = self._once(key)
            if outcome is not None:
                return outcome
        return Again(self.tools.clock.now())

    def reconcile_target(self, uid: str) -> Outcome:
        """The same for an object that runs are fanned out to."""
        for _ in range(_ROUNDS):
            outcome = self.targets.once(uid)
            if outcome is None:
                continue
            return Done() if outcome.until is None else Again(outcome.until)
        return Again(self.tools.clock.now())

    def _once(self, key: ObjectKey) -> Outcome | None:
        """One look at the key; None: look again at once."""
        self._follow_orders(key)
        current = self.cache.get(key)
        if current is None and self.cache.scope_of(key.namespace) != "unknown":
            self.intake.processed(key)
        for record in self.ledger.at(self.rule.name, key):
            if record.is_target or (current is not None and record.uid == current.uid):
                continue
            if current is not None and carries_over(self.rule):
                self._carry_over(record, current)
                continue
            outcome = self._ended(record, current)
            if not isinstance(outcome, Done) or not self._has_ended(record.uid):
                return outcome
        if current is None:
            self.evaluator.lookups.forget(key)
            return Done()
        outcome = self._present(current)
        self.intake.processed(key)
        return outcome

    def _follow_orders(self, key: ObjectKey) -> None:
        if self.orders.is_empty:
            return
        for record in self.ledger.at(self.rule.name, key):
            order = self.orders.take(record.uid)
            if order is not None:
                after = ordered(order, record, self.tools.clock.now())
                if after is not record:
                    self.ledger.write([Put(after)], durable=True)

    def _has_ended(self, uid: str) -> bool:
        """Whether nothing is left to do for an object that went: what failed for good holds nobody up."""
        record = self.ledger.record(self.rule.name, uid)
        return record is None or (record.gone and record.run is None and is_dead_letter(record))

    def _carry_over(self, record: Record, current: KubeObject) -> None:
        """Same name, new uid, and the rule cares only for differences: the baseline lives on."""
        moved = replace(record, uid=current.uid, resource_version="", gone=False, gone_at=0.0)
        self.ledger.write([Drop(record.rule, record.uid), Put(moved)])

    # ------------------------------------------------------------- the object is there

    def _present(self, current: KubeObject) -> Outcome | None:
        rule, now = self.rule, self.tools.clock.now()
        before = record = self.ledger.record(rule.name, current.uid)
        if record is not None and self._is_older(current, record):
            # Nobody tells of the newer state if it differs in no field that is read.
            return Again(now + _LAG_SECONDS)
        whole, key = current.value(), current.key
        try:
            values = self.recording.values(self.evaluator.values(whole, now))
        except EvaluationError as fault:
            self.faults.tell(current.key, explained(fault))
            self._note_skipped(record, current)
            return Done()
        record = None if record is None else self.performance.echoed(self._recognised(record, values), current)
        seen = Present(
            uid=current.uid,
            key=key,
            resource_version=current.resource_version,
            object=self.recording.object(whole),
            values=values,
            origin="existing" if self.intake.is_existing(key) else "added",
        )
        judge = self.evaluator.judge(whole, now, lambda fault: self.faults.tell(key, fault))
        decide = judge_condition if rule.form == "condition" else judge_changed
        new_id = self._new_id() if record is None else ""  # drawn from the system, which takes its time
        decision = decide(rule, record, seen, judge, now, new_id)
        if record is not None and self._takes_back(record, decision):
            decision = decide(rule, replace(record, run=None), seen, judge, now, new_id)
        return self._carry_out(before, decision, current.uid, current)

    def _recognised(self, record: Record, values: Values) -> Record:
        """The record of an object that is there, in scope, under the rule as it is now."""
        if record.held or record.released or record.rescoped:
            record = replace(record, held=False, released=False, rescoped=False)
        return rebased(self.rule, record, values)

    def _note_skipped(self, record: Record | None, current: KubeObject) -> None:
        """An existing object that is to be skipped stays so, though it cannot be evaluated yet."""
        if record is None and self.rule.existing == "skip" and self.intake.is_existing(current.key):
            key = current.key
            muted = Record(self.rule.name, current.uid, self._new_id(), key.namespace, key.name, muted=True)
            self.ledger.write([Put(muted)])

    def _is_older(self, current: KubeObject, record: Record) -> bool:
        """A cache that lags must not make a rule fire backwards; versions are integers in practice."""
        mine, known = current.resource_version, record.resource_version
        return self.guard_versions and mine.isdigit() and known.isdigit() and int(mine) < int(known)

    # ------------------------------------------------------------- the object is not there

    def _ended(self, record: Record, current: KubeObject | None) -> Outcome | None:
        now = self.tools.clock.now()
        missing = self._missing(record, current)
        if missing is None:
            return Done()
        if missing.cause == "left" and record.rescoped:
            self.ledger.write([Drop(record.rule, record.uid)])
            return Done()
        decision = self._judge_missing(record, missing, now)
        if self._takes_back(record, decision):
            decision = self._judge_missing(replace(record, run=None), missing, now)
        return self._carry_out(record, decision, record.uid, None)

    def _judge_missing(self, record: Record, missing: Missing, now: float) -> Decision:
        if self.rule.form == "condition":
            return condition_missing(self.rule, record, missing, now)
        return judge_missing(self.rule, record, missing, self._last_judge(record, missing), now)

    def _last_judge(self, record: Record, missing: Missing) -> Judge:
        last = missing.object if missing.object is not None else record.old
        return self.evaluator.judge(last, self.tools.clock.now(), lambda fault: self.faults.tell(record.key, fault))

    def _missing(self, record: Record, current: KubeObject | None) -> Missing | None:
        """How the object went; None: nothing is proven."""
        last = self.intake.last_state(record.uid)
        if record.gone or record.released or current is not None:
            return Missing("deleted", last)
        scope = self.cache.scope_of(record.namespace)
        if scope == "out":
            return Missing("left" if record.rescoped or self._still_exists(record) else "deleted", last)
        if scope == "unknown" or record.held or not self.intake.has_ended(record.uid):
            return None
        if self.cache.is_selected and self._still_exists(record):
            return Missing("left", last)
        return Missing("deleted", last)

    def _still_exists(self, record: Record) -> bool:
        """Whether the object is there, but out of scope; where no watch shows it only a GET by name can tell."""
        if self.cache.shows(record.key, record.uid):
            return True
        resource = self.cache.resource
        if resource is None:
            return True
        self.tools.on_wait()
        try:
            found = self.tools.kube.get(resource, record.key)
        except NotFound:
            return False
        return text(mapping(found.get("metadata")).get("uid")) == record.uid

    # ------------------------------------------------------------- carrying out a decision

    def _carry_out(
        self, before: Record | None, decision: Decision, uid: str, judged: KubeObject | None
    ) -> Outcome | None:
        """`judged` is the state that was decided on (None: it is not there), which is what the actions are shown.

        The cache may have moved on since: to show that would tell of the next change before it is owed.
        """
        record = decision.record
        match decision.verdict:
            case Forget():
                if before is not None:
                    self.ledger.write([Drop(self.rule.name, before.uid)])
                self.intake.forget(uid)
                return Done()
            case Rest(until, is_periodic):
                self._keep(before, record)
                return Done() if until is None else Again(until, is_periodic)
            case Begin():
                assert record is not None, "what begins has a record"
                wait = self._hindrance(record)
                if wait is not None:
                    self.ledger.write([Put(unbegun(before, record))])
                    return wait
                return self._begin(before, record, judged)
            case Resume():
                assert record is not None, "what resumes has a record"
                wait = self._hindrance(record)
                if wait is not None:
                    self._keep(before, record)
                    return wait
                if record.run is not None and self.tools.tries.are_used_up(record):
                    return Done()
                if record.run is not None and not self.tools.tries.is_due(record, self.tools.clock.now()):
                    self._keep(before, record)
                    return Again(record.run.retry_at)
                return self._perform(record, judged)

    def _takes_back(self, record: Record, decision: Decision) -> bool:
        """With forEach: whether the record's run, not to be gone on with now, has begun for none of its targets.

        Then it waits no longer at any of them, and is judged as if it had not begun: that was no more than a wait.
        """
        run = record.run
        if self.rule.for_each is None or run is None or run.stage not in {"fire", "resync"}:
            return False
        return not isinstance(decision.verdict, Resume) and self.targets.withdrawn(record)

    def _hindrance(self, record: Record) -> Outcome | None:
        """What keeps every run of the rule from going on now: it is paused, or a lookup is not known."""
        state = self.ledger.rule(self.rule.name)
        if state is not None and state.paused:
            return Done()
        unknown = self.evaluator.lookups.unknown(self.rule)
        if unknown is None:
            return None
        self.faults.tell(record.key, unknown)
        return Again(self.tools.clock.now() + ASK_AGAIN_SECONDS)

    def _keep(self, before: Record | None, record: Record | None) -> None:
        if record is not None and record is not before:
            self.ledger.write([Put(record)])

    def _begin(self, before: Record | None, record: Record, judged: KubeObject | None) -> Outcome | None:
        now = self.tools.clock.now()
        if self.rule.mode == "enforce" and self.rule.for_each is None:
            match self.limiter.admit(now):
                case Admitted():
                    pass
                case Later(at):
                    self.ledger.write([Put(unbegun(before, record))])
                    return Again(at)
                case Exceeded(reason):
                    self._pause(unbegun(before, record), reason)
                    return Done()
        if self.rule.for_each is not None:
            try:
                record = self.targets.chosen(record, now)
            except EvaluationError as fault:
                self.faults.tell(record.key, explained(fault))
                self.ledger.write([Put(unbegun(before, record))])
                return Again(now + ASK_AGAIN_SECONDS)
        self.tools.on_wait()
        self.ledger.write([Put(record)], durable=True)
        return self._perform(record, judged)

    def _perform(self, record: Record, judged: KubeObject | None) -> Outcome | None:
        if self.rule.for_each is not None:
            return self._fan_out(record)
        ended = self.performance.perform(record, judged)
        if ended is None:
            self.ledger.write([Drop(record.rule, record.uid)])
            self.intake.forget(record.uid)
        else:
            # Forgotten in a crash, a failure would be tried anew and the rule's own write taken for a change.
            wrote = ended.resource_version != record.resource_version
            self.ledger.write([Put(ended)], durable=wrote or ended.failed is not None)
        return None

    def _fan_out(self, record: Record) -> Outcome | None:
        after = self.targets.collect(record)
        if after is record:
            return Done()
        if after is None:
            self.ledger.write([Drop(record.rule, record.uid)])
            self.intake.forget(record.uid)
            return None
        self.ledger.write([Put(after)])
        return None if after.run is None else Done()

    def _pause(self, record: Record, reason: str) -> None:
        state = self.ledger.rule(self.rule.name) or RuleState(self.rule.name)
        paused = replace(state, paused=True, paused_reason=reason)
        self.ledger.write([Put(record), PutRule(paused)], durable=True)
        self.tools.report(Paused(self.rule.name, reason))

    def _new_id(self) -> str:
        return f"{self.rng.getrandbits(96):024x}"


def unbegun(before: Record | None, record: Record) -> Record:
    """`record` as it was decided to be, but for the run, which does not begin now."""
    if before is None:
        return replace(record, run=None, number=0)
    return replace(record, run=before.run, number=before.number, tried=before.tried, failed=before.failed)
