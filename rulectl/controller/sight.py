"""What is known of an object at one moment, and what a rule decides to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rulectl.resource import ObjectKey
from rulectl.state.record import Change, Record, Values
from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Present:
    """The object is there and in the rule's scope.

    `origin` says how it got there, for an object that has no record yet: shown by the first complete
    list of a scope that is new to the rule (`existing`), or created or come into scope later (`added`).
    `object` holds the recorded fields, `values` the watched ones that are not null.
    """

    uid: str
    key: ObjectKey
    resource_version: str
    object: Value
    values: Values
    origin: Literal["existing", "added"]


@dataclass(frozen=True, slots=True)
class Missing:
    """The object is deleted, or has left the rule's scope.

    `object` is the last state that was seen, None when only the record knows it (after a restart).
    """

    cause: Literal["deleted", "left"]
    object: Value = None

    @property
    def final_state(self) -> Literal["known", "recorded"]:
        """Whether the last state was seen or is only as recorded."""
        return "recorded" if self.object is None else "known"


@dataclass(frozen=True, slots=True)
class Context:
    """What `when` may see beside the object: the event that is owed, the baseline, the differences."""

    event: str
    old: Value
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the terms hold: None is unknown (an exception, a lookup that is not synced).

    `since` is where the rule says the clock starts; `next_change` when time alone may change the answer.
    """

    holds: bool | None
    since: float | None = None
    next_change: float | None = None


Judge: TypeAlias = Callable[[Context], Judgement]
"""Judges the terms for one object; called at most once per decision."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do now; look again at `until` (wall time), or when something changes (None).

    `is_periodic`: nothing waits for it, so whatever else is to be done goes before it.
    """

    until: float | None = None
    is_periodic: bool = False


@dataclass(frozen=True, slots=True)
class Begin:
    """Start the record's run from its first action, once the record is durable."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on with the record's run at the first action that is not done."""


@dataclass(frozen=True, slots=True)
class Forget:
    """Drop the record: nothing is left to do for this object."""


Verdict: TypeAlias = Rest | Begin | Resume | Forget


@dataclass(frozen=True, slots=True)
class Decision:
    """The record as it shall be (None: there shall be none) and what to do next.

    A record that is the very object that was given needs no write.
    """

    record: Record | None
    verdict: Verdict
