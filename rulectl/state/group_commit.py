"""Many threads, one commit: who comes first commits for all that wait."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rulectl.clock import Clock
from rulectl.errors import PermanentError, RulectlError
from rulectl.state.store import Drop, DropRule, Edit, Put, PutRule


@dataclass(slots=True)
class _Call:
    edits: Sequence[Edit]
    durable: bool
    is_over: bool = False
    error: RulectlError | None = None


class GroupCommit:
    """Collects edits and hands them to `commit` in the order of the calls, one batch at a time.

    No thread of its own: a call that must be durable either commits for all, or waits for the one that does.
    When a commit fails, all durable calls in it fail and their edits are forgotten; edits of earlier calls
    that were told "kept in memory" stay and go with the next one.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Edit]], None],
        clock: Clock,
        *,
        linger_seconds: float = 0.0,
        keep_seconds: float = 5.0,
    ) -> None:
        """`commit` makes a batch durable, all or none, and raises RulectlError if it cannot.

        `linger_seconds`: so long the first waits for others to join; 0 where one thread does everything.
        `keep_seconds`: so long edits that need not be durable stay in memory.
        """
        self._commit = commit
        self._clock = clock
        self._linger_seconds = linger_seconds
        self._keep_seconds = keep_seconds
        self._never = threading.Event()
        self._changed = threading.Condition()  # guards all below
        self._calls: list[_Call] = []
        self._is_committing = False
        self._kept_since: float | None = None

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:
        """See `StateStore.write`."""
        call = _Call(edits, durable)
        with self._changed:
            self._calls.append(call)
            if not durable:
                if self._kept_since is None:
                    self._kept_since = self._clock.monotonic()
                return
        self._see_through(call, self._linger_seconds)

    def flush(self) -> None:
        """See `StateStore.flush`."""
        with self._changed:
            if not self._calls and not self._is_committing:
                return
            call = _Call((), durable=True)
            self._calls.append(call)
        self._see_through(call, 0.0)

    def next_flush(self) -> float | None:
        """See `StateStore.next_flush`."""
        with self._changed:
            return None if self._kept_since is None else self._kept_since + self._keep_seconds

    def flush_due(self, now: float) -> None:
        """See `StateStore.flush_due`."""
        due = self.next_flush()
        if due is not None and due <= now:
            self.flush()

    def _see_through(self, call: _Call, linger_seconds: float) -> None:
        with self._changed:
            while self._is_committing and not call.is_over:
                self._changed.wait()
            leads = not call.is_over
            self._is_committing = self._is_committing or leads
        if leads:
            if linger_seconds:
                self._clock.wait(self._never, linger_seconds)
            self._lead()
        if call.error is not None:
            # A copy, as one exception raised in several threads would gather all their tracebacks.
            raise copy.copy(call.error) from call.error

    def _lead(self) -> None:
        with self._changed:
            calls, self._calls = self._calls, []
            kept_since, self._kept_since = self._kept_since, None
        failed: RulectlError | None = PermanentError("the commit was interrupted; end the process and start it again")
        try:
            edits = [edit for call in calls for edit in call.edits]
            if edits:
                self._commit(edits)
            failed = None
        except RulectlError as error:
            failed = error
        finally:
            with self._changed:
                if failed is not None:
                    self._keep([call for call in calls if not call.durable], kept_since)
                for call in calls:
                    call.error, call.is_over = failed, True
                self._is_committing = False
                self._changed.notify_all()

    def _keep(self, calls: Sequence[_Call], since: float | None) -> None:
        """Puts back what had been promised to be kept, one edit for each key, in front of what came since."""
        newest = {_key(edit): edit for call in calls for edit in call.edits}
        if newest:
            self._calls.insert(0, _Call(tuple(newest.values()), durable=False))
            # Not sooner than after another whole wait: what failed now would fail at once again.
            self._kept_since = self._clock.monotonic() if since is not None else self._kept_since


def _key(edit: Edit) -> tuple[str, str | None]:
    match edit:
        case Put(record):
            return record.rule, record.uid
        case Drop(rule, uid):
            return rule, uid
        case PutRule(state):
            return state.rule, None
        case DropRule(rule):
            return rule, None
