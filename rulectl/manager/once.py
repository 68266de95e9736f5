"""What is left when everything that could be done now has been done (``run --once``)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rulectl.resource import ObjectKey
from rulectl.state.record import Record, RuleState


@dataclass(frozen=True, slots=True)
class Left:
    """One thing that is not done: `why` says in which way."""

    rule: str
    key: ObjectKey
    why: Literal["failed", "retrying", "waiting", "held", "paused"]
    message: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """All that is left, by rule and object.

    `waiting` is no failure: what is owed waits for its clock (`for`, `debounce`, `cooldown`) or for `when`.
    """

    left: tuple[Left, ...]

    @property
    def is_fine(self) -> bool:
        """Whether nothing failed, is being retried, or is held."""
        return all(one.why == "waiting" for one in self.left)


def summary_of(records: Iterable[Record], rules: Iterable[RuleState]) -> Summary:
    """What the records say is left; dead letters of earlier starts are among it."""
    paused = {state.rule: state.paused_reason for state in rules if state.paused}
    found = [one for one in (_left(record, paused) for record in records) if one is not None]
    return Summary(tuple(sorted(found, key=lambda one: (one.rule, one.key))))


def _left(record: Record, paused: dict[str, str]) -> Left | None:
    rule, key = record.rule, record.key
    if record.held:
        return Left(rule, key, "held", "its deletion is held by the guard")
    if record.failed is not None:
        return Left(rule, key, "failed", record.failed.message)
    if rule in paused and (record.run is not None or record.owed is not None or record.waiting):
        return Left(rule, key, "paused", paused[rule])
    if record.run is not None and record.run.targets is None:
        return Left(rule, key, "retrying", record.run.error)
    if record.owed is not None or record.waiting:
        return Left(rule, key, "waiting", "waits for `when` or its clocks")
    return None
