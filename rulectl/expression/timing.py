"""When the value of an expression may change though nothing but time goes on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

from rulectl.expression.functions.timestamp import seconds_of, time_text
from rulectl.value import Value, same

COARSE_SECONDS = 60.0
"""How soon to look again where the time is used in a way that is not understood."""

_MAX_STEPS = 256
_LAST_SECOND = 253_402_300_799  # the end of the year 9999, the last that RFC 3339 can name


class Probe:
    """Collects, while an expression is evaluated, the next moment that makes a difference to a comparison."""

    __slots__ = ("is_coarse", "moment")

    def __init__(self) -> None:
        self.moment = math.inf
        self.is_coarse = False

    def coarse(self) -> None:
        """The time is used in some other way than in a comparison."""
        self.is_coarse = True

    def seconds(self, now: float, value: Value, other: Value) -> None:
        """`value`, which grows by one a second, is compared with the fixed `other`."""
        if _is_number(value) and _is_number(other):
            left = float(other) - float(value)  # type: ignore[arg-type] # both are numbers
            if left >= 0:
                self._at(max(now + left, math.nextafter(now, math.inf)))

    def text(self, now: float, other: Value) -> None:
        """The time as RFC 3339 text in UTC is compared with the fixed `other`."""
        if isinstance(other, str) and 0 <= now < _LAST_SECOND:
            self._at(_first_second(now, lambda text: text >= other))
            self._at(_first_second(now, lambda text: text > other))

    def instant(self, now: float, other: Value) -> None:
        """The time is compared with the moment that the fixed RFC 3339 text `other` names."""
        try:
            second = math.floor(seconds_of(other)) if isinstance(other, str) else math.inf
        except ValueError:
            return
        for moment in (second, second + 1):
            if moment > now:
                self._at(float(moment))

    def _at(self, moment: float) -> None:
        self.moment = min(self.moment, moment)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _first_second(now: float, holds: Callable[[str], bool]) -> float:
    """The first later second whose text passes a test that holds from some second on; infinity if it does now."""
    low, high = math.floor(now), _LAST_SECOND
    if holds(time_text(low)) or not holds(time_text(high)):
        return math.inf
    while high - low > 1:
        middle = (low + high) // 2
        if holds(time_text(middle)):
            high = middle
        else:
            low = middle
    return float(high)


def next_change(
    run: Callable[[Mapping[str, Value], float, Probe], Value], scope: Mapping[str, Value], now: float
) -> float | None:
    """The earliest time after `now` at which `run` may give another value than now; None if it never will.

    `run` depends only on its arguments, so its path, and with it the value, stays the same until the
    first moment that the probe has met; there it is run again, until the value really differs.
    """
    limit, moment, before = math.inf, now, None
    for step in range(_MAX_STEPS):
        probe = Probe()
        outcome = _outcome(run, scope, moment, probe)
        if step == 0:
            before = outcome
        elif not _same_outcome(before, outcome):
            return min(moment, limit)
        if probe.is_coarse:
            limit = min(limit, now + COARSE_SECONDS)
        moment = probe.moment
        if moment >= limit:
            return limit if limit < math.inf else None
    return min(moment, limit)


_Outcome: TypeAlias = tuple[bool, Value] | None


def _outcome(
    run: Callable[[Mapping[str, Value], float, Probe], Value],
    scope: Mapping[str, Value],
    now: float,
    probe: Probe,
) -> _Outcome:
    """The value, and whether there is one."""
    try:
        return True, run(scope, now, probe)
    except Exception:  # noqa: BLE001 - to have no value is an outcome too; evaluating tells the reason
        return False, None


def _same_outcome(one: _Outcome, other: _Outcome) -> bool:
    return one is not None and other is not None and one[0] == other[0] and same(one[1], other[1])
