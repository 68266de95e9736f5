"""The work queue that workers share."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from rulectl.clock import Clock
from rulectl.workqueue.agenda import Agenda
from rulectl.workqueue.backoff import Backoff

K = TypeVar("K", bound=Hashable)
_LONGEST_PARKING: Final = 1.0
"""Seconds after which a parked worker that was given a stop event looks at it, should nobody wake it."""


@dataclass(frozen=True, slots=True)
class QueueStats:
    """Numbers of one moment; totals count from the start of the process, times are seconds."""

    name: str
    depth: int
    """Keys that are ready."""
    depths: Mapping[int, int]
    """The same by priority."""
    delayed: int
    processing: int
    adds_total: int
    """Calls of `add`, `add_after` and `add_rate_limited`, also of keys that were waiting already."""
    retries_total: int
    """Calls of `add_rate_limited`."""
    taken_total: int
    done_total: int
    queue_seconds_total: float
    """How long the keys that were taken had been ready, summed."""
    work_seconds_total: float
    """How long the keys that are done were worked on, summed."""
    oldest_ready_seconds: float
    unfinished_seconds: float
    """How long the keys that are being worked on have been, summed."""
    longest_running_seconds: float


class WorkQueue(Generic[K]):
    """See the package for what is promised. Any number of threads may call it at once.

    With a clock that does not move by itself, use `try_get`: `get` and `drain` wait in real time.
    """

    def __init__(self, clock: Clock, name: str, *, backoff: Backoff[K] | None = None) -> None:
        self.name = name
        self._clock = clock
        self._changed = threading.Condition()
        # All below is guarded by _changed.
        self._agenda: Agenda[K] = Agenda()
        self._backoff: Backoff[K] = backoff or Backoff()
        self._is_shut_down = False
        self._adds = self._retries = self._taken = self._done = 0
        self._queue_seconds = self._work_seconds = 0.0

    def add(self, key: K, priority: int = 0) -> None:
        """`key` is to be worked on, as soon as its turn comes. Ignored once shut down."""
        with self._changed:
            if not self._is_shut_down:
                self._adds += 1
                if self._agenda.add(key, priority, self._clock.monotonic()):
                    self._changed.notify()

    def add_after(self, key: K, seconds: float, priority: int | None = None) -> None:
        """`key` is to be worked on in `seconds`; an earlier time that it had stays. Ignored once shut down.

        Priority None: the one with which it was handed out if it is being worked on, else 0.
        """
        with self._changed:
            self._add_after(key, seconds, priority)

    def add_rate_limited(self, key: K, priority: int | None = None) -> float:
        """Counts a failure of `key`, which is to be worked on again after its back-off; the seconds of it."""
        with self._changed:
            seconds = self._backoff.fail(key)
            self._retries += 1
            self._add_after(key, seconds, priority)
            return seconds

    def forget(self, key: K) -> None:
        """`key` succeeded or was given up: its back-off begins anew. It stays where it is."""
        with self._changed:
            self._backoff.forget(key)

    def failures(self, key: K) -> int:
        """How often `key` was rate limited since it was forgotten."""
        with self._changed:
            return self._backoff.failures(key)

    def get(self, timeout_seconds: float | None = None, stop: threading.Event | None = None) -> K | None:
        """Waits for a key, which is the caller's until `done`.

        None: `timeout_seconds` have passed, the queue is shut down, or `stop` is set (who sets it
        calls `wake`, else it is noticed within a second).
        """
        limit = None if timeout_seconds is None else self._clock.monotonic() + timeout_seconds
        with self._changed:
            while not (self._is_shut_down or (stop is not None and stop.is_set())):
                key = self._take()
                if key is not None:
                    return key
                now = self._clock.monotonic()
                if limit is not None and now >= limit:
                    return None
                moments = [moment for moment in (limit, self._agenda.delays.next_at()) if moment is not None]
                if stop is not None:
                    moments.append(now + _LONGEST_PARKING)
                self._changed.wait(max(0.0, min(moments) - now) if moments else None)
            return None

    def try_get(self) -> K | None:
        """The key whose turn it is now, None when none is ready or the queue is shut down; never waits."""
        with self._changed:
            return None if self._is_shut_down else self._take()

    def done(self, key: K) -> None:
        """The caller has ended its work on `key`, whatever came of it; added meanwhile, it is ready again.

        Raises:
            KeyError: nobody was working on it: a bug of the caller's.
        """
        with self._changed:
            now = self._clock.monotonic()
            taken = self._agenda.done(key, now)
            self._done += 1
            self._work_seconds += now - taken.at
            if self._is_shut_down:
                self._changed.notify_all()
            else:
                self._changed.notify()

    def next_deadline(self) -> float | None:
        """On the clock's monotonic time, when the next delayed key becomes ready; None when none waits."""
        with self._changed:
            return self._agenda.delays.next_at()

    def wake(self) -> None:
        """Has all parked workers look at their stop events."""
        with self._changed:
            self._changed.notify_all()

    def shut_down(self) -> None:
        """From now on nothing is handed out and nothing is added; parked workers get None at once."""
        with self._changed:
            self._is_shut_down = True
            self._changed.notify_all()

    @property
    def is_shut_down(self) -> bool:
        """Whether `shut_down` was called."""
        with self._changed:
            return self._is_shut_down

    def drain(self, timeout_seconds: float) -> bool:
        """Shuts down and waits until no key is worked on any more; whether that came to be in time."""
        self.shut_down()
        limit = self._clock.monotonic() + timeout_seconds
        with self._changed:
            while self._agenda.processing:
                left = limit - self._clock.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
            return True

    def __len__(self) -> int:
        """How many keys wait, ready or delayed; one that is only being worked on does not count."""
        with self._changed:
            return len(self._agenda)

    def has_ready(self) -> bool:
        """Whether `try_get` would give a key now, as far as is known without looking at delayed ones."""
        with self._changed:
            return bool(self._agenda.line) and not self._is_shut_down

    def is_processing(self, key: K) -> bool:
        """Whether somebody is working on `key`."""
        return key in self._agenda.processing  # one look at a dict, which needs no lock

    def is_idle(self) -> bool:
        """Whether nothing is ready and nothing is being worked on; delayed keys may wait."""
        with self._changed:
            now = self._clock.monotonic()
            due = self._agenda.delays.next_at()
            return not (self._agenda.line or self._agenda.processing or (due is not None and due <= now))

    def stats(self) -> QueueStats:
        """The numbers of this moment."""
        with self._changed:
            now = self._clock.monotonic()
            agenda = self._agenda
            running = [now - taken.at for taken in agenda.processing.values()]
            oldest = agenda.line.oldest()
            return QueueStats(
                name=self.name,
                depth=len(agenda.line) + len(agenda.dirty),
                depths=agenda.line.depths(),
                delayed=len(agenda.delays),
                processing=len(running),
                adds_total=self._adds,
                retries_total=self._retries,
                taken_total=self._taken,
                done_total=self._done,
                queue_seconds_total=self._queue_seconds,
                work_seconds_total=self._work_seconds,
                oldest_ready_seconds=0.0 if oldest is None else now - oldest,
                unfinished_seconds=sum(running),
                longest_running_seconds=max(running, default=0.0),
            )

    def _add_after(self, key: K, seconds: float, priority: int | None) -> None:
        if self._is_shut_down:
            return
        self._adds += 1
        if priority is None:
            taken = self._agenda.processing.get(key)
            priority = 0 if taken is None else taken.priority
        now = self._clock.monotonic()
        if self._agenda.add_at(key, now + seconds, priority, now):
            self._changed.notify()

    def _take(self) -> K | None:
        agenda = self._agenda
        key = agenda.take(self._clock.monotonic())
        if key is not None:
            self._taken += 1
            self._queue_seconds += agenda.processing[key].waited_seconds
            if agenda.line or agenda.delays:
                # The worker that kept the time is busy now: another one takes over.
                self._changed.notify()
        return key
