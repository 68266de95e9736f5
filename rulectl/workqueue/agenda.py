"""Which keys wait, which are ready, which are being worked on: the queue without its threads."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

from rulectl.workqueue.delays import Delays
from rulectl.workqueue.line import Line

K = TypeVar("K", bound=Hashable)


class Taken(NamedTuple):
    """A key that is being worked on: with which priority it was handed out, when, after how long a wait."""

    priority: int
    at: float
    waited_seconds: float


class Agenda(Generic[K]):
    """Every key is in at most one of: the line, the delays; and it may be in processing besides.

    A key that is processed and added again is *dirty*: it enters the line when it is done.
    Times are given with each call, so that the same calls always have the same result.
    """

    def __init__(self) -> None:
        self.line: Line[K] = Line()
        self.delays: Delays[K] = Delays()
        self.processing: dict[K, Taken] = {}
        self.dirty: dict[K, int] = {}

    def __len__(self) -> int:
        """How many keys wait, ready or not; a key that is only being processed does not count."""
        return len(self.line) + len(self.delays) + len(self.dirty)

    def add(self, key: K, priority: int, now: float) -> bool:
        """`key` is to be handed out as soon as can be; whether it can be handed out now."""
        delayed = self.delays.discard(key)
        if delayed is not None:
            priority = max(priority, delayed)
        if key in self.processing:
            self.dirty[key] = max(priority, self.dirty.get(key, priority))
            return False
        self.line.put(key, priority, now)
        return True

    def add_at(self, key: K, at: float, priority: int, now: float) -> bool:
        """`key` is to be handed out at `at`, or when it was before if that is earlier.

        Whether the next hand-out comes earlier for it, so that who waits has to look again.
        """
        if at <= now or key in self.line or key in self.dirty:
            return self.add(key, priority, now)
        return self.delays.put(key, at, priority)

    def take(self, now: float) -> K | None:
        """The next key, which is then processed until `done`; None when none is ready."""
        for key, priority in self.delays.due(now):
            self.add(key, priority, now)
        found = self.line.take()
        if found is None:
            return None
        key, priority, since = found
        self.processing[key] = Taken(priority, now, now - since)
        return key

    def done(self, key: K, now: float) -> Taken:
        """Ends the processing of `key`; it is ready at once if it was added meanwhile.

        Raises:
            KeyError: nobody was processing it.
        """
        taken = self.processing.pop(key)
        priority = self.dirty.pop(key, None)
        if priority is not None:
            self.line.put(key, priority, now)
        return taken
