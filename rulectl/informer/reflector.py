"""The thin shell around the machine: requests and reads, on a thread of its own or stepped."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from random import Random
from typing import Protocol, assert_never

from rulectl.clock import Clock
from rulectl.errors import RulectlError, TransientError
from rulectl.fields import FieldTree
from rulectl.informer.counters import Counters
from rulectl.informer.machine import Machine
from rulectl.informer.step import (
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
from rulectl.kube.frames import FrameReader
from rulectl.kube.page import decode_page
from rulectl.kube.projection import Projection, accept_for
from rulectl.kube.status import error_of
from rulectl.kube.transport import Request, Response, Stream, Transport
from rulectl.resource import Resource

PAGE_TIMEOUT_SECONDS = 60.0
OPEN_TIMEOUT_SECONDS = 30.0
SLICE_SECONDS = 1.0
"""No wait is longer without a look at the stop event and at `restart`."""
GATHER_SECONDS = 0.025
"""While updates come in a steady stream, what comes within so long is read at once: to wake for each of them
costs several times as much as to read it. The first after a pause is read as soon as it is there."""
GATHERED_BYTES = 32 * 1024
"""A read that gave more is followed by the next without a pause."""
_ERROR_BODY_SECONDS = 5.0
_ERROR_BODY_BYTES = 64 * 1024

_log = logging.getLogger("rulectl.informer")


class Sink(Protocol):
    """Where the effects go, on the reader's thread; `projection` is what the objects were read with."""

    def replace(self, effect: Replace, projection: Projection) -> None:
        """A complete list."""
        ...

    def apply(self, effect: Apply, projection: Projection) -> None:
        """Changes since."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """What is listed and watched; selectors in the API's text form, empty for all."""

    resource: Resource
    namespace: str = ""
    label_selector: str = ""
    field_selector: str = ""

    @property
    def query(self) -> dict[str, str]:
        """The selectors as query parameters."""
        pairs = {"labelSelector": self.label_selector, "fieldSelector": self.field_selector}
        return {name: text for name, text in pairs.items() if text}

    def __str__(self) -> str:
        place = f" in {self.namespace}" if self.namespace else ""
        return f"{self.resource.kind}{place}" + "".join(f" [{text}]" for text in self.query.values())


