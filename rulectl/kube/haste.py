"""Getting the interpreter's lock back at once in the few microseconds that reading takes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")

HASTE_SECONDS = 10e-6
_HALF_A_MICROSECOND = 0.5e-6
"""The interpreter cuts its interval to whole microseconds."""


def in_haste(step: Callable[[], _T]) -> _T:
    """What `step` gives, which does not wait, but gives the interpreter's lock away many times.

    OpenSSL and the socket are called without the lock, for each record of 16 KB. A thread that computes takes it
    meanwhile, and keeps it for the switch interval: for less than a tenth of the bytes that come in that time. So the
    interval is short while `step` runs, for all threads, and afterwards what it was, unless somebody else has set it
    meanwhile. Any number of threads may be in haste at once; when the first is done, so are the others.
    """
    usual = sys.getswitchinterval()
    if usual <= HASTE_SECONDS + _HALF_A_MICROSECOND:  # somebody else's haste is as good
        return step()
    sys.setswitchinterval(HASTE_SECONDS + _HALF_A_MICROSECOND)
    try:
        return step()
    finally:
        if sys.getswitchinterval() <= HASTE_SECONDS + _HALF_A_MICROSECOND:
            sys.setswitchinterval(usual + _HALF_A_MICROSECOND)
