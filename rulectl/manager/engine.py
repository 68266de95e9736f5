"""The whole controller at work: informers, rules, workers; with threads, or stepped by one thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from rulectl.clock import Clock
from rulectl.controller.execution import Toolbox
from rulectl.controller.pool import WorkerPool
from rulectl.controller.report import Notice, Reporter
from rulectl.errors import RulectlError
from rulectl.informer.factory import InformerFactory
from rulectl.manager.attachment import Attached, Attacher
from rulectl.manager.dead_letters import DeadLetters
from rulectl.manager.kinds import Kinds
from rulectl.manager.once import Summary, summary_of
from rulectl.manager.post import Post
from rulectl.manager.runtime import Runtime
from rulectl.manager.settings import Settings
from rulectl.plan.model import Plan, RulePlan
from rulectl.resource import Kind, Resource
from rulectl.state.ledger import Ledger
from rulectl.state.mailbox import Mailbox

ASK_AGAIN_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)
"""How long to wait between questions for a kind that is not served."""
HOUSEKEEPING_SECONDS = 0.5
SETTLE_SECONDS = 60.0
"""After this the garbage collector works, even if not all has been read yet."""
ONCE_POLL_SECONDS = 0.05
POST_SECONDS = 1.0
"""How often to look for requests of ``rulectl state``."""
KEYS_PER_STEP = 1000
"""So that a step ends, and watches are read, whatever the rules do to each other."""


@dataclass(frozen=True, slots=True)
class InformerProgress:
    """How far one watch is, for a progress display."""

    what: str
    synced: bool
    objects: int
    problem: str


@dataclass(frozen=True, slots=True)
class RuleProgress:
    """How one rule is doing."""

    rule: str
    ready: bool
    problem: str
    queued: int


class Engine:
    """Drive it in one of two ways, never both.

    With threads: `start`, then `run` until a stop event is set, then `stop`. In one thread with a virtual
    clock: `step` while it says that it did something, then move the clock to `next_deadline`.
    """

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        *,
        kinds: Kinds,
        factory: InformerFactory,
        ledger: Ledger,
        pool: WorkerPool,
        attacher: Attacher,
        tools: Toolbox,
        report: Reporter,
        mailbox: Mailbox,
        dead_letters: DeadLetters,
    ) -> None:
        self.plan = plan
        self.settings = settings
        self.ledger = ledger
        self.pool = pool
        self.attached: list[Attached] = []
        self._kinds = kinds
        self._factory = factory
        self._attacher = attacher
        self._tools = tools
        self._clock: Clock = tools.clock
        self._report = report
        self._waiting: list[RulePlan] = [rule for rule in plan.rules if rule.enabled]
        self._said_waiting: set[str] = set()
        self._asked = 0
        self._ask_at = self._clock.monotonic()
        self._said_unwritten = ""
        self._dead_letters = dead_letters
        self._post = Post(mailbox, ledger, self._clock, lambda: [one.controller for one in self.attached])
        self._post_at = self._clock.monotonic()
        self._stop = tools.stop
        self._housekeeper: threading.Thread | None = None
        self._runtime = Runtime()
        self._settle_at = self._clock.monotonic() + SETTLE_SECONDS

    # ------------------------------------------------------------- with threads

    def start(self) -> None:
        """Starts informers and workers and returns.

        Raises:
            TransientError, PermanentError: the server gave no answer to discovery, or refused it.
        """
        self._attach_waiting(first=True)
        self._runtime.enter()
        self._factory.start()
        self.pool.start(sum(rule.workers for rule in self.plan.rules if rule.enabled))
        self._housekeeper = threading.Thread(target=self._keep_house, name="rulectl-housekeeper", daemon=True)
        self._housekeeper.start()

    def run(self, stop: threading.Event) -> None:
        """Returns when `stop` is set.

        Raises:
            RuntimeError: a thread of the engine has died, so the process must end too.
            PermanentError: the state can be kept no more; nothing may be started without it.
        """
        while not self._clock.wait(stop, HOUSEKEEPING_SECONDS):
            self._check_is_alive()

    def once(self, stop: threading.Event) -> Summary:
        """Returns when everything is done that can be without waiting for a clock, or when `stop` is set.

        What fails is tried until its retries are used up or `Settings.once_attempts` tries were made.
        """
        while not self._clock.wait(stop, ONCE_POLL_SECONDS):
            self._check_is_alive()
            if self.has_synced and self.pool.is_idle() and not self._is_retrying():
                break
        records = [record for one in self.attached for record in self.ledger.of_rule(one.rule.name)]
        return summary_of(records, self.ledger.rules())

    def _check_is_alive(self) -> None:
        if self.pool.died is not None:
            msg = "a worker thread died"
            raise RuntimeError(msg) from self.pool.died
        if self.ledger.broken is not None:
            raise self.ledger.broken

    def _is_retrying(self) -> bool:
        tries = self._tools.tries
        return any(
            record.run is not None and not tries.are_used_up(record) and record.run.targets is None
            for one in self.attached
            if not self._is_paused(one)
            for record in self.ledger.of_rule(one.rule.name)
        )

    def _is_paused(self, one: Attached) -> bool:
        state = self.ledger.rule(one.rule.name)
        return state is not None and state.paused

    def stop(self) -> int:
        """Hands out no more keys, waits for those under way, flushes the state; how many were left running."""
        left = self.pool.drain(self.settings.drain_seconds)
        self._stop.set()
        self._tools.isolation.close()
        self._factory.stop()
        if self._housekeeper is not None:
            self._housekeeper.join(2.0)
        self._dead_letters.post()
        self._runtime.leave()
        self.ledger.close()
        return left

    def abandon(self) -> None:
        """Has actions kill, within a moment, the processes that they have started: this one is about to be ended."""
        self._stop.set()

    def wait_for_sync(self, seconds: float) -> bool:
        """Waits until every rule that can start has started; whether that came to be in `seconds`."""
        end = self._clock.monotonic() + seconds
        while not self.has_synced:
            if self._clock.monotonic() >= end or self._clock.wait(self._stop, 0.02):
                return False
        return True

    # ------------------------------------------------------------- in one thread

    def step(self) -> bool:
        """Does one round of everything that can be done now; False: nothing was to be done."""
        did = self._keep_house_once()
        did = self._factory.step() or did
        for _ in range(KEYS_PER_STEP):
            if not self.pool.step():
                break
            did = True
        return did

    def next_deadline(self) -> float | None:
        """The monotonic time at which `step` has something to do by itself; None: never."""
        deadlines = [self._factory.next_deadline(), self.pool.next_deadline(), self.ledger.next_flush()]
        deadlines.append(self._dead_letters.next_deadline())
        if self._waiting:
            deadlines.append(self._ask_at)
        return min((one for one in deadlines if one is not None), default=None)

    def close(self) -> None:
        """Flushes and closes, for an engine that was stepped."""
        self._stop.set()
        self._tools.isolation.close()
        self._factory.stop()
        self.ledger.close()

    # ------------------------------------------------------------- how it is doing

    @property
    def has_synced(self) -> bool:
        """Whether every rule has been told its first complete lists, but for those whose kind is not served."""
        return bool(self.attached or not self._waiting) and all(one.controller.is_started for one in self.attached)

    def progress(self) -> list[InformerProgress]:
        """Every watch, in the order they were made."""
        told = []
        for informer in self._factory.informers:
            health = informer.health()
            problem = "" if health.reason in {"", "listing"} else f"{health.reason}: {health.last_error}"
            told.append(InformerProgress(str(informer.target), health.synced, len(informer.lister), problem))
        return told

    def rules(self) -> list[RuleProgress]:
        """Every rule that is on."""
        told = []
        for one in self.attached:
            problem = _problem(one)
            ready = one.controller.is_started and not problem
            told.append(RuleProgress(one.rule.name, ready, problem, len(one.controller.queue)))
        for rule in self._waiting:
            told.append(RuleProgress(rule.name, False, f"waits for {rule.select.kind} to be served", 0))
        return told

    # ------------------------------------------------------------- housekeeping

    def _keep_house(self) -> None:
        try:
            while not self._clock.wait(self._stop, HOUSEKEEPING_SECONDS):
                self._keep_house_once()
                if (self.has_synced and self.pool.is_idle()) or self._clock.monotonic() > self._settle_at:
                    self._runtime.settle()
        except BaseException as end:
            self.pool.died = end
            raise

    def _keep_house_once(self) -> bool:
        now = self._clock.monotonic()
        did = self._dead_letters.post()
        if self._waiting and now >= self._ask_at:
            did = self._attach_waiting(first=False) or did
        self._flush_due(now)
        if now >= self._post_at:
            self._post_at = now + POST_SECONDS
            did = self._see_to_post() or did
        for job in self.pool.give_up_overdue():
            rule = job.controller.rule.name
            self._report(
                Notice(
                    f"{job.action} has not ended by its deadline and is given up; {job.key} stays locked", "error", rule
                )
            )
        for one in self.attached:
            one.controller.recheck()
            self._tell_health(one)
        return did

    def _flush_due(self, now: float) -> None:
        try:
            self.ledger.flush_due(now)
        except RulectlError as fault:
            if str(fault) != self._said_unwritten:
                self._said_unwritten = str(fault)
                self._report(Notice(f"the state could not be written: {fault}", "error"))
        else:
            self._said_unwritten = ""

    def _see_to_post(self) -> bool:
        try:
            return self._post.see_to()
        except RulectlError as fault:
            self._report(Notice(f"requests of `rulectl state` cannot be read: {fault}", "warning"))
            return False

    def _attach_waiting(self, *, first: bool) -> bool:
        delay = ASK_AGAIN_SECONDS[min(self._asked, len(ASK_AGAIN_SECONDS) - 1)]
        self._asked += 1
        self._ask_at = self._clock.monotonic() + delay
        attached = []
        for rule in self._waiting:
            try:
                served = self._served(rule)
            except RulectlError as fault:
                if first:
                    raise
                self._say(rule, f"the server cannot be asked what it serves: {fault}")
                continue
            if served is None:
                continue
            one = self._attacher.attach(rule, served)
            self.attached.append(one)
            self.pool.add(one.controller)
            attached.append(rule)
        self._waiting = [rule for rule in self._waiting if rule not in attached]
        if attached and not first:
            names = ", ".join(rule.name for rule in attached if rule.name in self._said_waiting)
            if names:
                self._report(Notice(f"its kind is served now: {names} starts", rule=names))
        return bool(attached)

    def _served(self, rule: RulePlan) -> dict[Kind, Resource] | None:
        served: dict[Kind, Resource] = {}
        for kind in self._attacher.kinds_of(rule):
            found = self._kinds.find(kind)
            if found is None:
                self._say(rule, f"the server has no {kind}: the rule waits for its CRD (check apiVersion and kind)")
                return None
            served[kind] = found
        return served

    def _say(self, rule: RulePlan, message: str) -> None:
        if rule.name not in self._said_waiting:
            self._said_waiting.add(rule.name)
            self._report(Notice(message, "warning", rule.name))

    def _tell_health(self, one: Attached) -> None:
        problem = _problem(one)
        if problem == one.said:
            return
        one.said = problem
        if problem:
            self._report(Notice(f"not ready: {problem}", "warning", one.rule.name))
        else:
            self._report(Notice("ready again", "info", one.rule.name))


def _problem(one: Attached) -> str:
    """Why the rule's watches cannot be believed; empty: they can."""
    told: Sequence[str] = [
        f"{informer.target}: {health.reason} ({health.last_error})"
        for informer in one.informers
        if (health := informer.health()).reason not in {"", "listing", "expired"}
    ]
    return "; ".join(told)
