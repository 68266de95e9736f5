"""The record of one rule and one object: its baseline, what is owed, the run that has begun.

Records are values. They change only by being replaced, and only the functions in
`rulectl.controller` decide by what. Times are wall-clock seconds, so that clocks survive a restart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from rulectl.resource import ObjectKey
from rulectl.value import Value

Values: TypeAlias = Mapping[str, Value]
Stage: TypeAlias = Literal["fire", "delete", "resolve", "resync"]
Cause: TypeAlias = Literal["", "cleared", "deleted", "left"]


class Change(msgspec.Struct, frozen=True, gc=False):
    """One entry of `changes`: a watched value, before and after; null stands for absent."""

    path: str
    old: Value
    new: Value


class Tried(msgspec.Struct, frozen=True, gc=False):
    """A state that actions were started for without the run ending well: it may have taken effect."""

    values: Values
    object: Value


class Source(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """With forEach: one source's run as its target sees it."""

    uid: str
    namespace: str
    name: str
    number: int
    stage: Stage
    event: str
    object: Value
    old: Value = None
    changes: tuple[Change, ...] = ()
    cause: Cause = ""
    since: float = 0.0
    final_state: Literal["known", "recorded"] = "known"
    arrived: float = 0.0


class TargetRef(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """With forEach: an object that a source's run acts on, fixed when the run begins.

    `ended`: empty while it is under way, then how it ended.
    """

    uid: str
    namespace: str
    name: str
    ended: Literal["", "done", "failed"] = ""


class Run(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A run that has begun: durable before its first action starts.

    `done` has the actions that are finished, by name, with the part of their result that later actions read.
    `values` and `object` are what becomes the baseline when it succeeds.
    """

    number: int
    stage: Stage
    event: str
    begun: float
    values: Values = {}
    object: Value = None
    old: Value = None
    changes: tuple[Change, ...] = ()
    cause: Cause = ""
    since: float = 0.0
    final_state: Literal["known", "recorded"] = "known"
    done: Mapping[str, Value] = {}
    attempts: int = 0
    retry_at: float = 0.0
    targets: tuple[TargetRef, ...] | None = None
    sources: tuple[Source, ...] = ()
    error: str = ""


class Finished(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """With forEach, on a target: how it ended for one run of one source, until the source has noticed."""

    uid: str
    number: int
    error: str = ""
    """Why it failed for good; empty: it was done."""


class Owed(msgspec.Struct, frozen=True, gc=False):
    """A run is due; it keeps the event that made it so, and when that was."""

    event: str
    at: float


class Failure(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A run that failed for good: nothing runs it again but a new value, an edit, resync or a person."""

    stage: Stage
    number: int
    at: float
    message: str
    values: Values = {}
    object: Value = None
    old: Value = None
    event: str = ""
    cause: Cause = ""
    since: float = 0.0
    final_state: Literal["known", "recorded"] = "known"
    targets: tuple[TargetRef, ...] | None = None
    sources: tuple[Source, ...] = ()


class Fired(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """In force: the values with which it fired, when, the targets it acted on, and the step that made it fire."""

    object: Value
    at: float
    targets: tuple[TargetRef, ...] | None = None
    event: str = "modified"
    old: Value = None
    changes: tuple[Change, ...] = ()


def target_uid(uid: str) -> str:
    """The uid under which the record of a target is kept: the same object may be a source of the rule as well."""
    return f"target:{uid}"


class Record(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """All that is remembered of one rule and one object (with forEach also of one rule and one target).

    `id` is drawn once and never again: together with the run's number it makes the idempotency key.
    """

    rule: str
    uid: str
    id: str
    namespace: str
    name: str
    resource_version: str = ""
    base: Values = {}
    """The baseline of the watched values; empty: nothing was there yet."""
    old: Value = None
    """The baseline of all recorded fields, as expressions see it under `old`."""
    settled: bool = False
    """Whether the rule has ever settled with the object (else the event is `added`)."""
    when_held: bool = False
    """Whether `when` held when the rule last settled."""
    number: int = 0
    """Of the newest run; runs are counted from 1."""
    owed: Owed | None = None
    run: Run | None = None
    tried: tuple[Tried, ...] = ()
    failed: Failure | None = None
    fired: Fired | None = None
    muted: bool = False
    """A condition that must be seen false once before it may fire."""
    pending: Values | None = None
    """The watched values that were seen last, where they differ from the baseline."""
    pending_since: float = 0.0
    true_since: float | None = None
    false_since: float | None = None
    seen_false: bool = False
    last_success: float | None = None
    last_end: float | None = None
    gone: bool = False
    """The object is known to be deleted; the record lives until its last run has ended."""
    gone_at: float = 0.0
    """When its end was noticed."""
    held: bool = False
    """A deletion that the guard holds until a person lets it go, or the object is seen again."""
    released: bool = False
    """A person has said that the object is gone indeed."""
    rescoped: bool = False
    """The rule's scope was edited since the object was seen: if it has left, that is the edit and no event."""
    known_paths: tuple[str, ...] | None = None
    """Since an edit: the paths that the baseline is about; others start at the values they are seen with."""
    is_target: bool = False
    waiting: tuple[Source, ...] = ()
    """With forEach, on a target: the sources whose runs have not begun for it."""
    finished: tuple[Finished, ...] = ()

    @property
    def object_uid(self) -> str:
        """The uid of the object."""
        return self.uid.removeprefix(target_uid("")) if self.is_target else self.uid

    @property
    def key(self) -> ObjectKey:
        """Where the object lives."""
        return ObjectKey(self.namespace, self.name)


class RuleState(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What is remembered of a rule as a whole.

    `scopes`: the namespaces (``*``: all at once) whose first complete list this rule has taken in;
    what a list of a scope that is not here shows is *existing*.
    """

    rule: str
    digest: str = ""
    scope_digest: str = ""
    mode: str = "enforce"
    scopes: tuple[str, ...] = ()
    paused: bool = False
    paused_reason: str = ""
    kind: str = ""
    paths: tuple[str, ...] = ()
    """The watched paths when the rule was last loaded; others start at today's values."""
