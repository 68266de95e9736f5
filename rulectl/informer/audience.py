"""Who is told of a change: of an update only those whose fields it changes, found without asking each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rulectl.informer.change import Notice, Updated
from rulectl.informer.registration import Registration

_MOST_REMEMBERED = 4096


class Audience:
    """The live handlers of one informer, for objects in the fields of one projection; for the reader's thread."""

    def __init__(self, entries: Iterable[Registration]) -> None:
        self._entries = tuple(entries)
        self._is_selective = any(entry.is_narrow for entry in self._entries)
        self._concerned: dict[int, tuple[Registration, ...]] = {}

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
            for entry in self._of(notice.leaves):
                if entry.concerns(notice, notice.leaves):
                    entry.tell((notice,))

    def _of(self, leaves: int) -> tuple[Registration, ...]:
        """Those who may be concerned; the same few sets of fields change again and again."""
        found = self._concerned.get(leaves)
        if found is None:
            if len(self._concerned) >= _MOST_REMEMBERED:
                self._concerned.clear()
            found = self._concerned[leaves] = tuple(entry for entry in self._entries if entry.may_concern(leaves))
        return found
