"""Go's durations: ``500ms``, ``1h30m``, ``-1.5h``, ``0``."""

from __future__ import annotations

import re

_UNIT_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
PATTERN = r"^(0|([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+)$"
"""What a duration in a rule looks like, for JSON Schema (no sign: rules know no negative times)."""


def parse_duration(text: str) -> float:
    """Seconds in `text`, which is written as Go's time.ParseDuration reads it.

    Raises:
        ValueError: `text` is no duration; the message says what one looks like.
    """
    body, sign = text, 1.0
    if body[:1] in {"+", "-"}:
        sign = -1.0 if body[0] == "-" else 1.0
        body = body[1:]
    if body == "0":
        return 0.0
    seconds, end = 0.0, 0
    for part in _PART.finditer(body):
        if part.start() != end:
            break
        seconds += float(part[1]) * _UNIT_SECONDS[part[2]]
        end = part.end()
    if end == 0 or end != len(body):
        msg = f"{text!r} is not a duration; write a number and a unit such as 500ms, 30s, 5m or 1h30m"
        raise ValueError(msg)
    return sign * seconds


def format_duration(seconds: float) -> str:
    """`seconds` as people write them: ``1h30m``, ``5m``, ``1.5s``, ``250ms``."""
    if seconds < 0:
        return "-" + format_duration(-seconds)
    if seconds == 0:
        return "0s"
    if seconds < 1:
        return f"{round(seconds * 1000, 3):g}ms"
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{int(hours)}h" if hours else "", f"{int(minutes)}m" if minutes else ""]
    if rest >= 0.001:
        parts.append(f"{round(rest, 3):g}s")
    return "".join(parts)
