"""A moment as people and as machines read it."""

from __future__ import annotations

import functools
import time
from datetime import UTC, datetime


def clock_time(now: float) -> str:
    """The local time of day, to the second."""
    return _clock_time(int(now // 1))


@functools.lru_cache(maxsize=16)
def _clock_time(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


def rfc3339(now: float) -> str:
    """UTC, to the millisecond."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
