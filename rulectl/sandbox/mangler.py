"""What an injected fault does to the lines of a watch."""

from __future__ import annotations

import random

from rulectl.sandbox.fault import Fault
from rulectl.value import decode, encode, mapping

GARBAGE = b'{"type":"ADDED","object":{"kind":\x00garbage\n'


class Mangler:
    """Takes the true lines and gives those that the reader gets.

    Events are counted from 1; bookmarks and errors count too. With several troubles in one fault, each
    is looked for at each event, in the order in which `Fault` names them.
    """

    def __init__(self, fault: Fault, rng: random.Random) -> None:
        self._fault = fault
        self._rng = rng
        self._count = 0
        self._out: list[bytes] = []
        self._held: bytes | None = None
        self._stalled = False
        self._next_at: float | None = None
        self.ended = False
        self.cut = False
        if fault.gone == 0:
            self._end(_gone_line(""))
        elif fault.end_after == 0:
            self._end()
        elif fault.stall_after == 0:
            self._stalled = True
        elif fault.reset_after == 0:
            self._reset(b"")

    @property
    def holds_back(self) -> bool:
        """Whether there are lines that the reader has yet to get, or whether it is to wait for ever."""
        return bool(self._out) or self._stalled

    @property
    def over(self) -> bool:
        """Whether the stream has ended and the reader has got all that there was."""
        return self.ended and not self._out

    def feed(self, lines: bytes) -> None:
        """Takes true lines."""
        for line in lines.splitlines(keepends=True):
            if self.ended or self._stalled:
                return
            self._count += 1
            self._line(line)

    def take(self, now: float) -> bytes | None:
        """What the reader gets now; None when there is nothing and more lines may be fed."""
        if not self._out:
            return b"" if self.ended or self._stalled else None
        if not self._fault.slow_seconds:
            found = b"".join(self._out)
            self._out.clear()
            return found
        if self._next_at is not None and now < self._next_at:
            return b""
        self._next_at = now + self._fault.slow_seconds
        return self._out.pop(0)

    def deadline(self, own: float) -> float | None:
        """When to read again, if `own` is when the stream would have it without the fault."""
        if self._stalled and not self._out:
            return None
        if self._out and self._next_at is not None:
            return min(own, self._next_at)
        return own

    def _line(self, line: bytes) -> None:
        fault, count = self._fault, self._count
        if self._hit(fault.drop):
            return self._after(line)
        if self._hit(fault.reorder) and self._held is None:
            self._held = line
            return None
        self._out.append(line)
        if self._hit(fault.dup):
            self._out.append(line)
        if self._held is not None:
            self._out.append(self._held)
            self._held = None
        if fault.garbage == count:
            self._out.append(GARBAGE)
        return self._after(line)

    def _after(self, line: bytes) -> None:
        fault, count = self._fault, self._count
        if fault.gone == count:
            self._end(_gone_line(_version(line)))
        elif fault.end_after == count:
            self._end()
        elif fault.reset_after == count:
            self._reset(line)
        elif fault.stall_after == count:
            self._stalled = True

    def _hit(self, at: int | float | None) -> bool:
        """A whole number names the event; a fraction is how likely each event is hit."""
        if at is None:
            return False
        return self._rng.random() < at if isinstance(at, float) else at == self._count

    def _end(self, last: bytes = b"") -> None:
        if last:
            self._out.append(last)
        self.ended = True

    def _reset(self, line: bytes) -> None:
        if self._fault.mid_line:
            cut = line or b'{"type":"ADDED"}\n'
            self._out.append(cut[: max(1, len(cut) // 2)])
        self.ended = self.cut = True


def _gone_line(version: str) -> bytes:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": f"too old resource version: {version or 0} ({version or 0})",
        "reason": "Expired",
        "code": 410,
    }
    return encode({"type": "ERROR", "object": body}) + b"\n"


def _version(line: bytes) -> str:
    shown = mapping(mapping(decode(line)).get("object"))
    return str(mapping(shown.get("metadata")).get("resourceVersion", ""))
