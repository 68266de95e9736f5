"""The server's clock: another clock that can be moved ahead."""

from __future__ import annotations

import threading

from rulectl.clock import Clock


class MovableClock:
    """Runs with `base`, ahead of it by as much as it was advanced."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._ahead = 0.0

    def advance(self, seconds: float) -> None:
        """Moves it ahead at once (negative: nothing happens, time never goes back)."""
        self._ahead += max(0.0, seconds)

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self._base.monotonic() + self._ahead

    def now(self) -> float:
        """See `Clock.now`."""
        return self._base.now() + self._ahead

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """See `Clock.wait`; waits for the base clock's seconds."""
        return self._base.wait(event, seconds)
