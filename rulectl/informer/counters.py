"""What a reflector and its informer count, for metrics and for tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Written by the reader thread alone, read by any; they only grow."""

    pages: int = 0
    """Requests for a page of a list."""
    watches: int = 0
    """Requests for a watch, those that list as well included."""
    failures: int = 0
    relists: int = 0
    """Complete lists absorbed."""
    events: int = 0
    """Objects received in watches, after the initial ones."""
    suppressed: int = 0
    """Of these, changes of no kept field: handlers were not told."""
    stale: int = 0
    """Of these, older than what the store has: dropped."""
    broken: int = 0
    """Items that could not be read."""
    handler_errors: int = 0
    crashes: int = 0
    """Bugs of ours that were caught; each is in the log with its traceback."""
