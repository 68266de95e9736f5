"""Time as a port: everything that waits or reads the time is handed a Clock."""

from __future__ import annotations

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Two kinds of time, both in seconds, both callable from any thread."""

    def monotonic(self) -> float:
        """Never goes back; for delays, deadlines and back-off inside one process."""
        ...

    def now(self) -> float:
        """Wall-clock time since the epoch; for what must survive a restart or is shown to people."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Blocks until `event` is set or `seconds` have passed; whether it is set."""
        ...


class SystemClock:
    """The machine's own time."""

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return time.monotonic()

    def now(self) -> float:
        """See `Clock.now`."""
        return time.time()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """See `Clock.wait`."""
        return event.wait(seconds)


class VirtualClock:
    """A clock that moves only when told to; for one thread that steps everything itself.

    `wait` does not block: it moves the clock on by the whole wait, as if the time had passed.
    """

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._start = start
        self._elapsed = 0.0

    def monotonic(self) -> float:
        """Seconds since this clock was made."""
        return self._elapsed

    def now(self) -> float:
        """The start time plus what has elapsed."""
        return self._start + self._elapsed

    def advance(self, seconds: float) -> None:
        """Lets `seconds` pass (negative: nothing happens, time never goes back)."""
        self._elapsed += max(0.0, seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """See `Clock.wait`."""
        if not event.is_set():
            self.advance(seconds)
        return event.is_set()
