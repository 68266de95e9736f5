"""Keys that are ready: by priority, and first in, first out inside one."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
RESERVE_EVERY = 16


class Line(Generic[K]):
    """One queue per priority; every operation takes constant time, but for the few priorities."""

    def __init__(self) -> None:
        self._queues: dict[int, OrderedDict[K, float]] = {}
        self._priorities: dict[K, int] = {}
        self._taken = 0

    def __len__(self) -> int:
        return len(self._priorities)

    def __contains__(self, key: object) -> bool:
        return key in self._priorities

    def put(self, key: K, priority: int, now: float) -> None:
        """At the end of its priority; a key that is there moves only if the priority is higher."""
        known = self._priorities.get(key)
        since = now
        if known is not None:
            if known >= priority:
                return
            since = self._remove(key, known)
        self._priorities[key] = priority
        self._queues.setdefault(priority, OrderedDict())[key] = since

    def take(self) -> tuple[K, int, float] | None:
        """The next key, its priority, and since when it was ready; None when nothing is.

        Every `RESERVE_EVERY`th time the lowest priority gets its turn.
        """
        if not self._queues:
            return None
        self._taken += 1
        choose = min if self._taken % RESERVE_EVERY == 0 else max
        priority = choose(self._queues)
        key = next(iter(self._queues[priority]))
        return key, priority, self._remove(key, priority)

    def depths(self) -> dict[int, int]:
        """How many keys are ready, by priority."""
        return {priority: len(queue) for priority, queue in self._queues.items()}

    def oldest(self) -> float | None:
        """Since when the key is ready that came first of those that are next in a priority."""
        return min((next(iter(queue.values())) for queue in self._queues.values()), default=None)

    def _remove(self, key: K, priority: int) -> float:
        queue = self._queues[priority]
        since = queue.pop(key)
        if not queue:
            del self._queues[priority]
        del self._priorities[key]
        if not self._priorities:
            self._priorities = {}  # after a first list of very many keys: a dict that was large stays so
        return since
