"""The faults that a server injects, and what they did."""

from __future__ import annotations

import random
from dataclasses import dataclass

from rulectl.sandbox.answer import Answer, NoAnswer, json_answer
from rulectl.sandbox.fault import Fault
from rulectl.sandbox.mangler import Mangler
from rulectl.sandbox.status import failure

_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Expired",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


@dataclass(frozen=True, slots=True)
class Injected:
    """One request that was hit: `at` is the server's clock (monotonic)."""

    fault: Fault
    method: str
    path: str
    at: float


class Faults:
    """The list of faults in force. The first that hits a request decides about it.

    Used under the Api's lock, as the store is.
    """

    def __init__(self, seed: int = 0) -> None:
        self.injected: list[Injected] = []
        """Every request that was hit, oldest first."""
        self._rng = random.Random(seed)  # noqa: S311 - dice, no secrets
        self._active: dict[int, Fault] = {}
        self._seen: dict[int, int] = {}
        self._hits: dict[int, int] = {}
        self._next = 1

    def __len__(self) -> int:
        return len(self._active)

    def add(self, fault: Fault) -> int:
        """Puts a fault in force; the number is for `remove`."""
        number = self._next
        self._next += 1
        self._active[number] = fault
        self._seen[number] = self._hits[number] = 0
        return number

    def remove(self, number: int) -> None:
        """Takes one out of force; nothing happens when it is not."""
        self._active.pop(number, None)

    def clear(self) -> None:
        """Takes all out of force. What was injected stays on record."""
        self._active.clear()

    def seed(self, seed: int) -> None:
        """Throws the dice anew: the same seed and requests give the same faults."""
        self._rng.seed(seed)

    def active(self) -> dict[int, Fault]:
        """What is in force, by number."""
        return dict(self._active)

    def hit(self, method: str, path: str, *, watch: bool, at: float) -> Fault | None:
        """The fault that a request meets, put on record; None when it meets none."""
        for number, fault in list(self._active.items()):
            if not fault.matches(method, path, watch=watch):
                continue
            self._seen[number] += 1
            if self._seen[number] <= fault.skip or self._hits[number] == fault.times:
                continue
            if fault.probability < 1.0 and self._rng.random() >= fault.probability:
                continue
            self._hits[number] += 1
            self.injected.append(Injected(fault, method, path, at))
            return fault
        return None

    def mangler(self, fault: Fault) -> Mangler | None:
        """What the fault does to a watch's lines, or None when it leaves them alone."""
        return Mangler(fault, self._rng) if fault.of_stream else None


def reply_of(fault: Fault) -> Answer | NoAnswer | None:
    """What the client gets in place of the server's answer; None: the server's own."""
    if fault.silence is not None:
        return NoAnswer(fault.silence, fault.delay)
    if not fault.status:
        return None
    reason = _REASONS.get(fault.status, "InternalError")
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    answer = json_answer(failure(fault.status, reason, fault.message), fault.status, headers)
    return Answer(answer.status, answer.body, answer.headers, fault.delay)
