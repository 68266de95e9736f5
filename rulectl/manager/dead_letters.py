"""Runs that failed for good, told once as an Event on the object that they were for."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from rulectl.action.event_series import Told, record
from rulectl.action.kube import Kube
from rulectl.clock import Clock
from rulectl.controller.report import ActedOn, Notice, Report, Reporter, RunEnded
from rulectl.errors import Forbidden, PermanentError, TransientError

REASON: Final = "RuleFailed"
MOST_WAITING: Final = 1_000
"""Events that wait to be posted; the oldest give way to newer ones."""
AT_ONCE: Final = 20
"""Events that one look posts, so that housekeeping goes on."""
PAUSE_SECONDS: Final = 10.0
"""How long to wait when the API server does not answer."""
DENIED_SECONDS: Final = 600.0
"""How long to wait when it does not let us."""
TIMEOUT_SECONDS: Final = 2.0


@dataclass(slots=True)
class DeadLetters:
    """A `Reporter` in front of another one. Best effort: reports never wait for it, and records do not depend on it.

    `report` may be called by any thread, `post` by one at a time.
    """

    inner: Reporter
    kube: Kube
    clock: Clock
    is_off: bool = False
    _waiting: deque[Told] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _not_before: float = 0.0
    _said_denied: bool = False

    def report(self, report: Report) -> None:
        """Passes `report` on; a run that failed for good is told to the object too, soon."""
        self.inner(report)
        if self.is_off or not isinstance(report, RunEnded) or report.outcome != "failed" or report.acted_on is None:
            return
        with self._lock:
            self._waiting.append(_told(report, report.acted_on))

    def post(self) -> bool:
        """Posts what waits, as far as the API server answers now; whether anything was posted."""
        did = False
        for _ in range(AT_ONCE):
            with self._lock:
                if not self._waiting or self.clock.monotonic() < self._not_before:
                    return did
                told = self._waiting[0]
            if self._posted(told):
                did = True
                with self._lock:
                    if self._waiting and self._waiting[0] is told:
                        self._waiting.popleft()
        return did

    def next_deadline(self) -> float | None:
        """When (monotonic) `post` has something to do; None: never."""
        with self._lock:
            return self._not_before if self._waiting else None

    def _posted(self, told: Told) -> bool:
        """Whether this one is done with, recorded or not."""
        now = self.clock.now()
        manager = f"rulectl/{told.rule}"
        try:
            record(self.kube, told, now=now, field_manager=manager, dry_run=False, timeout_seconds=TIMEOUT_SECONDS)
        except TransientError:
            self._not_before = self.clock.monotonic() + PAUSE_SECONDS
            return False
        except Forbidden as fault:
            if "terminat" in str(fault):
                return True  # the namespace is going, and what is told in it would go too
            self._not_before = self.clock.monotonic() + DENIED_SECONDS
            if not self._said_denied:
                self._said_denied = True
                advice = "grant create, get and patch of events.k8s.io/v1 Event; `rulectl rbac` has it"
                self.inner(Notice(f"failed runs cannot be told as Events: {fault}; {advice}", "warning"))
            return True
        except PermanentError as fault:
            # Its namespace is gone, say: nobody would read it there.
            self.inner(Notice(f"no Event could be recorded on {told.kind.kind} {told.place}: {fault}", "info"))
            return True
        return True


def _told(run: RunEnded, acted_on: ActedOn) -> Told:
    occasion = "\x00".join((run.rule, acted_on.uid, str(run.number), "failed"))
    again = f"it runs again when a watched value or the rule changes, or with `rulectl state retry {run.rule}`"
    return Told(
        kind=acted_on.kind,
        place=acted_on.key,
        uid=acted_on.uid,
        type="Warning",
        reason=REASON,
        message=f"rule {run.rule} failed for good: {run.message[:700]}; {again}",
        rule=run.rule,
        action="run",
        key=hashlib.sha256(occasion.encode()).hexdigest(),
    )
