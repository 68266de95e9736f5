"""The words between the list/watch machine and its shell: what to do next, what came of it, what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from rulectl.errors import RulectlError
from rulectl.kube.frames import Broken, Event, Put, Removed
from rulectl.kube.object import KubeObject
from rulectl.kube.page import ListPage
from rulectl.resource import ObjectKey


@dataclass(frozen=True, slots=True)
class FetchPage:
    """Ask for a page of the list, always at the newest version; `limit` 0 asks for all at once."""

    limit: int
    continue_token: str = ""


@dataclass(frozen=True, slots=True)
class OpenWatch:
    """Open a watch from `resource_version`; with `initial_events` it starts with all objects there are."""

    resource_version: str
    timeout_seconds: int
    initial_events: bool = False


@dataclass(frozen=True, slots=True)
class ReadStream:
    """Read the open watch; nothing read by `until` (monotonic) is `Quiet`."""

    until: float


@dataclass(frozen=True, slots=True)
class Sleep:
    """Do nothing until then (monotonic), which is `Woke`."""

    until: float


Activity: TypeAlias = FetchPage | OpenWatch | ReadStream | Sleep
"""What the shell does next. While it is anything but `ReadStream`, no watch is open."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The page asked for."""

    page: ListPage


@dataclass(frozen=True, slots=True)
class Opened:
    """The watch asked for is open."""


@dataclass(frozen=True, slots=True)
class Received:
    """Events from the open watch, in their order."""

    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Ended:
    """The server has ended the watch cleanly."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What was being done failed: a refused page or watch, a cut stream."""

    error: RulectlError


@dataclass(frozen=True, slots=True)
class Quiet:
    """The time of `ReadStream` is up."""


@dataclass(frozen=True, slots=True)
class Woke:
    """The time of `Sleep` is up."""


@dataclass(frozen=True, slots=True)
class Restart:
    """Begin again with a consistent list, whatever was going on."""


Outcome: TypeAlias = Fetched | Opened | Received | Ended | Failed | Quiet | Woke | Restart


@dataclass(frozen=True, slots=True)
class Replace:
    """A complete list: these objects and no others exist."""

    objects: Mapping[ObjectKey, KubeObject]
    resource_version: str
    broken: Sequence[Broken] = field(default=())
    """Items that could not be read; they exist all the same."""
    consistent: bool = True
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Apply:
    """Changes one by one, in the server's order."""

    events: Sequence[Put | Removed | Broken]


Effect: TypeAlias = Replace | Apply
