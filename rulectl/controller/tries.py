"""How often this process has tried each run: what ``run --once`` has to know to end."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from rulectl.state.record import Record

_Run: TypeAlias = tuple[str, str, int]


@dataclass(slots=True)
class Tries:
    """A run that was tried `limit` times is left as it is until the next process; 0: there is no such limit.

    Not the run's own attempts, which are recorded: those of earlier processes would leave none for this one.
    """

    limit: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _counts: Counter[_Run] = field(default_factory=Counter)

    def count(self, record: Record) -> None:
        """The record's run is tried now."""
        if self.limit:
            with self._lock:
                self._counts[_run_of(record)] += 1

    def are_used_up(self, record: Record) -> bool:
        """Whether the record's run is to be left alone."""
        return 0 < self.limit <= self._counts.get(_run_of(record), 0)

    def is_due(self, record: Record, now: float) -> bool:
        """Whether the time of the next try has come. With a limit the first one waits for no time that another set."""
        run = record.run
        return run is None or run.retry_at <= now or (self.limit > 0 and self._counts.get(_run_of(record), 0) == 0)


def _run_of(record: Record) -> _Run:
    return record.rule, record.uid, record.number if record.run is None else record.run.number
