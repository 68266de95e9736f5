"""The informers of a process: one for each thing watched, however many want it."""

from __future__ import annotations

import threading
from random import Random

from rulectl.clock import Clock
from rulectl.fields import FieldTree
from rulectl.informer.informer import SharedInformer
from rulectl.informer.reflector import Target
from rulectl.kube.transport import Transport


class InformerFactory:
    """Hands out informers by target, their trees joined over all who ask; drives them by threads or steps.

    Safe for any thread, `step` apart.
    """

    def __init__(self, transport: Transport, clock: Clock, *, random: Random | None = None) -> None:
        """`random` makes all jitter repeatable."""
        self._transport = transport
        self._clock = clock
        self._random = random
        self._lock = threading.Lock()  # guards the two below
        self._informers: dict[Target, SharedInformer] = {}
        self._threaded = False

    def informer(self, target: Target, tree: FieldTree) -> SharedInformer:
        """The informer of `target`, which keeps at least the fields of `tree`.

        It is widened if it is there and keeps less, and started if `start` has been called.
        """
        with self._lock:
            found = self._informers.get(target)
            if found is None:
                found = SharedInformer(self._transport, self._clock, target, tree=tree, random=self._own_random())
                self._informers[target] = found
            threaded = self._threaded
        found.widen(tree)
        if threaded:
            found.start()
        return found

    def release(self, target: Target) -> None:
        """Stops the informer of `target` and forgets it; does nothing if there is none."""
        with self._lock:
            found = self._informers.pop(target, None)
        if found is not None:
            found.stop()

    @property
    def informers(self) -> tuple[SharedInformer, ...]:
        """All that are handed out and not released."""
        with self._lock:
            return tuple(self._informers.values())

    def start(self) -> None:
        """Each informer, those to come included, runs on a thread of its own until `stop`."""
        with self._lock:
            self._threaded = True
        for informer in self.informers:
            informer.start()

    def stop(self) -> None:
        """Ends them all; the stores keep what they have."""
        for informer in self.informers:
            informer.stop(timeout_seconds=0.0)
        for informer in self.informers:
            informer.stop()

    def wait_for_sync(self, timeout_seconds: float) -> bool:
        """Waits, so long in all, until every informer and its handlers have had the first list."""
        deadline = self._clock.monotonic() + timeout_seconds
        return all(informer.wait_for_sync(max(0.0, deadline - self._clock.monotonic())) for informer in self.informers)

    def step(self) -> bool:
        """Steps each informer once, in the order they were made; whether any did something."""
        return sum(informer.step() for informer in self.informers) > 0  # not any(): all must have their step

    def next_deadline(self) -> float | None:
        """The earliest `next_deadline` of all; None if none has any."""
        deadlines = [informer.next_deadline() for informer in self.informers]
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def _own_random(self) -> Random | None:
        return Random(self._random.random()) if self._random is not None else None  # noqa: S311 - jitter
