"""How long to wait before trying an API server again."""

from __future__ import annotations

from random import Random

FIRST_SECONDS = 0.8
FACTOR = 2.0
CAP_SECONDS = 30.0
QUIET_SECONDS = 120.0
"""After so long without a failure the next one is a first one again."""
LONGEST_SECONDS = 300.0
"""More than this no server can ask for: a wrong header must not stop a controller for a day."""


class Backoff:
    """Exponential with jitter, as client-go's reflector: 0.8 s doubled up to 30 s, each times 1 to 2.

    The jitter keeps a thousand clients from coming back in the same second (kubernetes #87794).
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._step = FIRST_SECONDS
        self._resumed = 0.0

    def delay(self, now: float, *, asked_seconds: float | None = None, least_jitter: float = 1.0) -> float:
        """Seconds to wait after a failure at `now` (monotonic), never less than the server asked for.

        `least_jitter` (1 to 2) is the low end of the jitter.
        """
        if now - self._resumed > QUIET_SECONDS:
            self._step = FIRST_SECONDS
        delay = self._step * self._random.uniform(least_jitter, 2.0)
        self._step = min(CAP_SECONDS, self._step * FACTOR)
        delay = max(delay, min(asked_seconds or 0.0, LONGEST_SECONDS))
        self._resumed = now + delay
        return delay
