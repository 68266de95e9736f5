"""Who is told of a change: of an update only those whose fields it changes, found without asking each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rulectl.informer.change import Notice, Updated
from rulectl.informer.registration import Registration
from rulectl.informer.screen import Screen

_MOST_REMEMBERED = 4096


class Audience:
    """The live handlers of one informer, for objects in the fields of one projection; for the reader's thread."""

    def __init__(self, entries: Iterable[Registration]) -> None:
        self._entries = tuple(entries)
        self._is_selective = any(entry.is_narrow for entry in self._entries)
        self._concerned: dict[int, _Concerned] = {}

    def tell(self, notices: Sequence[Notice]) -> None:
        """Tells each handler what concerns it, in order."""
        if not self._is_selective:
            for entry in self._entries:
                entry.tell(notices)
            return
        for notice in notices:
            if not isinstance(notice, Updated):
                for entry in self._entries:
                    entry.tell((notice,))
                continue
            concerned = self._of(notice.leaves)
            for entry in concerned.told:
                entry.tell((notice,))
            for entry in concerned.asked:
                if entry.concerns(notice, notice.leaves):
                    entry.tell((notice,))
            for screen, seated in concerned.screened:
                for number in screen.called(notice, seated.numbers, seated.bits):
                    seated.entries[number].tell((notice,))

    def _of(self, leaves: int) -> _Concerned:
        """Those who may be concerned; the same few sets of fields change again and again."""
        found = self._concerned.get(leaves)
        if found is None:
            if len(self._concerned) >= _MOST_REMEMBERED:
                self._concerned.clear()
            found = self._concerned[leaves] = _concerned(self._entries, leaves)
        return found


class _Seated(NamedTuple):
    """The handlers at one screen."""

    entries: Mapping[int, Registration]
    numbers: tuple[int, ...]
    bits: int


class _Concerned(NamedTuple):
    """Whom some leaves may concern."""

    told: tuple[Registration, ...]
    """They certainly are."""
    asked: tuple[Registration, ...]
    """The fields themselves have to be looked at."""
    screened: tuple[tuple[Screen, _Seated], ...]
    """The fields are theirs, but their screen may have no use for the update."""


def _concerned(entries: Iterable[Registration], leaves: int) -> _Concerned:
    told, asked = [], []
    seats: dict[Screen, dict[int, Registration]] = {}
    for entry in entries:
        if not entry.may_concern(leaves):
            continue
        if not entry.is_told_by_leaves(leaves):
            asked.append(entry)
        elif entry.seat is None:
            told.append(entry)
        else:
            seats.setdefault(entry.seat.screen, {})[entry.seat.number] = entry
    screened = (
        (screen, _Seated(seated, tuple(seated), sum(1 << number for number in seated)))
        for screen, seated in seats.items()
    )
    return _Concerned(tuple(told), tuple(asked), tuple(screened))
