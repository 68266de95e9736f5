"""One look at an update for many handlers of an informer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from rulectl.informer.change import Updated


class Screen(Protocol):
    """Says which of the handlers that sit at it an update has to be told to; for the reader's thread.

    It is asked instead of the handlers themselves: what it does not name is not told. It is quick and never raises.
    """

    def called(self, update: Updated, seats: Sequence[int], asked: int) -> Iterable[int]:
        """Those of `seats` whose handlers have to be told; `asked` has a bit for each of `seats`."""
        ...


class Seat(NamedTuple):
    """A handler's place at a screen."""

    screen: Screen
    number: int
