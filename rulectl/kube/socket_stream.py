"""A watch's stream: read straight from the connection that urllib3 has opened."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable, Mapping

from rulectl.errors import Unreachable
from rulectl.kube.body import Body
from rulectl.kube.haste import in_haste
from rulectl.kube.wire import Wire


class FinishedStream:
    """A `Stream` whose few bytes are all here: a refusal."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self._status = status
        self._headers = headers
        self._rest = body

    @property
    def status(self) -> int:
        """See `Stream.status`."""
        return self._status

    @property
    def headers(self) -> Mapping[str, str]:
        """See `Stream.headers`."""
        return self._headers

    def read(self, timeout_seconds: float) -> bytes | None:  # noqa: ARG002 - it never waits
        """See `Stream.read`."""
        data, self._rest = self._rest, b""
        return data

    def close(self) -> None:
        """See `Stream.close`."""
        self._rest = b""


class SocketStream:
    """A `Stream` over a connection whose answer's headers have been read.

    urllib3's own reading is left aside: after one read timeout its file object refuses to go on, and it reads
    little at a time.
    """

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        wire: Wire,
        body: Body,
        first: bytes,
        release: Callable[[], None],
    ) -> None:
        """`first`: what has been read behind the headers; `release` closes whatever holds the wire."""
        self._status = status
        self._headers = headers
        self._wire = wire
        self._poll = select.poll()
        self._poll.register(wire.fileno(), select.POLLIN)
        self._body = body
        self._first = first
        self._release = release
        self._closed = threading.Event()
        self._reading = threading.Lock()

    @property
    def status(self) -> int:
        """See `Stream.status`."""
        return self._status

    @property
    def headers(self) -> Mapping[str, str]:
        """See `Stream.headers`."""
        return self._headers

    def read(self, timeout_seconds: float) -> bytes | None:
        """See `Stream.read`."""
        deadline = time.monotonic() + timeout_seconds
        with self._reading:
            try:
                return self._read(deadline)
            except OSError as error:
                if self._closed.is_set():
                    raise Unreachable("the stream was closed from this side") from error
                raise Unreachable(f"the connection was cut: {error!r}") from error
            finally:
                if self._closed.is_set():
                    self._release()

    def _read(self, deadline: float) -> bytes | None:
        while not self._body.ended:
            data: bytes | None
            data, self._first = self._first, b""
            if not data:
                data = self._receive(deadline)
            if self._closed.is_set():
                raise Unreachable("the stream was closed from this side")
            if data is None:
                return None
            if content := self._body.feed(data):
                return content
        return b""

    def _receive(self, deadline: float) -> bytes | None:
        """What is there, waiting for the first of it only; None: nothing in time; empty: closed by the peer."""
        while (data := in_haste(self._wire.receive)) is None:
            if not self._poll.poll(max(0.0, deadline - time.monotonic()) * 1e3):
                break
        return data

    def close(self) -> None:
        """See `Stream.close`."""
        self._closed.set()
        self._wire.cut()
        if self._reading.acquire(blocking=False):  # else the reader closes it when it leaves
            try:
                self._release()
            finally:
                self._reading.release()
