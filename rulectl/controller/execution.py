"""Running the actions of one run, in order, from the first that is not done."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rulectl.action.attempt import perform
from rulectl.action.contract import Action, ActionContext, DryRun, Level, Log
from rulectl.action.egress import EgressPolicy
from rulectl.action.http.port import HttpClient
from rulectl.action.isolation.pool import Isolation
from rulectl.action.kube import Kube, Resolver
from rulectl.action.outcome import Attempt, Crashed, Done, Failed, RetryAfter, Unchanged
from rulectl.action.printing import Chatter, printing_to
from rulectl.action.secrets import Secrets
from rulectl.clock import Clock
from rulectl.controller.report import ActionEnded, Line, Reporter
from rulectl.controller.tries import Tries
from rulectl.errors import PermanentError, UsageError
from rulectl.expression import EvaluationError
from rulectl.fields import FieldTree
from rulectl.plan.model import ActionPlan, RetryPolicy
from rulectl.predicate.term import truth
from rulectl.resource import ObjectKey, Resource
from rulectl.value import Value, encode


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What actions share: the API server, other servers, secrets, time."""

    kube: Kube
    resolve: Resolver
    http: HttpClient
    secrets: Secrets
    clock: Clock
    stop: threading.Event
    report: Reporter
    mask: Callable[[str], str]
    egress: EgressPolicy = field(default_factory=EgressPolicy)
    allow_exec: bool = False
    dry_run: DryRun = "none"
    on_action: Callable[[str, float | None], None] = lambda _action, _deadline: None
    """Told of every action that begins, with its deadline (monotonic), and with None when it has ended."""
    on_wait: Callable[[], None] = lambda: None
    """Told that this thread has decided and may now wait for a disk, a server or a process."""
    tries: Tries = field(default_factory=Tries)
    isolation: Isolation = field(default_factory=Isolation)
    """Processes for actions with ``isolation: process``."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The object acted on, and whose run it is."""

    rule: str
    record_id: str
    number: int
    watched: ObjectKey
    resource: Resource
    key: ObjectKey
    uid: str
    obj: Mapping[str, Value]
    known: FieldTree


