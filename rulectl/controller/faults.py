"""Faults while evaluating, told once per cause: a bad expression does not flood the log."""

from __future__ import annotations

import threading

from rulectl.controller.report import Fault, Reporter
from rulectl.expression import EvaluationError
from rulectl.resource import ObjectKey

_CAUSES_KEPT = 1000


def explained(fault: EvaluationError) -> str:
    """What is wrong, and in which expression: equal for equal causes."""
    return f"{fault} in {fault.text}" if fault.text else str(fault)


class Faults:
    """The faults of one rule. Any thread may tell it of one."""

    def __init__(self, rule: str, report: Reporter) -> None:
        self._rule = rule
        self._report = report
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}

    def tell(self, key: ObjectKey | None, message: str) -> None:
        """Reports `message`, with the object it was first seen on, unless it was reported before."""
        with self._lock:
            seen = self._seen.get(message, 0)
            if seen or len(self._seen) < _CAUSES_KEPT:
                self._seen[message] = seen + 1
        if not seen:
            self._report(Fault(self._rule, key, message))

    def counts(self) -> dict[str, int]:
        """How often each cause was met."""
        with self._lock:
            return dict(self._seen)
