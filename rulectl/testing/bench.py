"""A whole controller on a test bench: rules, an API server in memory, virtual time, one thread."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from rulectl.action.client_kube import ClientKube
from rulectl.action.egress import EgressPolicy
from rulectl.action.masker import Masker
from rulectl.action.registry import Registry
from rulectl.action.secrets import SecretReader
from rulectl.clock import VirtualClock
from rulectl.controller.report import Report, RunEnded
from rulectl.errors import RulectlError
from rulectl.kube.discovery import Discovery
from rulectl.manager.builder import build
from rulectl.manager.engine import Engine
from rulectl.manager.settings import Settings
from rulectl.plan.compiler import compile_text
from rulectl.plan.model import Plan
from rulectl.sandbox.sandbox import Sandbox
from rulectl.state.mailbox import Mailbox
from rulectl.state.memory import MemoryStore
from rulectl.state.store import StateStore
from rulectl.testing.cluster import Cluster
from rulectl.testing.transport import Crash, InProcessTransport
from rulectl.testing.web import Call, FakeWeb

_ROUNDS = 10_000


class Bench:
    """Steps the real engine over the sandbox's store.

    `settle` lets everything happen that can happen now; `pass_time` moves the clock, stopping at every moment
    at which something is due. `restart` drops the engine and starts another on the same server and state.
    """

    def __init__(
        self,
        rules: str | Plan,
        *,
        environ: Mapping[str, str] | None = None,
        store: StateStore | None = None,
        registry: Registry | None = None,
        settings: Settings | None = None,
        mailbox: Mailbox | None = None,
        seed: int = 1,
        start: bool = True,
    ) -> None:
        """Compiles `rules` (YAML text, or a plan) and starts; faults in them are an error here.

        Raises:
            ValueError: a rule has an error; the message has them all.
        """
        self.clock = VirtualClock()
        self.sandbox = Sandbox(clock=self.clock, seed=seed)
        self.cluster = Cluster(self.sandbox.api)
        self.web = FakeWeb()
        self.store = store or MemoryStore(is_durable=True)
        self.reports: list[Report] = []
        self.crash = Crash()
        self._registry = registry
        self._mailbox = mailbox
        self._environ = dict(environ or {})
        self._settings = settings or Settings(seed=seed)
        self._starts = 0
        self.plan = rules if isinstance(rules, Plan) else self.compiled(rules)
        self.transport = InProcessTransport(self.sandbox.api, self.clock)
        self.engine: Engine | None = None
        if start:
            self.start()

    def compiled(self, rules: str) -> Plan:
        """The plan for `rules`.

        Raises:
            ValueError: a rule has an error.
        """
        found = compile_text(rules, registry=self._registry, environ=self._environ, now=self.clock.now())
        if found.has_errors:
            raise ValueError("\n".join(map(str, found.problems)))
        return found.plan

    # ------------------------------------------------------------- driving

    def start(self, plan: Plan | None = None) -> Engine:
        """Starts an engine and lets it settle."""
        self.plan = plan or self.plan
        self.transport.crash = self.web.crash = self.crash
        settings, self._starts = self._settings, self._starts + 1
        if settings.seed is not None:
            # No process draws the ids that another one has drawn.
            settings = dataclasses.replace(settings, seed=settings.seed + 1000 * self._starts)
        kube = ClientKube(self.transport, self.clock)
        self.engine = build(
            self.plan,
            settings,
            transport=self.transport,
            kinds=Discovery(self.transport, self.clock),
            kube=kube,
            http=self.web,
            secrets=SecretReader(kube, self.clock, Masker()),
            egress=EgressPolicy(),
            store=self.store,
            clock=self.clock,
            report=self.reports.append,
            mailbox=self._mailbox,
        )
        self.settle()
        return self.engine

    def settle(self) -> None:
        """Does everything that can be done without time passing."""
        engine = self._running()
        for _ in range(_ROUNDS):
            if not engine.step():
                return
        msg = "the engine does not come to rest"
        raise AssertionError(msg)

    def pass_time(self, seconds: float) -> None:
        """Lets `seconds` pass, with everything that is due on the way."""
        engine = self._running()
        end = self.clock.monotonic() + seconds
        self.settle()
        while True:
            due = engine.next_deadline()
            watch = self.transport.next_deadline()
            times = [time for time in (due, watch) if time is not None and time > self.clock.monotonic()]
            moment = min([end, *times])
            self.clock.advance(moment - self.clock.monotonic())
            self.settle()
            if moment >= end:
                return

    def drop(self) -> None:
        """The process is gone, as with kill -9: nothing is flushed, nothing is said; its connections are cut."""
        self.engine = None
        for watch in self.transport.watches:
            watch.close()
        self.transport.watches.clear()

    def stop(self) -> None:
        """The process ends in order."""
        if self.engine is not None:
            self.engine.close()
        self.engine = None

    def restart(self, rules: str | None = None, *, orderly: bool = True) -> None:
        """Ends this engine and starts another on the same server and state, with other rules where given."""
        if orderly:
            self.stop()
        else:
            self.drop()
        self.start(None if rules is None else self.compiled(rules))

    # ------------------------------------------------------------- what came of it

    @property
    def calls(self) -> list[Call]:
        """Every HTTP request that arrived."""
        return self.web.calls

    def bodies(self) -> list[object]:
        """The bodies of the HTTP requests that arrived."""
        return [call.body for call in self.web.calls]

    def runs(self, rule: str | None = None) -> list[RunEnded]:
        """Every try of a run that ended."""
        return [one for one in self.reports if isinstance(one, RunEnded) and rule in {None, one.rule}]

    def told(self, kind: type[Report]) -> Sequence[Report]:
        """Every report of one kind."""
        return [one for one in self.reports if isinstance(one, kind)]

    def _running(self) -> Engine:
        if self.engine is None:
            msg = "the engine is not running; start it first"
            raise RulectlError(msg)
        return self.engine
