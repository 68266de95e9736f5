"""What a rule wrote to watched objects other than the one it ran for: when their watch tells of it, it is no change."""

from __future__ import annotations

import threading

from rulectl.controller.writes import Write

_KEPT = 16
"""Writes to one object that its watch has not told of yet; older ones are forgotten."""


class Echoes:
    """The writes of one rule whose echo has not come. Any thread may call it; it does not outlive the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._expected: dict[str, tuple[Write, ...]] = {}

    def expect(self, write: Write) -> None:
        """The rule has made `write`; its object's watch will tell of it."""
        with self._lock:
            self._expected[write.uid] = (*self._expected.get(write.uid, ()), write)[-_KEPT:]

    def heard(self, uid: str, resource_version: str) -> tuple[Write, ...]:
        """The writes, in order, that a state of the object with this version has in it; each is given once."""
        if uid not in self._expected:
            return ()
        with self._lock:
            expected = self._expected.pop(uid, ())
            heard = tuple(write for write in expected if not is_before(resource_version, write.resource_version))
            left = tuple(write for write in expected if write not in heard)
            if left:
                self._expected[uid] = left
            return heard


def is_before(version: str, other: str) -> bool:
    """Whether `version` is older than `other`; never where they are no integers, as they are in practice."""
    return version.isdigit() and other.isdigit() and int(version) < int(other)
