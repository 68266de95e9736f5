"""List, watch, resume, list again: the decisions, without any I/O."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import assert_never

from rulectl.errors import Forbidden, Gone, NotFound, PermanentError, RulectlError, TransientError
from rulectl.informer.backoff import Backoff
from rulectl.informer.step import (
    Activity,
    Apply,
    Effect,
    Ended,
    Failed,
    Fetched,
    FetchPage,
    Opened,
    OpenWatch,
    Outcome,
    Quiet,
    ReadStream,
    Received,
    Replace,
    Restart,
    Sleep,
    Woke,
)
from rulectl.kube.frames import Bookmark, Broken, Event, Failure, Put, Removed
from rulectl.kube.object import KubeObject
from rulectl.kube.status import VersionTooLarge
from rulectl.resource import ObjectKey

PAGE_SIZE = 500
WATCH_SECONDS = (300, 600)
SHORT_WATCH_SECONDS = 1.0
STALL_SECONDS = 60.0
"""A list by watch that is silent for so long will never end (proxies and aggregated APIs do that)."""
BOOKMARK_IDLE_SECONDS = 90.0
"""Bookmarks come once a minute; a stream that has them and falls silent is dead."""
IDLE_GRACE_SECONDS = 15.0
INITIAL_ATTEMPTS = 3


class Machine:
    """One reflector's course: `next` says what to do, `handle` takes what came of it.

    After any interleaving of answers, cuts and expiries the effects, applied in order, end with the server's
    objects. It never asks again without a pause after a failure, and never goes on from an expired version.
    Not for use by several threads.
    """

    def __init__(self, random: Random, *, list_by_watch: bool = True) -> None:
        """`list_by_watch` False: the server is known to be slow or wrong at it."""
        self._random = random
        self._backoff = Backoff(random)
        self._list_by_watch = list_by_watch
        self._bookmarks_come = False
        self._initial_failures = 0
        self._silent_streams = 0
        self._newest = 0
        """The highest version ever seen, where versions are numbers."""

        self.resource_version = ""
        """Everything up to here has been told in effects; empty before the first complete list."""
        self.failure: RulectlError | None = None
        """Why there is no stream now; None while all is well."""

        self._list_from = ""
        self._listing = True
        self._pending: dict[ObjectKey, KubeObject] = {}
        self._broken: list[Broken] = []
        self._opened_at = 0.0
        self._opened_version = ""
        self._watch_seconds = 0
        self._stream_had_bytes = False
        self._stream_had_bookmark = False
        self.next: Activity = FetchPage(PAGE_SIZE)
        self._begin_list("")

    @property
    def is_listing(self) -> bool:
        """Whether what is read now is a list, of which nothing is told before its end."""
        return self._listing

    def handle(self, outcome: Outcome, now: float) -> list[Effect]:
        """Takes the outcome of `next` at monotonic time `now`; what it means for the store, in order."""
        match outcome:
            case Fetched():
                return self._fetched(outcome)
            case Opened():
                self.failure = None
                self._opened_at = now
                self._opened_version = self.resource_version
                self._stream_had_bytes = self._stream_had_bookmark = False
                self._read_on(now)
            case Received():
                return self._received(outcome, now)
            case Ended():
                self._ended(now)
            case Failed(error):
                self._failed(error, now)
            case Quiet():
                self._quiet()
            case Woke():
                self._go_on()
            case Restart():
                self._begin_list("")
            case _:
                assert_never(outcome)
        return []

    # Lists

    def _begin_list(self, resource_version: str) -> None:
        """`resource_version`: the list must not be older than that; empty: it must be the newest."""
        self._listing = True
        self._list_from = resource_version
        self._pending, self._broken = {}, []
        if self._list_by_watch and self._initial_failures < INITIAL_ATTEMPTS:
            self._watch_seconds = self._random.randint(*WATCH_SECONDS)
            self.next = OpenWatch(resource_version, self._watch_seconds, initial_events=True)
        else:
            self._list_from = ""
            self.next = FetchPage(PAGE_SIZE)

    def _fetched(self, fetched: Fetched) -> list[Effect]:
        page = fetched.page
        self.failure = None
        self._pending.update((item.key, item) for item in page.objects)
        self._broken += page.broken
        if page.continue_token:
            self.next = FetchPage(PAGE_SIZE, page.continue_token)
            return []
        replace = self._complete(page.resource_version)
        self._watch()
        return [replace]

    def _complete(self, resource_version: str) -> Replace:
        consistent = not self._list_from
        number = _number(resource_version)
        backwards = consistent and 0 < number < self._newest
        self._newest = number if backwards else max(number, self._newest)
        self.resource_version = resource_version
        self._listing = False
        self._initial_failures = 0
        replace = Replace(self._pending, resource_version, self._broken, consistent, backwards)
        self._pending, self._broken = {}, []
        return replace

    # Watches

    def _watch(self) -> None:
        self._watch_seconds = self._random.randint(*WATCH_SECONDS)
        self.next = OpenWatch(self.resource_version, self._watch_seconds)

    def _read_on(self, now: float) -> None:
        if self._listing:
            idle = STALL_SECONDS
        elif self._bookmarks_come:
            idle = BOOKMARK_IDLE_SECONDS
        else:
            idle = self._watch_seconds + IDLE_GRACE_SECONDS
        self.next = ReadStream(now + idle)

    def _received(self, received: Received, now: float) -> list[Effect]:
        self._silent_streams = 0
        self._stream_had_bytes = True
        events = received.events
        effects: list[Effect] = []
        if self._listing:
            taken = self._collect(events, effects, now)
            events = events[taken:]
        if not self._listing:
            self._absorb(events, effects, now)
        if isinstance(self.next, ReadStream):
            self._read_on(now)
        return effects

    def _collect(self, events: Sequence[Event], effects: list[Effect], now: float) -> int:
        """Takes initial events up to the bookmark that ends them; how many that were.

        Their versions come in no order, so none of them is a version to go on from.
        """
        for index, event in enumerate(events):
            match event:
                case Put(item):
                    self._pending[item.key] = item
                case Removed(item):
                    self._pending.pop(item.key, None)
                case Broken():
                    self._broken.append(event)
                case Bookmark(version, ends_initial_events=True) if version:
                    effects.append(self._complete(version))
                    return index + 1
                case Bookmark():
                    self._never_list_by_watch()
                    break
                case Failure(error):
                    self._failed(error, now)
                    break
                case _:
                    assert_never(event)
        return len(events)

    def _absorb(self, events: Sequence[Event], effects: list[Effect], now: float) -> None:
        changes: list[Put | Removed | Broken] = []
        version = ""
        for event in events:
            match event:
                case Put(item) | Removed(item):
                    changes.append(event)
                    version = item.resource_version or version
                case Broken():
                    changes.append(event)
                    version = event.resource_version or version
                case Bookmark() if 0 < _number(event.resource_version) < _number(self.resource_version):
                    self._begin_list("")
                    break
                case Bookmark():
                    version = event.resource_version or version
                    self._stream_had_bookmark = self._bookmarks_come = True
                case Failure(error):
                    self._flush(effects, changes, version)
                    self._failed(error, now)
                    return
                case _:
                    assert_never(event)
        self._flush(effects, changes, version)

    def _flush(self, effects: list[Effect], changes: list[Put | Removed | Broken], version: str) -> None:
        if changes:
            effects.append(Apply(changes))
        if version:
            self.resource_version = version
            self._newest = max(self._newest, _number(version))

    def _never_list_by_watch(self) -> None:
        """The server takes the request for a plain watch, or never finishes: list it, now and ever after."""
        self._list_by_watch = False
        self._begin_list("")

    def _ended(self, now: float) -> None:
        age = now - self._opened_at
        if self._listing:
            if age >= STALL_SECONDS:
                self._never_list_by_watch()
            else:
                self._failed(TransientError("the server ended the watch before its initial events"), now)
        elif age < SHORT_WATCH_SECONDS and self.resource_version == self._opened_version:
            self._failed(TransientError("the server ends watches as soon as they are open"), now)
        elif not self._gave_up_on_silence():
            self._watch()

    def _quiet(self) -> None:
        if self._listing:
            self._never_list_by_watch()
        elif not self._gave_up_on_silence():
            self._watch()

    def _gave_up_on_silence(self) -> bool:
        """Counts silent streams where bookmarks are known to come; after two of them, lists again.

        One is a dead connection. Two may be a version that the server has not reached yet, after its data
        was restored: such a watch is accepted and says nothing, for hours.
        """
        if self._stream_had_bookmark or self._stream_had_bytes or not self._bookmarks_come:
            return False
        self._silent_streams += 1
        if self._silent_streams < 2:
            return False
        self._silent_streams = 0
        self._bookmarks_come = False
        self._begin_list("")
        return True

    # Failures

    def _failed(self, error: RulectlError, now: float) -> None:
        if self._retried_at_once(error):
            return
        self.failure = error
        if self._listing:
            if isinstance(self.next, ReadStream):
                self._initial_failures += 1
            if isinstance(error, Gone | VersionTooLarge | NotFound):
                self._list_from = ""
        elif _must_list(error):
            stale = isinstance(error, NotFound | VersionTooLarge)
            self._listing = True
            self._list_from = "" if stale else self.resource_version
        asked = error.retry_after_seconds if isinstance(error, TransientError) else None
        # An expired version is answered by a list, the dearest request: at most seven in two minutes.
        least_jitter = 1.5 if isinstance(error, Gone) else 1.0
        self.next = Sleep(now + self._backoff.delay(now, asked_seconds=asked, least_jitter=least_jitter))

    def _retried_at_once(self, error: RulectlError) -> bool:
        """Failures with one other way to go, which is taken without a pause and cannot repeat itself."""
        if not self._listing:
            return False
        if isinstance(self.next, FetchPage):
            if isinstance(error, Gone) and self.next.continue_token:
                self._pending, self._broken = {}, []
                self.next = FetchPage(0)
                return True
            return False
        if isinstance(error, PermanentError) and not isinstance(error, Forbidden | NotFound | Gone):
            self._never_list_by_watch()
            return True
        return False

    def _go_on(self) -> None:
        if self._listing:
            self._begin_list(self._list_from)
        else:
            self._watch()


def _must_list(error: RulectlError) -> bool:
    """Whether a watch that failed so cannot go on from its version."""
    if isinstance(error, Forbidden):
        return False
    return isinstance(error, PermanentError | VersionTooLarge) or (
        isinstance(error, TransientError) and error.status == 500
    )


def _number(resource_version: str) -> int:
    """The version as a number; 0 where it is none."""
    return int(resource_version) if resource_version.isdecimal() else 0