@dataclass(frozen=True, slots=True)
class Ended:
    """Every action is done, was unchanged, or was skipped."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """An action did not work this time; `seconds`: what it asked to wait, None: as the rule says."""

    message: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class FailedForGood:
    """An action gave a final answer, or its attempts are used up."""

    message: str


Result: TypeAlias = Ended | TryAgain | FailedForGood


@dataclass(slots=True)
class Execution:
    """One try of one run. `on_done` is called, and must return, before the next action starts."""

    actions: tuple[ActionPlan, ...]
    subject: Subject
    scope: dict[str, Value]
    tools: Toolbox
    done: Mapping[str, Value]
    attempt_number: int
    on_done: Callable[[str, Value], None]
    ended: list[ActionEnded] = field(default_factory=list)
    rng: random.Random = field(default_factory=random.SystemRandom)

    def run(self) -> Result:
        """Runs what is not done yet; raises only what `on_done` raises, and BaseExceptions."""
        results = dict(self.done)
        for position, plan in enumerate(self.actions):
            if plan.name in self.done:
                continue
            self.scope["results"] = results
            outcome = self._one(plan)
            match outcome:
                case TryAgain() if plan.on_error == "stop":
                    return outcome
                case FailedForGood() if plan.on_error == "stop":
                    return outcome
                case TryAgain(message) | FailedForGood(message):
                    results[plan.name] = {"error": message}
                case Done(_, value) | Unchanged(_, value):
                    results[plan.name] = plan.result_tree.prune(value) if plan.keep_result else None
            if position + 1 < len(self.actions):
                self.on_done(plan.name, results[plan.name])
        return Ended()

    def describe(self) -> list[ActionEnded]:
        """What the actions would send; nothing is sent."""
        told = []
        for plan in self.actions:
            self.scope.setdefault("results", {})
            try:
                if plan.condition is not None and not truth(plan.condition.evaluate(self.scope, self._now())):
                    told.append(ActionEnded(plan.name, plan.type.name, "skipped", "its `if` does not hold"))
                    continue
                shown = self._bound(plan).describe(self._context(plan, 1, self._log(plan)))
                text = shown if isinstance(shown, str) else encode(shown).decode()
                told.append(ActionEnded(plan.name, plan.type.name, "done", self.tools.mask(text)))
            except (EvaluationError, UsageError, PermanentError) as fault:
                told.append(ActionEnded(plan.name, plan.type.name, "failed", self.tools.mask(str(fault))))
            except Exception as bug:  # noqa: BLE001 - a plugin that cannot describe itself harms nobody else
                said = f"the plugin's describe() raised {type(bug).__name__}: {bug}"
                told.append(ActionEnded(plan.name, plan.type.name, "failed", self.tools.mask(said)))
        return told

    def _one(self, plan: ActionPlan) -> Done | Unchanged | TryAgain | FailedForGood:
        try:
            if plan.condition is not None and not truth(plan.condition.evaluate(self.scope, self._now())):
                self._tell(plan, "skipped", "its `if` does not hold")
                return Done()
            action = self._bound(plan)
        except EvaluationError as fault:
            # The object may come to have what is missing: like any exception it is tried again later.
            self._tell(plan, "retry", str(fault))
            return TryAgain(f"{plan.name}: {fault}")
        except (UsageError, PermanentError) as fault:
            self._tell(plan, "failed", str(fault))
            return FailedForGood(f"{plan.name}: {fault}")
        tries = 0
        while True:
            tries += 1
            match self._settle(plan, self._attempt(plan, action, self.attempt_number + tries - 1)):
                case TryAgain(message, seconds):
                    if plan.retry is None or 0 < plan.retry.attempts <= tries:
                        return TryAgain(message, seconds)
                    wait = delay(plan.retry, tries) * (1.0 + self.rng.random() * 0.2)
                    wait = max(min(wait, plan.retry.max_seconds), seconds or 0.0)
                    # Longer waits are the queue's: a worker that sleeps does nothing for anybody else.
                    if wait > plan.retry.max_seconds or self.tools.clock.wait(self.tools.stop, wait):
                        return TryAgain(message, seconds)
                case other:
                    return other

    def _attempt(self, plan: ActionPlan, action: Action, number: int) -> Attempt:
        chatter = Chatter(self._log(plan), self.tools.mask)
        context = self._context(plan, number, chatter.say)
        self.tools.on_action(plan.name, context.deadline)
        with printing_to(chatter):
            attempt = perform(action, context, has_server_dry_run=plan.type.has_server_dry_run)
        self.tools.on_action(plan.name, None)
        return attempt

    def _bound(self, plan: ActionPlan) -> Action:
        parameters = self._parameters(plan)
        bound = plan.type.bind(parameters)
        return bound if plan.isolation == "thread" else self.tools.isolation.isolated(plan.type, parameters)

    def _settle(self, plan: ActionPlan, outcome: Attempt) -> Done | Unchanged | TryAgain | FailedForGood:
        match outcome:
            case Done(message):
                self._tell(plan, "done", message)
                return outcome
            case Unchanged(message):
                self._tell(plan, "unchanged", message)
                return outcome
            case RetryAfter(seconds, message):
                self._tell(plan, "retry", message)
                return TryAgain(self.tools.mask(f"{plan.name}: {message}"), seconds)
            case Crashed(message):
                self._tell(plan, "retry", message)
                return TryAgain(self.tools.mask(f"{plan.name}: {message}"))
            case Failed(message):
                self._tell(plan, "failed", message)
                return FailedForGood(self.tools.mask(f"{plan.name}: {message}"))

    def _parameters(self, plan: ActionPlan) -> Mapping[str, Value]:
        rendered = plan.parameters.render(self.scope, self._now())
        assert isinstance(rendered, Mapping), "the compiler lets only mappings through"
        return rendered

    def _log(self, plan: ActionPlan) -> Log:
        subject, tools = self.subject, self.tools

        def log(line: str, level: Level = "info") -> None:
            tools.report(Line(subject.rule, subject.watched, plan.name, level, tools.mask(line)))

        return log

    def _context(self, plan: ActionPlan, number: int, log: Log) -> ActionContext:
        subject, tools = self.subject, self.tools
        return ActionContext(
            rule=subject.rule,
            action=plan.name,
            obj=subject.obj,
            resource=subject.resource,
            key=subject.key,
            uid=subject.uid,
            kube=tools.kube,
            resolve=tools.resolve,
            http=tools.http,
            secrets=tools.secrets,
            clock=tools.clock,
            stop=tools.stop,
            deadline=tools.clock.monotonic() + plan.timeout_seconds,
            idempotency_key=idempotency_key(subject.record_id, subject.number, subject.uid, plan.name),
            log=log,
            known=subject.known,
            attempt=number,
            dry_run=tools.dry_run,
            egress=tools.egress,
            allow_exec=tools.allow_exec,
        )

    def _tell(self, plan: ActionPlan, verb: str, message: str) -> None:
        self.ended.append(ActionEnded(plan.name, plan.type.name, verb, self.tools.mask(message)))  # type: ignore[arg-type]

    def _now(self) -> float:
        return self.tools.clock.now()


def idempotency_key(record_id: str, number: int, target_uid: str, action: str) -> str:
    """Equal when the same action of the same run is tried again, also after a crash; new for every later run."""
    return hashlib.sha256("\x00".join((record_id, str(number), target_uid, action)).encode()).hexdigest()


def delay(policy: RetryPolicy, failures: int) -> float:
    """Seconds to wait after so many failures in a row: exponential, up to the policy's maximum."""
    return min(policy.initial_seconds * 2.0 ** min(failures - 1, 60), policy.max_seconds)
