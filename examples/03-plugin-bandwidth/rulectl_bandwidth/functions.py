"""Functions for the expressions of rules."""

from __future__ import annotations

from rulectl.expression import rule_function


@rule_function()
def bits(rate: float) -> str:
    """A rate in bits a second, as people say it.

    >>> bits(2500000)
    '2.5 Mbit/s'
    """
    for unit, size in (("Gbit/s", 1e9), ("Mbit/s", 1e6), ("kbit/s", 1e3)):
        if rate >= size:
            return f"{rate / size:g} {unit}"
    return f"{rate:g} bit/s"
