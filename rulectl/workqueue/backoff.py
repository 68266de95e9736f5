"""How long a key waits after its nth failure."""

from __future__ import annotations

import random
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
_MOST_DOUBLINGS = 60


class Backoff(Generic[K]):
    """Exponential delays with jitter, counted per key; not safe for threads by itself.

    The nth delay is between 90 % and 110 % of ``initial_seconds * 2**(n - 1)``, and never more than
    `max_seconds`. A key that was forgotten begins anew.
    """

    def __init__(
        self,
        initial_seconds: float = 0.005,
        max_seconds: float = 1000.0,
        *,
        randomness: random.Random | None = None,
    ) -> None:
        self._initial_seconds = initial_seconds
        self._max_seconds = max_seconds
        self._random = randomness or random.Random()  # noqa: S311 - spreads load, guards nothing
        self._failures: dict[K, int] = {}

    def fail(self, key: K) -> float:
        """Counts a failure; the seconds to wait now."""
        before = self._failures.get(key, 0)
        self._failures[key] = before + 1
        plain = self._initial_seconds * 2.0 ** min(before, _MOST_DOUBLINGS)
        return min(self._max_seconds, plain * self._random.uniform(0.9, 1.1))

    def failures(self, key: K) -> int:
        """How often `key` has failed since it was last forgotten."""
        return self._failures.get(key, 0)

    def forget(self, key: K) -> None:
        """The key succeeded, or was given up: its next delay is the first one again."""
        self._failures.pop(key, None)