class Reflector:
    """Keeps a sink equal to the server's objects.

    Drive it in one of two ways, never both: `run` on a thread, or `step` from a loop that looks at
    `next_deadline`. Only exceptions of class Exception are dealt with; others pass through untouched.
    """

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        target: Target,
        tree: FieldTree,
        sink: Sink,
        *,
        random: Random | None = None,
        list_by_watch: bool = True,
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._target = target
        self._sink = sink
        self.machine = Machine(random or Random(), list_by_watch=list_by_watch)  # noqa: S311 - jitter
        self.counters = Counters()
        self.last_contact = clock.monotonic()
        """When the server last answered anything (monotonic); at first, when this was made."""

        self._lock = threading.Lock()  # guards _tree, _restart, _stream, _stopped
        self._tree = tree
        self._restart = True
        self._stream: Stream | None = None
        self._stopped = False
        self._projection = Projection(FieldTree(), target.resource.kind)
        self._frames = FrameReader(self._projection)
        self._read_at = 0.0
        self._gathers = False

    def restart(self, tree: FieldTree) -> None:
        """Reads all again, from now on with `tree`; from any thread, returns at once."""
        with self._lock:
            self._tree = tree
            self._restart = True
        self._cut()

    def stop(self) -> None:
        """Ends `run` and cuts the stream; from any thread, returns at once."""
        with self._lock:
            self._stopped = True
        self._cut()

    def run(self, stop: threading.Event) -> None:
        """Works until `stop` is set or `stop()` is called: at once after `stop()`, else within a second."""
        try:
            while not stop.is_set() and not self._stopped:
                self._advance(stop)
        finally:
            self._cut()

    def step(self) -> bool:
        """Does what can be done without waiting for the server's next bytes; whether that was anything."""
        return not self._stopped and self._advance(None)

    def next_deadline(self) -> float | None:
        """When (monotonic) `step` has something to do even if no bytes arrive. None: never."""
        if self._stopped:
            return None
        match self.machine.next:
            case Sleep(until) | ReadStream(until) if not self._restart:
                return until
            case _:
                return self._clock.monotonic()

    def _advance(self, stop: threading.Event | None) -> bool:
        """One activity; waits in it only if `stop` is given."""
        try:
            outcome = self._restarted() or self._outcome(stop)
            if outcome is None:
                return False
            self._take(outcome)
        except RulectlError as error:
            if not (self._restart or self._stopped):  # then it was cut from this side
                self._take(Failed(error))
        except Exception as error:  # noqa: BLE001 - the border of the thread
            # A bug of ours. The worker lives on, slowly: it lists again after a pause.
            self.counters.crashes += 1
            _log.exception("%s: the reflector failed and begins again", self._target)
            self._take(Failed(TransientError(f"internal error: {error!r}", status=500)))
        return True

    def _restarted(self) -> Outcome | None:
        if not self._restart:
            return None
        with self._lock:
            self._restart = False
            tree = self._tree
        self._projection = Projection(tree, self._target.resource.kind)
        return Restart()

    def _outcome(self, stop: threading.Event | None) -> Outcome | None:
        match self.machine.next:
            case FetchPage() as page:
                return self._fetch(page)
            case OpenWatch() as watch:
                return self._open(watch)
            case ReadStream(until):
                return self._read(until, stop)
            case Sleep(until):
                left = until - self._clock.monotonic()
                if left > 0 and stop is not None:
                    self._clock.wait(stop, min(left, SLICE_SECONDS))
                    left = until - self._clock.monotonic()
                return Woke() if left <= 0 else None
            case unknown:
                assert_never(unknown)

    def _take(self, outcome: Outcome) -> None:
        if isinstance(outcome, Failed):
            self.counters.failures += 1
            _log.info("%s: %s", self._target, outcome.error)
        elif not isinstance(outcome, Quiet | Woke | Restart):
            self.last_contact = self._clock.monotonic()
        effects = self.machine.handle(outcome, self._clock.monotonic())
        if not isinstance(self.machine.next, ReadStream):
            self._cut()
        for effect in effects:
            self._tell(effect)

    def _tell(self, effect: Effect) -> None:
        match effect:
            case Replace():
                self._sink.replace(effect, self._projection)
            case Apply():
                self._sink.apply(effect, self._projection)
            case _:
                assert_never(effect)

    def _fetch(self, page: FetchPage) -> Outcome:
        query = self._target.query
        if page.limit:
            query["limit"] = str(page.limit)
        if page.continue_token:
            query["continue"] = page.continue_token
        accept = accept_for(self._projection.tree, page=True)
        self.counters.pages += 1
        response = self._transport.request(self._request(query, accept), timeout_seconds=PAGE_TIMEOUT_SECONDS)
        if response.status >= 300:
            raise self._error(response)
        try:
            return Fetched(decode_page(response.body, self._projection))
        except ValueError as error:
            raise TransientError(f"listing {self._target}: the answer is no list: {error}") from error

    def _open(self, watch: OpenWatch) -> Outcome:
        query = self._target.query
        query["watch"] = "1"
        query["allowWatchBookmarks"] = "true"
        query["timeoutSeconds"] = str(watch.timeout_seconds)
        if watch.resource_version:
            query["resourceVersion"] = watch.resource_version
        if watch.initial_events:
            query["sendInitialEvents"] = "true"
            query["resourceVersionMatch"] = "NotOlderThan"
        self.counters.watches += 1
        request = self._request(query, accept_for(self._projection.tree))
        stream = self._transport.open_stream(request, timeout_seconds=OPEN_TIMEOUT_SECONDS)
        if stream.status >= 300:
            raise self._error(self._refusal(stream))
        with self._lock:
            self._stream = stream
            cut = self._stopped or self._restart
        if cut:
            self._cut()
        self._frames = FrameReader(self._projection)
        return Opened()

    def _read(self, until: float, stop: threading.Event | None) -> Outcome | None:
        stream = self._stream
        if stream is None:
            raise TransientError("the stream was cut from this side")
        if self._gathers and stop is not None:
            self._clock.wait(stop, GATHER_SECONDS)
        left = until - self._clock.monotonic()
        data = stream.read(0.0 if stop is None else max(0.0, min(left, SLICE_SECONDS)))
        if data is None:
            self._gathers = False
            return Quiet() if until <= self._clock.monotonic() else None
        if not data:
            return Ended()
        self._pace(len(data))
        return Received(self._frames.feed(data))

    def _pace(self, size: int) -> None:
        """Whether to wait before the next read, so that there is more to read then."""
        now = self._clock.monotonic()
        is_steady = now - self._read_at < 2 * GATHER_SECONDS
        self._gathers = is_steady and size < GATHERED_BYTES and not self.machine.is_listing
        self._read_at = now

    def _request(self, query: dict[str, str], accept: str) -> Request:
        path = self._target.resource.path(self._target.namespace)
        return Request("GET", path, query, accept=accept)

    def _error(self, response: Response) -> RulectlError:
        return error_of(response, f"reading {self._target}", self._clock.now())

    def _refusal(self, stream: Stream) -> Response:
        """What a stream with an error status has to say."""
        deadline = self._clock.monotonic() + _ERROR_BODY_SECONDS
        body = b""
        try:
            while len(body) < _ERROR_BODY_BYTES:
                data = stream.read(max(0.0, deadline - self._clock.monotonic()))
                if not data:
                    break
                body += data
        finally:
            stream.close()
        return Response(stream.status, body, stream.headers)

    def _cut(self) -> None:
        with self._lock:
            stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
