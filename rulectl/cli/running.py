"""An engine from its start to its end, and what people are told on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from rulectl.action.printing import contained_printing
from rulectl.cli.assembly import assemble
from rulectl.cli.connection import ConnectionFlags
from rulectl.cli.exits import Exit
from rulectl.cli.holding import store_for
from rulectl.cli.live import connect, is_in_cluster
from rulectl.cli.moment import rfc3339
from rulectl.cli.output import palette_for
from rulectl.cli.printer import Printer
from rulectl.cli.progress import ready_text, syncing_text
from rulectl.cli.signals import end_at_once, stop_on_signals
from rulectl.cli.status_line import StatusLine
from rulectl.cli.summary import summary_json, summary_text
from rulectl.cli.tally import Tally
from rulectl.clock import Clock, SystemClock
from rulectl.duration import format_duration
from rulectl.errors import Forbidden, TransientError, Unreachable
from rulectl.kube.connection import Connection
from rulectl.kube.discovery import Discovery
from rulectl.manager.access import access_notices
from rulectl.manager.engine import Engine
from rulectl.manager.once import Summary
from rulectl.manager.settings import Settings
from rulectl.manager.states import describe_state
from rulectl.plan.model import Plan
from rulectl.state.store import StateStore

POLL_SECONDS = 0.1
RETRY_SECONDS = 1.0
_KILLING_SECONDS = 0.3
"""Long enough for actions to notice that the process ends and to kill what they have started."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """How many runs were given up under way, and with `once` what is left."""

    running: int
    summary: Summary | None


@dataclass(slots=True)
class Running:
    """One run of the controller. Lines about runs go to `out`, all else to `err`."""

    plan: Plan
    settings: Settings
    state: str | None
    """The value of ``--state``; None: not given."""
    form: Literal["text", "json"]
    out: TextIO
    err: TextIO

    def run(self, flags: ConnectionFlags, sandbox: str | None) -> Exit:
        """Runs until a signal (with `once`: until all is done). `sandbox`: run against an embedded API server.

        Raises:
            RulectlError: the cluster cannot be reached, refuses, or the configuration is wrong.
        """
        status = StatusLine(self.err)
        stop = threading.Event()
        tally = Tally()

        def ask_to_stop(signal: str) -> None:
            wait = format_duration(self.settings.drain_seconds)
            status.say(f"{signal}: waiting up to {wait} for runs that are under way; once more ends at once")
            stop.set()

        engines: list[Engine] = []

        def end(number: int) -> None:
            for one in engines:
                one.abandon()
            time.sleep(_KILLING_SECONDS if engines else 0.0)
            end_at_once(number)

        with ExitStack() as stack:
            stack.enter_context(contained_printing())
            stack.enter_context(stop_on_signals(ask_to_stop, end))
            connection = stack.enter_context(self._connection(flags, sandbox, status))
            clock = SystemClock()
            kinds = Discovery(connection.transport, clock)
            self._introduce(connection, status)
            self._reach(kinds, connection.server, stop, status)
            if stop.is_set():
                return self._stopped
            counts = tally if self.settings.once else None
            printer = Printer(self.out, self.form, palette_for(self.out), status, stop.set, counts)
            stack.callback(printer.close)
            in_cluster = sandbox is None and not flags.are_given and is_in_cluster()
            state = "memory" if self.state is None and sandbox is not None else self.state
            store = store_for(self.settings, state, connection, clock, in_cluster=in_cluster)
            stack.callback(store.close)
            engine = assemble(self.plan, self.settings, connection, kinds, store, clock, printer.report)
            engines.append(engine)
            self._say_state(engine, store, status, is_kept=state != "memory")
            if sandbox is None:
                self._check_access(kinds, connection, clock, printer)
            ended = self._drive(engine, stop, status)
        how = self._conclude(ended, printer, tally, status)
        return self._stopped if how is Exit.FINE and stop.is_set() else how

    @property
    def _stopped(self) -> Exit:
        """How a run ends that was asked to stop: with `once` it cannot say that all is done."""
        return Exit.INTERRUPTED if self.settings.once else Exit.FINE

    def _check_access(self, kinds: Discovery, connection: Connection, clock: Clock, printer: Printer) -> None:
        """Marks the rules that lack a permission; they are run all the same, as the cluster has the last word."""
        acts = self.settings.dry_run != "client"
        for notice in access_notices(self.plan, kinds, connection.transport, clock, acts=acts):
            printer.report(notice)

    def _drive(self, engine: Engine, stop: threading.Event, status: StatusLine) -> _Ended:
        """From the first list to the last flush."""
        summary = None
        try:
            engine.start()
            self._sync(engine, stop, status)
            if self.settings.once:
                summary = engine.once(stop)
            else:
                engine.run(stop)
        finally:
            status.clear()
            running = engine.stop()
        return _Ended(running, summary)

    def _conclude(self, ended: _Ended, printer: Printer, tally: Tally, status: StatusLine) -> Exit:
        """What is said at the end, and how the process ends."""
        if ended.running:
            runs = "1 run was" if ended.running == 1 else f"{ended.running} runs were"
            status.say(f"{runs} given up under way; a start with the same durable state takes them up again")
        if printer.is_broken:
            return Exit.BROKEN_PIPE
        if ended.summary is None:
            return Exit.FINE
        if self.form == "json":
            self.out.write(summary_json(tally, ended.summary, rfc3339(time.time())) + "\n")
        else:
            self.out.write(summary_text(tally, ended.summary) + "\n")
        is_fine = tally.is_fine and ended.summary.is_fine and not ended.running
        return Exit.FINE if is_fine else Exit.RUNS

    def _reach(self, kinds: Discovery, server: str, stop: threading.Event, status: StatusLine) -> None:
        """Returns when the server has answered, or `stop` is set.

        Raises:
            Unreachable: no answer in time.
            Forbidden: the server does not know us.
        """
        seconds = self.settings.start_seconds
        until = time.monotonic() + seconds
        told = False
        while not stop.is_set():
            try:
                kinds.served()
            except TransientError as fault:
                if time.monotonic() + RETRY_SECONDS >= until:
                    raise Unreachable(
                        f"{server} has not answered within {format_duration(seconds)}: {fault}; "
                        "check the address, the network and that the API server runs"
                    ) from fault
                if not told:
                    status.say(f"{server} does not answer: {fault}; trying for {format_duration(seconds)}")
                    told = True
                stop.wait(RETRY_SECONDS)
            else:
                return

    def _sync(self, engine: Engine, stop: threading.Event, status: StatusLine) -> None:
        """Shows how far the caches are, until they are there or it has taken long enough to go on without."""
        began = time.monotonic()
        while not engine.has_synced and not stop.wait(POLL_SECONDS):
            watches = engine.progress()
            status.show(syncing_text(watches))
            unknown = next((one for one in watches if one.problem.startswith("unauthorized")), None)
            if unknown is not None:
                raise Forbidden(f"{unknown.what}: {unknown.problem}; log in again, or check --token", status=401)
            if time.monotonic() - began >= self.settings.start_seconds:
                break
        status.clear()
        if self.settings.once and not engine.has_synced and not stop.is_set():
            raise Unreachable(
                f"not everything could be read in {format_duration(self.settings.start_seconds)}, so nothing can be "
                f"said about what is owed: {syncing_text(engine.progress())}"
            )
        if not stop.is_set():
            status.say(ready_text(engine.progress(), engine.rules(), time.monotonic() - began))

    def _introduce(self, connection: Connection, status: StatusLine) -> None:
        rules = [rule for rule in self.plan.rules if rule.enabled]
        count = f"{len(rules)} rule{'' if len(rules) == 1 else 's'}"
        status.say(f"{count} on {connection.server}" + _DRY_RUN[self.settings.dry_run])
        for rule in self.plan.rules:
            if not rule.enabled:
                status.say(f"  {rule.name} is off: its enabledIf does not hold")
            uses = [action.type.name for action in (*rule.actions, *rule.resolved)]
            if rule.enabled and "exec" in uses and not self.settings.allow_exec:
                status.say(f"  {rule.name} runs programs, which fails without --allow-exec")

    def _say_state(self, engine: Engine, store: StateStore, status: StatusLine, *, is_kept: bool) -> None:
        ledger = engine.ledger
        records = sum(len(ledger.of_rule(known.rule)) for known in ledger.rules())
        if self.settings.dry_run == "none" or not is_kept:
            status.say(describe_state(store, records=records))
        elif records:
            status.say(f"state: {records} record{'' if records == 1 else 's'}, read and left as they are")

    @contextmanager
    def _connection(self, flags: ConnectionFlags, sandbox: str | None, status: StatusLine) -> Iterator[Connection]:
        if sandbox is None:
            connection = connect(flags)
            try:
                yield connection
            finally:
                connection.transport.close()
            return
        from rulectl.sandbox import SandboxServer, banner  # noqa: PLC0415 - aiohttp is slow to import

        with SandboxServer(load=[Path(sandbox)] if sandbox else []) as server:
            status.say(f"{banner(server.url)}kubectl works beside it:\n  export KUBECONFIG={server.kubeconfig_path}")
            connection = connect(ConnectionFlags(kubeconfig=str(server.kubeconfig_path)))
            try:
                yield connection
            finally:
                connection.transport.close()


_DRY_RUN = {
    "none": "",
    "client": "; dry run: actions are shown, nothing is sent",
    "server": "; dry run: the API server checks writes, keeps none",
}
