"""One handler's place at an informer: what it has been told, and what it still has to be."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

from rulectl.fields import FieldTree
from rulectl.informer.change import Notice, Relisted, Updated
from rulectl.informer.counters import Counters
from rulectl.informer.screen import Seat
from rulectl.kube.leaves import EVERYTHING
from rulectl.kube.projection import Projection
from rulectl.value import same

Handler: TypeAlias = Callable[[Notice], None]
"""Called on the reader's thread, under no lock; it must be quick, so it enqueues and nothing else."""

_log = logging.getLogger("rulectl.informer")


class Registration:
    """What `SharedInformer.add_handler` gives back."""

    def __init__(
        self,
        handler: Handler,
        tree: FieldTree,
        counters: Counters,
        *,
        is_narrow: bool = False,
        seat: Seat | None = None,
    ) -> None:
        """`is_narrow`: it is told no update that changes nothing in `tree`, or that its seat's screen keeps back."""
        self.seat = seat
        self._handler = handler
        self.is_narrow = is_narrow
        self._leaves = 0
        self._is_exact = False
        self._counters = counters
        self.tree = tree
        """The fields that this handler reads: it is told nothing before the store keeps them."""
        self.state: Literal["waiting", "catching up", "live", "removed"] = "waiting"
        """Guarded by the store's lock, as is `backlog`."""
        self.backlog: deque[Notice] = deque()
        self._synced = False

    @property
    def has_synced(self) -> bool:
        """Whether this handler has been told of the whole initial list; then it stays so."""
        return self._synced

    def read_with(self, projection: Projection) -> None:
        """Objects come in the fields of `projection` from now on."""
        if self.is_narrow:
            covers_all = self.tree.covers(projection.tree)
            part = None if projection.types is None or covers_all else projection.types.leaves.part(self.tree)
            self._leaves = EVERYTHING if part is None else part.bits
            self._is_exact = covers_all or (part is not None and part.exact)

    def is_told_by_leaves(self, leaves: int) -> bool:
        """Whether the leaves alone say that an update that `may_concern` it does."""
        return not self.is_narrow or self.tree.whole or (self._is_exact and leaves != EVERYTHING)

    def may_concern(self, leaves: int) -> bool:
        """Whether any update that changes `leaves` is one of this handler's."""
        return not self.is_narrow or bool(self._leaves & leaves)

    def concerns(self, update: Updated, leaves: int) -> bool:
        """Whether an update is one of this handler's; `leaves` are those that it changes."""
        if not self.may_concern(leaves):
            return False
        if self.is_told_by_leaves(leaves):
            return True
        return not same(self.tree.prune(update.old.value()), self.tree.prune(update.new.value()))

    def tell(self, notices: Iterable[Notice]) -> None:
        """Calls the handler; its exception is logged and counted, and costs it no later notice."""
        for notice in notices:
            if self.state == "removed":
                return
            try:
                self._handler(notice)
            except Exception:  # noqa: BLE001 - one handler's bug is not another's
                self._counters.handler_errors += 1
                # Not the notice itself: it may hold a secret.
                _log.exception("a handler failed on %s %s", type(notice).__name__, getattr(notice, "key", ""))
            if isinstance(notice, Relisted):
                self._synced = True
