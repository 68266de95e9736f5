"""What the controller tells the outside: one value per thing worth a line, a metric or an Event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rulectl.resource import Kind, ObjectKey
from rulectl.state.record import Change

Verb: TypeAlias = Literal["done", "unchanged", "skipped", "retry", "failed"]


@dataclass(frozen=True, slots=True)
class ActionEnded:
    """How one action of a run ended; `message` is for people, with secrets masked."""

    action: str
    plugin: str
    verb: Verb
    message: str = ""


@dataclass(frozen=True, slots=True)
class ActedOn:
    """The object that a run acts on, for those who want to say something about it in the cluster."""

    kind: Kind
    key: ObjectKey
    uid: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """One try of a run is over.

    `outcome`: it succeeded, will be tried again in `retry_in_seconds`, or failed for good; `would`: it was
    only shown (audit, dry run).
    """

    rule: str
    key: ObjectKey
    kind: str
    event: str
    number: int
    attempt: int
    outcome: Literal["succeeded", "retry", "failed", "would"]
    actions: tuple[ActionEnded, ...]
    changes: tuple[Change, ...]
    seconds: float
    message: str = ""
    retry_in_seconds: float | None = None
    target: ObjectKey | None = None
    acted_on: ActedOn | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something of a rule could not be evaluated, or its object not be handled; told once per cause."""

    rule: str
    key: ObjectKey | None
    message: str


@dataclass(frozen=True, slots=True)
class Paused:
    """The rule began too many runs and rests until a person resumes it; everything stays owed."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """The guard holds back runs that a list would have started; a person may release them."""

    rule: str
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line that an action wrote to the log."""

    rule: str
    key: ObjectKey
    action: str
    level: Literal["debug", "info", "warning", "error"]
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the engine as a whole, or a rule's readiness, worth telling a person."""

    message: str
    level: Literal["info", "warning", "error"] = "info"
    rule: str = ""


Report: TypeAlias = RunEnded | Fault | Paused | Held | Line | Notice
Reporter: TypeAlias = Callable[[Report], None]
"""Called from any thread; must be quick and must not raise."""
