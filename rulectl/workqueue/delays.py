"""Keys that are not ready yet: a heap by time, each key once."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Delays(Generic[K]):
    """The earlier time and the higher priority win when a key is put again.

    Entries that were overtaken stay in the heap until their time comes or they outnumber the others.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, K]] = []
        self._known: dict[K, tuple[float, int, int]] = {}
        """By key: when, which entry of the heap, with which priority."""
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self._known)

    def put(self, key: K, at: float, priority: int) -> bool:
        """Whether `at` is now the next time of all."""
        known = self._known.get(key)
        if known is not None:
            priority = max(priority, known[2])
            if known[0] <= at:
                self._known[key] = (known[0], known[1], priority)
                return False
        number = next(self._numbers)
        self._known[key] = (at, number, priority)
        heapq.heappush(self._heap, (at, number, key))
        if len(self._heap) > 2 * len(self._known) + 64:
            self._heap = [(when, entry, one) for one, (when, entry, _) in self._known.items()]
            heapq.heapify(self._heap)
        return self._heap[0][1] == number

    def discard(self, key: K) -> int | None:
        """Drops the key; the priority it waited with, None when it was not there."""
        known = self._known.pop(key, None)
        return None if known is None else known[2]

    def due(self, now: float) -> Iterator[tuple[K, int]]:
        """Takes out the keys whose time has come, with their priorities, by time."""
        while (at := self.next_at()) is not None and at <= now:
            _, _, key = heapq.heappop(self._heap)
            _, _, priority = self._known.pop(key)
            yield key, priority

    def next_at(self) -> float | None:
        """When the next key becomes ready."""
        while self._heap:
            at, number, key = self._heap[0]
            known = self._known.get(key)
            if known is not None and known[1] == number:
                return at
            heapq.heappop(self._heap)
        return None
