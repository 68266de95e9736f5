"""What happened to one type of objects: a window of events, read by cursors, undone to look back."""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal, NamedTuple

from rulectl.sandbox.stored import Stored

EventType = Literal["ADDED", "MODIFIED", "DELETED"]
_SLACK = 1024
"""Dropped events are removed from memory in lumps of this many."""


class Event(NamedTuple):
    """One change. A deletion's `new` is the last state under the deletion's own resourceVersion."""

    rv: int
    type: EventType
    key: str
    new: Stored
    old: Stored | None


class Log:
    """The newest `window` events of one type, in the order of their resourceVersions.

    A cursor is the number of events before it since the log began; any number of readers keep one.
    """

    def __init__(self, window: int, floor: int) -> None:
        self._window = window
        self._floor = floor
        self._events: list[Event] = []
        self._removed = 0

    @property
    def floor(self) -> int:
        """The newest resourceVersion that one cannot look back behind: older ones are "too old"."""
        first = self._first()
        index = first - self._removed
        return max(self._floor, self._events[index - 1].rv) if index > 0 else self._floor

    @property
    def end(self) -> int:
        """The cursor behind the newest event."""
        return self._removed + len(self._events)

    def append(self, event: Event) -> None:
        """Adds the newest event; the oldest may fall out of the window."""
        self._events.append(event)
        surplus = len(self._events) - self._window
        if surplus >= _SLACK:
            self._floor = max(self._floor, self._events[surplus - 1].rv)
            del self._events[:surplus]
            self._removed += surplus

    def compact(self, rv: int) -> None:
        """Forgets what was before `rv` for those who come anew; readers with a cursor go on undisturbed."""
        self._floor = max(self._floor, rv)

    def cursor_after(self, rv: int) -> int:
        """The cursor in front of the first event newer than `rv`, which must not be below the floor."""
        index = bisect_right(self._events, rv, key=lambda event: event.rv)
        return self._removed + index

    def read(self, cursor: int, limit: int) -> list[Event] | None:
        """At most `limit` events from `cursor` on; None when the cursor has fallen out of the window."""
        if cursor < self._first():
            return None
        start = cursor - self._removed
        return self._events[start : start + limit]

    def undo_to(self, rv: int) -> dict[str, Stored | None]:
        """The keys that changed after `rv`, with what they were then (None: not there)."""
        changed: dict[str, Stored | None] = {}
        for event in reversed(self._events):
            if event.rv <= rv:
                break
            changed[event.key] = event.old
        return changed

    def _first(self) -> int:
        return max(self._removed, self.end - self._window)
