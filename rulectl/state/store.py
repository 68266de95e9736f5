"""The port behind which records are kept: memory, a file, ConfigMaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from rulectl.state.record import Record, RuleState


@dataclass(frozen=True, slots=True)
class Put:
    """Keep `record` (under its rule and uid) instead of what was kept."""

    record: Record


@dataclass(frozen=True, slots=True)
class Drop:
    """Forget the record of `rule` and `uid`, if there is one."""

    rule: str
    uid: str


@dataclass(frozen=True, slots=True)
class PutRule:
    """Keep `state` under its rule's name."""

    state: RuleState


@dataclass(frozen=True, slots=True)
class DropRule:
    """Forget a rule's state (its records are dropped one by one)."""

    rule: str


Edit = Put | Drop | PutRule | DropRule


@dataclass(frozen=True, slots=True)
class Loaded:
    """All that a store holds."""

    records: tuple[Record, ...]
    rules: tuple[RuleState, ...]
    meta: Mapping[str, str] = field(default_factory=dict)
    """What the store made for itself at its first start and keeps: see `rulectl.state.digest`."""


class StateStore(Protocol):
    """Where records outlive the process. Any thread may write; `load` comes first and once.

    Every implementation keeps these promises, over many rules and records just as for one:

    - a call's edits become durable together or not at all;
    - what is durable is always a prefix of the calls, in their order: nothing later without all that was earlier.

    Calls of different threads that overlap have no order between them.
    """

    @property
    def is_durable(self) -> bool:
        """Whether what was written is still there after a crash."""
        ...

    def load(self) -> Loaded:
        """Everything that was kept.

        Raises:
            PermanentError: it is damaged, foreign, or held by another process.
        """
        ...

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:
        """Takes all `edits` or none.

        With `durable` it returns only when they would survive a crash at the next instruction; without, they
        may be kept in memory until `flush`, `flush_due` or the next durable write. Threads that write durably at
        the same time share one commit.

        Raises:
            TransientError, PermanentError: none of them is known to be kept; nothing may be built on them.
                What earlier calls left in memory stays there and goes with the next commit.
                After some permanent ones (another process has taken over, the disk fails) every later
                write fails too: the process should end.
        """
        ...

    def flush(self) -> None:
        """Makes all that was written durable. Raises as `write` does."""
        ...

    def next_flush(self) -> float | None:
        """When `flush_due` has something to do, as `Clock.monotonic` counts; None: nothing waits in memory."""
        ...

    def flush_due(self, now: float) -> None:
        """Makes durable what has waited in memory long enough at the monotonic time `now`; mostly does nothing.

        For the engine's housekeeping, so that little is lost in a crash while nothing durable is written.
        Raises as `write` does.
        """
        ...

    def close(self) -> None:
        """Flushes and lets go of what it holds, so that another process may take over."""
        ...
