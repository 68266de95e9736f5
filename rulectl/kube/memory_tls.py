"""TLS that works in memory, on bytes that somebody else moves: for urllib3, a connection like any other."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from urllib3.util.ssltransport import SSL_BLOCKSIZE, SSLTransport

_T = TypeVar("_T")


class MemoryTls(SSLTransport):
    """urllib3's own object for TLS within TLS, which behaves as an SSLSocket does.

    That is: the socket's timeout is one for a whole handshake, read or write; the peer is told why a handshake failed;
    and a read touches the socket only for bytes that it needs, so that what came before a cut is still read.
    """

    def __init__(self, connection: socket.socket, context: ssl.SSLContext, server_hostname: str | None) -> None:
        """Greets the peer.

        Raises:
            TimeoutError: the handshake took longer than the socket's timeout.
            OSError: it failed, for instance as the certificate cannot be trusted.
        """
        self.incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        self.suppress_ragged_eofs = True
        self.socket = connection
        self.sslobj = context.wrap_bio(self.incoming, self.outgoing, server_hostname=server_hostname)
        self._until_done(self.sslobj.do_handshake)

    def recv_into(self, buffer: bytearray | memoryview, nbytes: int | None = None, flags: int = 0) -> int:  # noqa: ARG002
        """See `socket.socket.recv_into`; knows no flags."""
        size = len(buffer) if nbytes is None else nbytes
        try:
            # With a buffer it gives the count, whatever its type says.
            return int(self._until_done(lambda: self.sslobj.read(size, buffer)))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return 0

    def send(self, data: bytes, flags: int = 0) -> int:  # noqa: ARG002
        """See `socket.socket.send`; knows no flags."""
        return self._until_done(lambda: self.sslobj.write(data))

    def _until_done(self, step: Callable[[], _T]) -> _T:
        """Lets TLS take the step, with as many bytes from the peer as that needs."""
        timeout = self.socket.gettimeout()
        deadline = time.monotonic() + (timeout or 0.0)
        try:
            while True:
                try:
                    result = step()
                except ssl.SSLWantReadError:
                    self._say()
                except ssl.SSLError:
                    with suppress(OSError):  # the first error says more
                        self._say()
                    raise
                else:
                    self._say()
                    return result
                if timeout:
                    if (left := deadline - time.monotonic()) <= 0.0:
                        raise TimeoutError("the TLS peer did not answer in time")
                    self.socket.settimeout(left)
                if data := self.socket.recv(SSL_BLOCKSIZE):
                    self.incoming.write(data)
                else:
                    self.incoming.write_eof()
        finally:
            if timeout:
                self.socket.settimeout(timeout)

    def _say(self) -> None:
        if self.outgoing.pending:
            self.socket.sendall(self.outgoing.read())
