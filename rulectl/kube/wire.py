"""What a watch's bytes come from, without waiting: a socket, or TLS on top of one."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import Protocol

PIECE_BYTES = 256 * 1024
"""What one look at the socket takes at most: each gives the interpreter's lock away, and beside a thread that
computes it comes back half a millisecond later."""
WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError, TimeoutError)


class Wire(Protocol):
    """The peer's bytes; read by one thread, cut by any."""

    def fileno(self) -> int:
        """What to poll, once `receive` has said that there is nothing."""
        ...

    def receive(self) -> bytes | None:
        """What has arrived, without waiting; None: nothing, and all of it is seen by a poll; empty: the end.

        Raises:
            OSError: the connection was cut.
        """
        ...

    def cut(self) -> None:
        """Makes it readable and at its end, also for a thread that polls it. Can be repeated."""
        ...


class SocketWire:
    """A `Wire` that is the socket itself; good for an SSLSocket too, which gives a record at a time."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(0.0)
        self._socket = connection
        # One for all reads, instead of a large object for each.
        self._buffer = memoryview(bytearray(PIECE_BYTES))

    def fileno(self) -> int:
        """See `Wire.fileno`."""
        return self._socket.fileno()

    def receive(self) -> bytes | None:
        """See `Wire.receive`."""
        try:
            received = self._socket.recv_into(self._buffer)
        except WOULD_BLOCK:
            return None
        return bytes(self._buffer[:received])

    def cut(self) -> None:
        """See `Wire.cut`."""
        cut(self._socket)


def cut(connection: socket.socket) -> None:
    """Ends both directions of a socket, whatever it is already."""
    # Not SSLSocket.shutdown, which would turn the socket into a plain one under the reader's hands.
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
