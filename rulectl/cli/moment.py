"""A moment as people and as machines read it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def clock_time(now: float) -> str:
    """The local time of day, to the second."""
    return time.strftime("%H:%M:%S", time.localtime(now))


def rfc3339(now: float) -> str:
    """UTC, to the millisecond."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
