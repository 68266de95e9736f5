"""What one call of an action came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Done:
    """The action did what it is for. `result` is what later actions see as ``results.NAME``."""

    message: str = ""
    result: Value = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing was to be done: the world already says so, or the object is gone. Counts as success."""

    message: str = ""
    result: Value = None


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Not now, but later it may work.

    `seconds` None: after the back-off that the rule says; otherwise not before so many seconds.
    """

    seconds: float | None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """Failed for good: trying the same again cannot help."""

    message: str


@dataclass(frozen=True, slots=True)
class Crashed:
    """The plugin raised what it should not have: a bug, reported as one, and retried with back-off.

    Plugins never return it; `rulectl.action.attempt` makes it. `traceback` is masked text.
    """

    message: str
    traceback: str = ""


class Contained(Exception):  # noqa: N818 - says what happened
    """A plugin in a process of its own crashed there, or ended the process; told like a `Crashed`."""

    def __init__(self, message: str, traceback: str = "") -> None:
        super().__init__(message)
        self.traceback = traceback


Outcome: TypeAlias = Done | Unchanged | RetryAfter | Failed
"""What a plugin returns."""

Attempt: TypeAlias = Outcome | Crashed
"""What the controller sees of one call."""
