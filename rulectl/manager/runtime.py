"""The interpreter while the engine runs on threads: a quiet garbage collector, short turns between threads."""

from __future__ import annotations

import gc
import sys

SWITCH_SECONDS = 0.0005
"""A thread that computes gives way after this. TLS is read in records of 16 KB, and each costs the reader a turn:
with the interpreter's own 5 ms one busy action would bring ten thousand updates a second down to a few hundred."""
THRESHOLDS = (50_000, 20, 50)
"""What comes and goes with an update are trees of JSON, which reference counting frees at once."""


class Runtime:
    """Process-wide, so it is for the engine that a process is made for; `leave` puts back what was there.

    Objects of caches are not looked at by the collector, but their keys and the records are: a full collection
    over 100,000 of them stops all threads for a tenth of a second or more, and finds nothing.
    """

    def __init__(self) -> None:
        self._switch_seconds = sys.getswitchinterval()
        self._thresholds = gc.get_threshold()
        self._was_on = gc.isenabled()
        self._settled = False

    def enter(self) -> None:
        """At the start; no collection from here to `settle`, as nothing but what is to stay is made."""
        sys.setswitchinterval(SWITCH_SECONDS)
        gc.disable()

    @property
    def is_settled(self) -> bool:
        """Whether `settle` was called."""
        return self._settled

    def settle(self) -> None:
        """Everything has been read: what is there now is there to stay, and is not looked at again."""
        if self._settled:
            return
        self._settled = True
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)
        if self._was_on:
            gc.enable()

    def leave(self) -> None:
        """At the end."""
        sys.setswitchinterval(self._switch_seconds)
        gc.set_threshold(*self._thresholds)
        if self._settled:
            gc.unfreeze()
        if self._was_on:
            gc.enable()
