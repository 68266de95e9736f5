"""Watches: a cursor into the event log, read as lines when somebody has time for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from rulectl.sandbox.accept import Form, Wanted, wanted
from rulectl.sandbox.listing import asked_version
from rulectl.sandbox.log import Event
from rulectl.sandbox.mangler import Mangler
from rulectl.sandbox.registry import PARTIAL_HEAD, Served
from rulectl.sandbox.selectable import selector_of
from rulectl.sandbox.status import ApiError, failure
from rulectl.sandbox.stored import Stored
from rulectl.sandbox.table import table
from rulectl.sandbox.world import Call, World
from rulectl.value import Value, encode

EVENTS_PER_READ = 1000
MIN_TIMEOUT_SECONDS = 1800.0
BOOKMARK_BEFORE_END_SECONDS = 2.0
INITIAL_EVENTS_END = "k8s.io/initial-events-end"
_END = b"}\n"


@dataclass(frozen=True, slots=True)
class Lines:
    """How the events of one watch are written."""

    world: World
    served: Served
    asked: Wanted

    def of(self, kind: str, item: Stored) -> bytes:
        """The line of an event."""
        if self.asked.form is Form.TABLE:
            shown = table(self.world, self.served, [item], str(item.rv), include=self.asked.include)
            return encode({"type": kind, "object": shown}) + b"\n"
        return self.head(kind) + self.tail(item) + _END

    def head(self, kind: str) -> bytes:
        """The line's beginning, up to where the object's tail follows."""
        head = PARTIAL_HEAD if self.asked.form is Form.PARTIAL else self.served.head
        return b'{"type":"' + kind.encode() + b'","object":' + head

    def tail(self, item: Stored) -> bytes:
        """The object's tail in the form that was asked for."""
        return item.partial_tail() if self.asked.form is Form.PARTIAL else self.served.tail(item)

    def bookmark(self, rv: int, *, initial_events_end: bool = False) -> bytes:
        """The line that says: all up to `rv` has been told."""
        kind = self.served.kind
        named = {"kind": kind.kind, "apiVersion": kind.api_version}
        if self.asked.form is Form.PARTIAL:
            named = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
        metadata: dict[str, Value] = {"resourceVersion": str(rv), "creationTimestamp": None}
        if initial_events_end:
            metadata["annotations"] = {INITIAL_EVENTS_END: "true"}
        shown: Mapping[str, Value] = {**named, "metadata": metadata}
        if self.asked.form is Form.TABLE:
            row: Value = {"cells": [], "object": shown}
            shown = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": str(rv)}}
            shown = {**shown, "columnDefinitions": [], "rows": [row]}
        return encode({"type": "BOOKMARK", "object": shown}) + b"\n"


def error_line(body: Mapping[str, Value]) -> bytes:
    """The line that ends a watch with a refusal."""
    return encode({"type": "ERROR", "object": body}) + b"\n"


def too_old(asked: int, floor: int) -> bytes:
    """The line that says that the past asked for is no longer known."""
    return error_line(failure(410, "Expired", f"too old resource version: {asked} ({floor})"))


