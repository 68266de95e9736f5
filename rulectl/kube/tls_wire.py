"""Reading TLS in large pieces: many records for one look at the socket."""

from __future__ import annotations

import ssl

from urllib3.util.ssltransport import SSLTransport

from rulectl.kube.wire import PIECE_BYTES, WOULD_BLOCK, cut

_RECORD_BYTES = 16 * 1024
"""The largest record's content: to ask TLS for more would only make a larger object for each."""
_PORTION_BYTES = 64 * 1024
"""So much is decrypted at a time, so that TLS's own buffer stays small."""


class TlsWire:
    """A `Wire` over a connection whose TLS works in memory; the socket below may be TLS again (HTTPS proxies)."""

    def __init__(self, connection: SSLTransport) -> None:
        """It takes over what the connection has received already; nobody else may read from it any more."""
        connection.settimeout(0.0)
        self._socket = connection.socket
        self._tls = connection.sslobj
        self._incoming = connection.incoming
        self._outgoing = connection.outgoing
        self._unsent = b""
        # One for all looks, instead of a large object for each.
        self._buffer = memoryview(bytearray(PIECE_BYTES))
        self._is_drained = False
        """TLS has nothing to give before it gets more."""

    def fileno(self) -> int:
        """See `Wire.fileno`."""
        return self._socket.fileno()

    def receive(self) -> bytes | None:
        """See `Wire.receive`. What lies behind the last complete record waits for its rest."""
        parts: list[bytes] = []
        if not self._is_drained and not self._decrypt(parts):
            return b""
        while not parts:
            try:
                received = self._socket.recv_into(self._buffer)
            except WOULD_BLOCK:
                return None
            if not received:
                return b""  # without TLS's farewell too: whether that is a cut is the body's to say
            for start in range(0, received, _PORTION_BYTES):
                self._incoming.write(self._buffer[start : min(start + _PORTION_BYTES, received)])
                if not self._decrypt(parts):
                    return b"".join(parts)  # the next call meets the end again
        return b"".join(parts)

    def _decrypt(self, parts: list[bytes]) -> bool:
        """Adds the content of all complete records; whether more may come."""
        self._is_drained = False
        read = self._tls.read
        try:
            while data := read(_RECORD_BYTES):
                parts.append(data)
        except ssl.SSLWantReadError:
            self._is_drained = True
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            pass
        if self._outgoing.pending or self._unsent:
            self._answer()
        return self._is_drained

    def _answer(self) -> None:
        """Sends what TLS has to say itself, such as its new key; what finds no room is sent later."""
        self._unsent += self._outgoing.read()
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except OSError:
            return  # no room now; or cut, which shows when it is read

    def cut(self) -> None:
        """See `Wire.cut`."""
        cut(self._socket)
