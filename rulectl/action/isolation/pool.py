"""Processes for plugins, kept from one call to the next; `Isolated` is an action that runs in one."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, assert_never

from rulectl.action.contract import Action, ActionContext
from rulectl.action.isolation import wire
from rulectl.action.isolation.process import PluginEnded, PluginProcess
from rulectl.action.isolation.service import answer_of
from rulectl.action.outcome import Contained, Done, Failed, Outcome, RetryAfter, Unchanged
from rulectl.action.plugin import ActionType
from rulectl.action.printing import printed
from rulectl.clock import Clock, SystemClock
from rulectl.errors import PermanentError, TransientError
from rulectl.value import Value

MOST_IDLE: Final = 16
"""Processes that wait for a next call, of one plugin; more than that are ended when their call is over."""
IDLE_SECONDS: Final = 60.0
"""How long one waits at most while others of its plugin are used."""
_DESCRIBE_SECONDS: Final = 10.0


class Isolation:
    """Starts, keeps and ends the processes. Any number of threads may use it.

    There are at most as many processes under way as there are calls, so workers bound them. A process serves
    one plugin only, and is never used again after a call that did not end in order. `clock` is real time:
    what a process does takes it.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._idle: dict[str, deque[tuple[float, PluginProcess]]] = {}
        self._is_closed = False

    def isolated(self, kind: ActionType, parameters: Mapping[str, Value]) -> Action:
        """The action of `kind` with these rendered parameters; each call of it runs in a process.

        Raises:
            PermanentError: another process could not find it, as it is not at the top of a module.
        """
        if not kind.target:
            raise PermanentError(
                f"{kind.name} of {kind.defined_by} cannot run in a process of its own: it has to be a class or "
                "function at the top of a module that can be imported"
            )
        return _Isolated(self, kind, parameters)

    def call(self, call: wire.Call, context: ActionContext, seconds: float) -> wire.Over:
        """The end of `call`, after at most `seconds`.

        Raises:
            Contained: the process has ended before the call did.
            TransientError: the time is up, or rulectl is stopping.
            PermanentError: no process can be started.
        """
        process = self._take(call.target)
        deadline = self._clock.monotonic() + seconds
        over: wire.Over | None = None
        try:
            over = process.call(
                call,
                lambda frame: answer_of(context, frame),
                printed,
                clock=self._clock,
                deadline=deadline,
                stop=context.stop,
            )
        except PluginEnded as fault:
            raise Contained(str(fault)) from fault
        finally:
            self._give_back(call.target, process, is_good=over is not None)
        return over

    def close(self) -> None:
        """Ends the processes that wait; those under way end with their calls."""
        with self._lock:
            self._is_closed = True
            waiting = [process for idle in self._idle.values() for _, process in idle]
            self._idle.clear()
        for process in waiting:
            process.kill()

    def _take(self, target: str) -> PluginProcess:
        while True:
            with self._lock:
                if self._is_closed:
                    raise TransientError("rulectl is stopping; it is tried again later")
                idle = self._idle.get(target)
                process = idle.pop()[1] if idle else None
            if process is None:
                return PluginProcess()
            if process.is_alive:
                return process
            process.kill()

    def _give_back(self, target: str, process: PluginProcess, *, is_good: bool) -> None:
        now = self._clock.monotonic()
        with self._lock:
            idle = self._idle.setdefault(target, deque())
            is_kept = is_good and not self._is_closed and len(idle) < MOST_IDLE
            if is_kept:
                idle.append((now, process))
            ended = [] if is_kept else [process]
            while idle and now - idle[0][0] > IDLE_SECONDS:
                ended.append(idle.popleft()[1])
        for one in ended:
            one.kill()


@dataclass(frozen=True, slots=True)
class _Isolated:
    isolation: Isolation
    kind: ActionType
    parameters: Mapping[str, Value]

    def run(self, context: ActionContext) -> Outcome:
        """See `Action.run`."""
        over = self.isolation.call(self._call("run", context), context, context.remaining())
        match over.kind:
            case "done":
                return Done(over.message, over.result)
            case "unchanged":
                return Unchanged(over.message, over.result)
            case "retryafter":
                return RetryAfter(over.seconds, over.message)
            case "failed":
                return Failed(over.message)
            case "crashed" | "described":
                raise Contained(over.message, over.traceback)
            case _:
                assert_never(over.kind)

    def describe(self, context: ActionContext) -> Value:
        """See `Action.describe`; where the plugin cannot say, its parameters do."""
        try:
            over = self.isolation.call(self._call("describe", context), context, _DESCRIBE_SECONDS)
        except (Contained, TransientError, PermanentError):
            return dict(self.parameters)
        described: Value = over.result if over.kind == "described" else dict(self.parameters)
        return described

    def _call(self, verb: Literal["run", "describe"], context: ActionContext) -> wire.Call:
        parameters: dict[str, Any] = dict(self.parameters)
        return wire.Call(
            self.kind.target,
            self.kind.name,
            verb,
            parameters,
            wire.Surroundings(
                rule=context.rule,
                action=context.action,
                obj=context.obj,
                resource=context.resource,
                key=context.key,
                uid=context.uid,
                seconds=context.remaining(),
                idempotency_key=context.idempotency_key,
                known=context.known,
                attempt=context.attempt,
                dry_run=context.dry_run,
                allow_exec=context.allow_exec,
            ),
        )
