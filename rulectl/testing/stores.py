"""State stores that fail as processes and disks do: they end at a chosen call, and lose what was not durable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rulectl.clock import Clock
from rulectl.state.store import Edit, Loaded, StateStore
from rulectl.testing.transport import Crash

KEEP_SECONDS = 5.0
"""How long `LossyStore` keeps edits in memory unless they are to be durable."""


@dataclass(slots=True)
class CrashingStore:
    """Passes everything on; `crash` is told of every call before it is made and after it was carried out."""

    inner: StateStore
    crash: Crash

    @property
    def is_durable(self) -> bool:
        """See `StateStore.is_durable`."""
        return self.inner.is_durable

    def load(self) -> Loaded:
        """See `StateStore.load`."""
        self.crash.passing("before load")
        loaded = self.inner.load()
        self.crash.passing("after load")
        return loaded

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:
        """See `StateStore.write`."""
        how = "durable write" if durable else "write"
        self.crash.passing(f"before {how}")
        self.inner.write(edits, durable=durable)
        self.crash.passing(f"after {how}")

    def flush(self) -> None:
        """See `StateStore.flush`."""
        self.crash.passing("before flush")
        self.inner.flush()
        self.crash.passing("after flush")

    def next_flush(self) -> float | None:
        """See `StateStore.next_flush`."""
        return self.inner.next_flush()

    def flush_due(self, now: float) -> None:
        """See `StateStore.flush_due`."""
        due = self.inner.next_flush()
        if due is None or due > now:
            return
        self.crash.passing("before flush")
        self.inner.flush_due(now)
        self.crash.passing("after flush")

    def close(self) -> None:
        """See `StateStore.close`."""
        self.crash.passing("before close")
        self.inner.close()
        self.crash.passing("after close")


@dataclass(slots=True)
class LossyStore:
    """Keeps edits in memory, call by call, until a durable write, a flush or their time makes them last.

    `lose` is a crash: what was not durable is gone, but for as many of the oldest calls as are asked for (a
    store may have been about to write them). Hand the same object to the next engine. For one thread.
    """

    inner: StateStore
    clock: Clock
    lost: int = 0
    """How many edits have been lost so far."""
    _waiting: list[Sequence[Edit]] = field(default_factory=list)
    _since: float | None = None

    @property
    def is_durable(self) -> bool:
        """See `StateStore.is_durable`."""
        return self.inner.is_durable

    @property
    def waiting(self) -> int:
        """How many calls are not durable yet."""
        return len(self._waiting)

    def load(self) -> Loaded:
        """See `StateStore.load`."""
        return self.inner.load()

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:
        """See `StateStore.write`."""
        self._waiting.append(tuple(edits))
        if self._since is None:
            self._since = self.clock.monotonic()
        if durable:
            self.flush()

    def flush(self) -> None:
        """See `StateStore.flush`."""
        waiting, self._waiting, self._since = self._waiting, [], None
        if waiting:
            self.inner.write([edit for edits in waiting for edit in edits], durable=True)

    def next_flush(self) -> float | None:
        """See `StateStore.next_flush`."""
        return None if self._since is None else self._since + KEEP_SECONDS

    def flush_due(self, now: float) -> None:
        """See `StateStore.flush_due`."""
        due = self.next_flush()
        if due is not None and due <= now:
            self.flush()

    def close(self) -> None:
        """See `StateStore.close`. The object can be used again."""
        self.flush()

    def lose(self, kept: int = 0) -> None:
        """The process has crashed; of the calls that were not durable the `kept` oldest survive."""
        survivors, gone = self._waiting[:kept], self._waiting[kept:]
        self._waiting, self._since = list(survivors), None
        self.lost += sum(map(len, gone))
        self.flush()
