"""A fault to inject, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from rulectl.sandbox.answer import Silence
from rulectl.value import Value

_STREAM = ("gone", "end_after", "reset_after", "stall_after", "drop", "dup", "reorder", "garbage")


@dataclass(frozen=True, slots=True)
class Fault:
    """Which requests go wrong, and how.

    A request is hit when `method` and `path` match it as a whole, `watch` (if given) says whether it is a
    watch, the first `skip` matching ones are past, fewer than `times` were hit, and the dice say so.

    What happens to it is one or more of the rest. `status` answers in place of the server; `refuse`,
    `reset` and `hang` give no answer; with `carry_out` the request is done all the same, and only its
    answer is lost. `delay` seconds pass before the answer, whichever it is. The others are for watches:
    counts are events from the beginning of the stream; `drop`, `dup` and `reorder` (the event after it
    comes first) take the number of an event, or a fraction: how likely each event is hit.
    """

    path: str = ".*"
    method: str = ".*"
    watch: bool | None = None
    skip: int = 0
    times: int | None = None
    probability: float = 1.0

    status: int = 0
    retry_after: int | None = None
    message: str = "injected fault"
    delay: float = 0.0
    hang: bool = False
    reset: bool = False
    refuse: bool = False
    carry_out: bool = False

    gone: int | None = None
    """An ERROR event with code 410 after so many events (0: at once), then the end."""
    end_after: int | None = None
    """A clean end after so many events."""
    reset_after: int | None = None
    """A cut connection after so many events; with `mid_line`, in the middle of a further line."""
    mid_line: bool = False
    stall_after: int | None = None
    """After so many events nothing comes any more, not even the end; the connection stays open."""
    drop: int | float | None = None
    dup: int | float | None = None
    reorder: int | float | None = None
    garbage: int | None = None
    """A line that is no JSON follows this event."""
    slow_seconds: float = 0.0
    """Lines come one by one, so many seconds apart."""

    def __post_init__(self) -> None:
        for pattern in (self.method, self.path):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from error

    @property
    def silence(self) -> Silence | None:
        """How the request ends without an answer, if it does."""
        if self.refuse:
            return Silence.REFUSE
        if self.reset:
            return Silence.RESET
        return Silence.HANG if self.hang else None

    @property
    def of_stream(self) -> bool:
        """Whether it changes what a watch sends."""
        return self.slow_seconds > 0 or any(getattr(self, name) is not None for name in _STREAM)

    def matches(self, method: str, path: str, *, watch: bool) -> bool:
        """Whether it is about such requests."""
        if self.watch is not None and self.watch is not watch:
            return False
        return bool(re.fullmatch(self.method, method) and re.fullmatch(self.path, path))


def fault_of(body: Mapping[str, Value]) -> Fault:
    """A fault from JSON with the same names.

    Raises:
        ValueError: a name is not known.
    """
    known = {field.name for field in fields(Fault)}
    unknown = body.keys() - known
    if unknown:
        raise ValueError(f"a fault has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    return Fault(**body)  # type: ignore[arg-type] # names are checked, values are the caller's word
