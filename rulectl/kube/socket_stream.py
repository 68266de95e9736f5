"""A watch's stream: read straight from the socket that urllib3 has opened."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from rulectl.errors import Unreachable
from rulectl.kube.body import Body

_RECEIVE_BYTES = 64 * 1024
_RECORD_BYTES = 16 * 1024
"""The largest TLS record: behind one there are mostly others."""
_WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError, TimeoutError)


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
    """A `Stream` over a connected socket whose answer's headers have been read.

    urllib3's own reading is left aside: after one read timeout its file object refuses to go on, and a
    TLS record at a time is a third slower.
    """

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        connection: socket.socket,
        body: Body,
        first: bytes,
        release: Callable[[], None],
    ) -> None:
        """`first`: what has been read behind the headers; `release` closes whatever holds the socket."""
        self._status = status
        self._headers = headers
        self._socket = connection
        self._socket.settimeout(0.0)
        self._poll = select.poll()
        self._poll.register(connection.fileno(), select.POLLIN)
        # Behind an HTTPS proxy it is no socket but an object around one, which has a buffer of its own.
        self._shows_all = isinstance(connection, socket.socket)
        self._is_behind = True
        """There may be more than was read: then that is asked for first, without waiting."""
        self._body = body
        self._first = first
        self._release = release
        self._closed = threading.Event()
        self._reading = threading.Lock()
        # One for all reads: asking TLS for much would make and drop a large object for each 16 KB record.
        self._buffer = memoryview(bytearray(_RECEIVE_BYTES))

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
                raise Unreachable(f"the connection was cut: {error!r}") from error
            finally:
                if self._closed.is_set():
                    self._release()

    def _read(self, deadline: float) -> bytes | None:
        while not self._body.ended:
            if self._first:
                data: bytes | None = self._first
                self._first = b""
            else:
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
        size = 0
        while size < _RECEIVE_BYTES:
            # Updates mostly come one record at a time: to look whether another is there costs less than a refusal.
            if not self._is_behind and not self._wait(0.0 if size else deadline):
                break
            try:
                received = self._socket.recv_into(self._buffer[size:] if size else self._buffer)
            except _WOULD_BLOCK:
                self._is_behind = not self._shows_all
                if size or not self._wait(deadline):
                    break
                continue
            except OSError:
                if not size:
                    raise
                break  # the next read will meet it again
            if not received:
                if not size:
                    return b""
                break
            size += received
            # Of a record that found no room the rest is in the TLS object, where no poll sees it.
            self._is_behind = received >= _RECORD_BYTES or size == _RECEIVE_BYTES or not self._shows_all
        return bytes(self._buffer[:size]) if size else None

    def _wait(self, deadline: float) -> bool:
        """Whether there is something to be read before the deadline."""
        return bool(self._poll.poll(max(0.0, deadline - time.monotonic()) * 1e3))

    def close(self) -> None:
        """See `Stream.close`."""
        self._closed.set()
        # Not SSLSocket.shutdown, which would turn the socket into a plain one under the reader's hands.
        # (Behind an HTTPS proxy it is no socket but an object around one.)
        inner: socket.socket = getattr(self._socket, "socket", self._socket)
        with suppress(OSError):
            socket.socket.shutdown(inner, socket.SHUT_RDWR)
        if self._reading.acquire(blocking=False):  # else the reader closes it when it leaves
            try:
                self._release()
            finally:
                self._reading.release()