class WatchAnswer:
    """A stream that its reader pulls from; nothing here waits, and nothing is made before it is read.

    Use it from one thread at a time, like the Api that gave it. `wake` is called, by the thread that made
    a change, when there may be something to read; it must only make the reader come and look.
    """

    def __init__(self, world: World, call: Call, mangler: Mangler | None, delay_seconds: float = 0.0) -> None:
        """Opens the watch that a request asks for.

        Raises:
            ApiError: the parameters make no sense.
        """
        self.status = 200
        self.headers: Mapping[str, str] = {"Content-Type": "application/json"}
        self.delay_seconds = delay_seconds
        self.wake: Callable[[], None] = _nobody
        self._world = world
        self._served = call.served
        self._lines = Lines(world, call.served, wanted(call.headers, call.query))
        self._selector = selector_of(call.served, call.query)
        self._prefix = f"{call.namespace}/" if call.namespace else ""
        self._collection = world.store.collection(call.served.storage)
        self._mangler = mangler
        self._closed = False
        self._cut = False
        self._done = False
        self._initial: Iterable[Stored] = ()
        self._left_of_initial = False
        self._first_lines: list[bytes] = []
        self._initial_end = False
        self._bookmarks = call.flag("allowWatchBookmarks")
        self._heads = {kind: self._lines.head(kind) for kind in ("ADDED", "MODIFIED", "DELETED")}
        self._plain = self._selector.everything and self._lines.asked.form is not Form.TABLE
        self._min_rv = 0
        self._cursor = self._collection.log.end
        self._sent_rv = world.store.rv
        self._begin(call)
        now = world.clock.monotonic()
        seconds = _timeout(call)
        if seconds is None:
            seconds = MIN_TIMEOUT_SECONDS * (1 + world.random.random())
        self._ends_at = now + seconds
        self._bookmark_at = self._next_bookmark(now)
        self._collection.readers[self] = self._changed

    @property
    def closed(self) -> bool:
        """Whether the stream has ended: nothing more is to be read."""
        return self._closed

    @property
    def cut(self) -> bool:
        """Whether the stream ended like a broken connection instead of cleanly."""
        return self._cut

    def read(self) -> bytes:
        """The lines that are there now, at most about a thousand; empty when there are none.

        An injected fault may let it end in the middle of a line. After the last bytes `closed` is true.
        """
        if self._closed:
            return b""
        now = self._world.clock.monotonic()
        if self._mangler is not None:
            return self._mangled(self._mangler, now)
        found = self._next(now)
        if self._done:
            self.close()
        return found

    def next_deadline(self) -> float | None:
        """When (monotonic) to read again even if nobody woke the reader; None: never."""
        if self._closed:
            return None
        own = self._ends_at if self._bookmark_at is None else min(self._ends_at, self._bookmark_at)
        return own if self._mangler is None else self._mangler.deadline(own)

    def close(self) -> None:
        """Ends it; can be repeated."""
        self._closed = True
        self._collection.readers.pop(self, None)

    def _changed(self) -> None:
        self.wake()

    def _begin(self, call: Call) -> None:
        initial = _initial_events(call)
        try:
            version = asked_version(call)
        except ValueError as error:
            text = call.query["resourceVersion"]
            message = f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
            raise ApiError(500, "InternalError", message) from error
        if initial is None:
            initial = not version
        elif version is not None and version > self._sent_rv:
            message = f"Timeout: Too large resource version: {version}, current: {self._sent_rv}"
            raise ApiError(504, "Timeout", message, headers={"Retry-After": "1"})
        if initial:
            items = self._collection.in_order(call.namespace)
            chosen = list(items if self._selector.everything else filter(self._selector.matches, items))
            self._initial = iter(chosen)
            self._left_of_initial = True
            self._initial_end = call.query.get("sendInitialEvents") is not None
        elif version:
            if version < self._collection.log.floor:
                self._first_lines.append(too_old(version, self._collection.log.floor))
                return
            self._cursor = self._collection.log.cursor_after(version)
            self._min_rv = version

    def _next(self, now: float) -> bytes:
        if self._first_lines:
            self._done = True
            return b"".join(self._first_lines)
        if self._left_of_initial and (lines := self._initial_lines()):
            return lines
        if self._served.custom and self._world.registry.of_storage(self._served.storage) is None:
            self._done = True
            return b""
        found = self._logged()
        if not found and not self._done:
            return self._timed(now)
        # Under a steady flow of events there is no quiet moment in which to end.
        self._done = self._done or now >= self._ends_at
        return found

    def _initial_lines(self) -> bytes:
        head = self._heads["ADDED"]
        chosen = list(islice(self._initial, EVENTS_PER_READ))
        if self._lines.asked.form is Form.TABLE:
            found = b"".join([self._lines.of("ADDED", item) for item in chosen])
        else:
            tail = self._lines.tail
            found = b"".join([piece for item in chosen for piece in (head, tail(item), _END)])
        if len(chosen) < EVENTS_PER_READ:
            self._left_of_initial = False
            if self._initial_end and self._bookmarks:
                found += self._lines.bookmark(self._sent_rv, initial_events_end=True)
        return found

    def _logged(self) -> bytes:
        log = self._collection.log
        while self._cursor < log.end:
            events = log.read(self._cursor, EVENTS_PER_READ)
            if events is None:
                self._done = True
                return too_old(self._sent_rv, log.floor)
            self._cursor += len(events)
            self._sent_rv = events[-1].rv
            if found := self._lines_of(events):
                return found
        return b""

    def _lines_of(self, events: list[Event]) -> bytes:
        prefix, heads, tail = self._prefix, self._heads, self._lines.tail
        if prefix:
            events = [event for event in events if event.key.startswith(prefix)]
        if self._min_rv:
            events = [event for event in events if event.rv > self._min_rv]
        if self._plain:
            return b"".join([p for event in events for p in (heads[event.type], tail(event.new), _END)])
        kinds = ((self._transition(event), event.new) for event in events)
        return b"".join([self._lines.of(kind, item) for kind, item in kinds if kind])

    def _transition(self, event: Event) -> str:
        """The event as somebody sees it who sees only what the selector lets through."""
        selector = self._selector
        before = event.old is not None and selector.matches(event.old)
        if event.type == "DELETED":
            return "DELETED" if before else ""
        after = selector.matches(event.new)
        if before:
            return "MODIFIED" if after else "DELETED"
        return "ADDED" if after else ""

    def _timed(self, now: float) -> bytes:
        found = b""
        if self._bookmark_at is not None and now >= self._bookmark_at:
            self._sent_rv = max(self._sent_rv, self._world.store.rv)
            found = self._lines.bookmark(self._sent_rv)
            self._bookmark_at = self._next_bookmark(now)
        if now >= self._ends_at:
            self._done = True
        return found

    def _next_bookmark(self, now: float) -> float | None:
        if not self._bookmarks:
            return None
        last = self._ends_at - BOOKMARK_BEFORE_END_SECONDS
        at = min(now + self._world.bookmark_seconds, last)
        return at if at > now else None

    def _mangled(self, mangler: Mangler, now: float) -> bytes:
        found = mangler.take(now)
        while found is None and not self._done:
            more = self._next(now)
            if not more:
                break
            mangler.feed(more)
            found = mangler.take(now)
        if mangler.over or (self._done and not mangler.holds_back):
            self._cut = mangler.cut
            self.close()
        return found or b""


def _nobody() -> None:
    pass


def _initial_events(call: Call) -> bool | None:
    """Whether the present state is asked for before the changes; None: as the resourceVersion says."""
    asked, match = call.query.get("sendInitialEvents"), call.query.get("resourceVersionMatch", "")
    if asked is None:
        if match:
            raise ApiError(
                422,
                "Invalid",
                "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless "
                "sendInitialEvents is provided",
            )
        return None
    if match != "NotOlderThan":
        raise ApiError(
            422,
            "Invalid",
            "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        )
    return call.flag("sendInitialEvents")


def _timeout(call: Call) -> float | None:
    """What timeoutSeconds asks for; None when it is absent or 0: the server's choice."""
    try:
        return float(call.query.get("timeoutSeconds") or 0) or None
    except ValueError as error:
        raise ApiError(400, "BadRequest", "timeoutSeconds is a whole number of seconds") from error
