"""Blast radius: how many runs of a rule may begin in a minute."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TypeAlias

from rulectl.plan.model import LimitsPlan

WINDOW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Admitted:
    """The run may begin; it has been counted."""


@dataclass(frozen=True, slots=True)
class Later:
    """`onExceed: wait`: not before `at` (wall time)."""

    at: float


@dataclass(frozen=True, slots=True)
class Exceeded:
    """`onExceed: pause`: the rule is to pause until a person resumes it."""

    reason: str


Admission: TypeAlias = Admitted | Later | Exceeded


class Limiter:
    """Counts the runs of one rule that began in the last minute. Retries are not to be counted."""

    def __init__(self, plan: LimitsPlan) -> None:
        self._plan = plan
        self._lock = threading.Lock()
        self._begun: deque[float] = deque()

    def admit(self, now: float) -> Admission:
        """Whether one more run may begin at `now` (wall time); if so it counts from now on."""
        limit = self._plan.per_minute
        if limit is None:
            return Admitted()
        with self._lock:
            while self._begun and self._begun[0] <= now - WINDOW_SECONDS:
                self._begun.popleft()
            if len(self._begun) < limit:
                self._begun.append(now)
                return Admitted()
            if self._plan.on_exceed == "wait":
                return Later(self._begun[len(self._begun) - limit] + WINDOW_SECONDS)
        return Exceeded(f"more than {limit} runs in a minute")

    def reset(self) -> None:
        """Forgets what was counted: a person has resumed the rule."""
        with self._lock:
            self._begun.clear()
