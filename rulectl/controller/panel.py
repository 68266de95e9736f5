"""The conditions of all rules on one informer, judged together: the updates that need no worker."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rulectl.controller.controller import Controller
from rulectl.controller.idle import Glance
from rulectl.informer.change import Updated
from rulectl.informer.screen import Seat
from rulectl.predicate.fusion import Fused, fuse
from rulectl.predicate.term import Term

_log = logging.getLogger("rulectl.controller")


@dataclass(slots=True, eq=False)
class Panel:
    """A `rulectl.informer.screen.Screen` for rules whose terms `can_fuse`: each update is judged in one call.

    A rule is called when its terms hold, when that is unknown, and whenever its record of the object is not one that
    stays as it is while they do not (see `Idle`). Rules may join at any time, from any thread.
    """

    glance: Glance
    _controllers: list[Controller] = field(default_factory=list)
    _terms: list[Term] = field(default_factory=list)
    _fused: Fused | None = None
    _known: int = 0
    """How many of the terms `_fused` has."""

    def join(self, controller: Controller) -> Seat | None:
        """The rule's seat; None where its updates cannot be judged here."""
        idle = controller.idle
        term = None if idle is None else idle.fusible()
        if term is None:
            return None
        self._controllers.append(controller)
        self._terms.append(term)
        return Seat(self, len(self._terms) - 1)

    def called(self, update: Updated, seats: Sequence[int], asked: int) -> Iterable[int]:
        """See `Screen.called`."""
        try:
            holding = self._judging()({"object": self.glance.value(update.new)}, asked)
        except Exception:  # noqa: BLE001 - to look in vain costs a little, not to look may cost a change
            _log.exception("the conditions of %d rules cannot be judged together", len(seats))
            return seats
        key, uid = update.key, update.new.uid
        return [one for one in seats if one in holding or not self._controllers[one].rests(key, uid)]

    def _judging(self) -> Fused:
        terms = self._terms
        if self._fused is None or self._known < len(terms):
            known = len(terms)
            self._fused, self._known = fuse(terms[:known]), known
        return self._fused
