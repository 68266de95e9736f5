"""The port behind which records are kept: memory, a file, ConfigMaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


class StateStore(Protocol):
    """Where records outlive the process. Any thread may write; `load` comes first and once."""

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
        may be kept in memory until `flush` or the next durable write.

        Edits become durable in the order of the calls.

        Raises:
            TransientError, PermanentError: none of them is known to be kept; nothing may be built on them.
        """
        ...

    def flush(self) -> None:
        """Makes all that was written durable. Raises as `write` does."""
        ...

    def close(self) -> None:
        """Flushes and lets go of what it holds, so that another process may take over."""
        ...
