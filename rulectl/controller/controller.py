"""One rule at work: its queue, what informers tell it, and the keys its workers take."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from rulectl.clock import Clock
from rulectl.controller.idle import Idle
from rulectl.controller.intake import Intake
from rulectl.controller.orders import concerns, resumed
from rulectl.controller.reconciler import Again, Done, Outcome, Reconciler
from rulectl.controller.report import Notice as NoticeReport
from rulectl.controller.suspects import Suspects
from rulectl.errors import PermanentError, TransientError
from rulectl.informer.change import Added, Deleted, Notice, Relisted, Updated
from rulectl.kube.object import KubeObject
from rulectl.plan.model import RulePlan
from rulectl.resource import ObjectKey
from rulectl.state.record import RuleState
from rulectl.state.request import Ack, Retry
from rulectl.state.store import PutRule
from rulectl.workqueue import WorkQueue

ALL_NAMESPACES = "*"
"""The scope of an informer that lists all namespaces at once."""
RECHECK_SECONDS = 10 * 3600.0
LOW = -100
"""The priority of first lists, re-lists and periodic looks: fresh changes go before them."""


class TargetKey(NamedTuple):
    """The queue key of an object that runs are fanned out to."""

    uid: str


class GuardKey(NamedTuple):
    """The queue key of a list that the guard has to judge."""

    scope: str
    kind: str = "list"


QueueKey: TypeAlias = ObjectKey | TargetKey | GuardKey


@dataclass(slots=True)
class Controller:
    """A rule's queue between the informers' reader threads and the workers.

    Handlers only compare and enqueue. A key never holds data: the worker reads cache and record anew.
    """

    rule: RulePlan
    queue: WorkQueue[QueueKey]
    intake: Intake
    reconciler: Reconciler
    suspects: Suspects
    clock: Clock
    on_ready: Callable[[], None]
    """Called when a key may have become ready; from any thread."""
    idle: Idle | None = None
    """Finds out which updates need no worker; None: all do."""
    is_started: bool = False
    """Workers take no key before every watched scope, and every lookup and target, had its first complete list.

    A lookup's or target's list that the server has refused is not waited for: what needs it is unknown, and told."""
    crashes: int = 0
    recheck_at: float | None = None
    _waiting_scopes: set[str] = field(default_factory=set)
    _awaits_others: Callable[[], bool] = lambda: True

    # ------------------------------------------------------------- what informers tell (reader threads)

    def on_notice(self, scope: str, notice: Notice) -> None:
        """A change to a watched object; `scope` is the namespace that the informer lists, ``*`` for all."""
        match notice:
            case Added(key, new, initial):
                if self._is_excluded(key):
                    return
                self.intake.came(new.uid)
                if initial:
                    self.intake.initial(key.namespace if self.rule.select.namespace_selector else scope, key)
                self.enqueue(key, LOW if initial else 0)
            case Updated(key, _, new):
                if not self._is_excluded(key) and not self._stays_idle(key, new):
                    self.enqueue(key)
            case Deleted(key, old):
                if not self._is_excluded(key) or self.reconciler.ledger.record(self.rule.name, old.uid) is not None:
                    self._remember(notice)
                    self.intake.ended(old.uid)
                    self.enqueue(key)
            case Relisted(deleted, total, version, initial=initial, backwards=backwards):
                self._compare_versions(version, backwards=backwards)
                for change in deleted:
                    if not self._is_excluded(change.key):
                        self._remember(change)
                self._look_for_missing(scope, total)
                if initial:
                    self._first_list(scope)

    def on_lookup(self, name: str, notice: Notice) -> None:
        """A change to an object that a lookup may have found."""
        lookups = self.reconciler.evaluator.lookups
        match notice:
            case Added(_, new, initial):
                keys = set() if initial else lookups.dependents(name, new)
            case Updated(_, old, new):
                keys = lookups.dependents(name, new) | lookups.dependents(name, old)
            case Deleted(_, old):
                keys = lookups.dependents(name, old)
            case Relisted(deleted, initial=initial):
                keys = set().union(*(lookups.dependents(name, change.old) for change in deleted))
                if initial:
                    # What was unknown until now can be judged, the end of what is gone too.
                    keys |= {item.key for item in self.reconciler.cache.select()}
                    keys |= {one.key for one in self.reconciler.ledger.of_rule(self.rule.name) if not one.is_target}
                    self._start_when_listed()
        for key in keys:
            self.enqueue(key)

    def on_target(self, notice: Notice) -> None:
        """A change to an object that runs may be fanned out to: only its going matters by itself."""
        match notice:
            case Deleted(_, old):
                self.enqueue(TargetKey(old.uid), LOW)
            case Relisted(deleted):
                for change in deleted:
                    self.enqueue(TargetKey(change.old.uid), LOW)
                self._start_when_listed()
            case _:
                pass

    # ------------------------------------------------------------- the queue

    def enqueue(self, key: QueueKey, priority: int = 0) -> None:
        """Has a worker look at `key` soon."""
        self.queue.add(key, priority)
        self.on_ready()

    def start(self, scopes: set[str], awaits_others: Callable[[], bool]) -> None:
        """Looks at every record with something to do.

        Keys are handed out once all `scopes` are listed, and `awaits_others` says that no other list is to come.
        """
        self._waiting_scopes |= scopes - self.intake.listed_scopes()
        self._awaits_others = awaits_others
        self._start_when_listed()
        self.look_at_all()

    def order(self, request: Ack | Retry) -> list[str]:
        """Has the records that `request` concerns seen to; their uids."""
        records = [one for one in self.reconciler.ledger.of_rule(self.rule.name) if concerns(request, one)]
        for record in records:
            self.reconciler.orders.place(record.uid, request)
            self.enqueue(record.key)
        return [record.uid for record in records]

    def resume(self) -> None:
        """Ends the rule's pause.

        Raises:
            UsageError: it is not paused.
            TransientError, PermanentError: the state could not be written.
        """
        reconciler = self.reconciler
        state = resumed(reconciler.ledger.rule(self.rule.name), self.rule.name)
        reconciler.ledger.write([PutRule(state)], durable=True)
        reconciler.limiter.reset()
        self.look_at_all()

    def look_at_all(self) -> None:
        """Has a worker look at everything that is remembered."""
        for record in self.reconciler.ledger.of_rule(self.rule.name):
            self.enqueue(TargetKey(record.object_uid) if record.is_target else record.key, LOW)

    def recheck(self) -> None:
        """Looks at everything once in `RECHECK_SECONDS`: a net below all else, in which only what is owed is caught."""
        if not self.is_started:
            self._start_when_listed()  # a list may have been refused, which no notice tells
        now = self.clock.monotonic()
        if self.recheck_at is None or now >= self.recheck_at:
            is_due, self.recheck_at = self.recheck_at is not None, now + RECHECK_SECONDS
            if is_due:
                self.look_at_all()
                for found in self.reconciler.cache.select():
                    self.enqueue(found.key, LOW)

    def take(self) -> QueueKey | None:
        """A key that is ready, to be given to `work`; None when there is none now."""
        return self.queue.try_get() if self.is_started else None

    def work(self, key: QueueKey) -> None:
        """Handles `key` to the end. Never raises but for BaseExceptions that are no errors of a rule."""
        try:
            outcome = self._handle(key)
        except (TransientError, PermanentError) as fault:
            self.reconciler.faults.tell(key if isinstance(key, ObjectKey) else None, str(fault))
            self.queue.add_rate_limited(key)
        except Exception as bug:  # noqa: BLE001 - a bug in one key must not end the worker of all others
            self.crashes += 1
            where = traceback.format_exception(bug)[-1].strip()
            frame = traceback.extract_tb(bug.__traceback__)[-1]
            place = f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
            self.reconciler.tools.report(
                NoticeReport(f"internal error at {place}: {where}; it is tried again", "error", self.rule.name)
            )
            self.queue.add_rate_limited(key)
        else:
            self.queue.forget(key)
            if isinstance(outcome, Again):
                priority = LOW if outcome.is_periodic else None
                self.queue.add_after(key, max(0.0, outcome.at - self.clock.now()), priority)
        finally:
            self.queue.done(key)  # the worker that did it looks for more by itself

    def _handle(self, key: QueueKey) -> Outcome:
        match key:
            case TargetKey(uid):
                return self.reconciler.reconcile_target(uid)
            case GuardKey(scope):
                self.suspects.judge(scope, lambda found: self.enqueue(found, LOW))
                return Done()
            case _:
                return self.reconciler.reconcile(key)

    def complete(self, scope: str) -> None:
        """Every object of a new scope's first list is handled: from now on what is not known is new."""
        ledger = self.reconciler.ledger
        ledger.flush()
        state = ledger.rule(self.rule.name) or RuleState(self.rule.name)
        if scope not in state.scopes:
            ledger.write([PutRule(replace(state, scopes=(*state.scopes, scope)))], durable=True)

    def _compare_versions(self, version: str, *, backwards: bool) -> None:
        """Versions that run backwards prove nothing: the server's data were restored. Contents still do."""
        reconciler = self.reconciler
        if not reconciler.guard_versions:
            return
        known = (one.resource_version for one in reconciler.ledger.of_rule(self.rule.name) if not one.is_target)
        newest = max((int(one) for one in known if one.isdigit()), default=0)
        if backwards or (version.isdigit() and int(version) < newest):
            reconciler.guard_versions = False
            reconciler.tools.report(
                NoticeReport(
                    f"the server's versions run backwards ({version}, {newest} was seen): its data were restored, "
                    "so objects are compared by content alone from now on",
                    "warning",
                    self.rule.name,
                )
            )

    def _remember(self, change: Deleted) -> None:
        if change.final_state_known:
            self.intake.went(change.old.uid, self.reconciler.recording.object(change.old.value()))

    def _first_list(self, scope: str) -> None:
        self.intake.listed(scope)
        self._waiting_scopes.discard(scope)
        self._start_when_listed()

    def _start_when_listed(self) -> None:
        if not self.is_started and not self._waiting_scopes and not self._awaits_others():
            self.is_started = True
            self.on_ready()

    def _look_for_missing(self, scope: str, listed: int) -> None:
        """Records whose object the complete list did not have: it went while nobody looked, or the list lies."""
        cache = self.reconciler.cache
        missing, population = [], 0
        for record in self.reconciler.ledger.of_rule(self.rule.name):
            if record.is_target or scope not in {ALL_NAMESPACES, record.namespace}:
                continue
            population += 1
            found = cache.get(record.key)
            if found is not None and found.uid != record.uid:
                # That another one has its name is the proof, and may soon be gone itself.
                self.intake.ended(record.uid)
                self.enqueue(record.key, LOW)
            elif found is None and not record.gone and not record.held and not self._is_excluded(record.key):
                missing.append(record)
        for key in self.suspects.listed(scope, missing, population, listed):
            self.enqueue(key, LOW)
        if self.suspects.waits(scope):
            self.enqueue(GuardKey(scope), LOW)

    def _is_excluded(self, key: ObjectKey) -> bool:
        return self.reconciler.cache.excludes(key.namespace)

    def rests(self, key: ObjectKey, uid: str) -> bool:
        """Whether nobody is at work on the object, and nothing is to be done while the rule's terms do not hold."""
        return self.idle is not None and not self.queue.is_processing(key) and self.idle.rests(uid)

    def _stays_idle(self, key: ObjectKey, new: KubeObject) -> bool:
        """Whether nobody need look. Who takes the key from here on finds `new` in the cache, or what came after it."""
        return self.idle is not None and self.rests(key, new.uid) and self.idle.fails(new)
