"""Taking the HTTP/1.1 framing off a body that is read straight from the socket; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from rulectl.errors import Unreachable

_LONGEST_SIZE_LINE = 4096


class Body(Protocol):
    """Feed it the bytes of the connection; it gives back those of the body."""

    ended: bool
    """Whether the body is complete."""

    def feed(self, data: bytes) -> bytes:
        """The body's bytes in `data`; empty `data` means that the peer has closed the connection.

        Raises:
            Unreachable: the connection was closed or went wrong in the middle of the body.
        """
        ...


def body_of(headers: Mapping[str, str]) -> Body:
    """The framing that lower-case `headers` announce."""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return Chunked()
    length = headers.get("content-length", "")
    return Sized(int(length)) if length.isdecimal() else UntilClosed()


class Chunked:
    """``Transfer-Encoding: chunked``; trailers are dropped."""

    def __init__(self) -> None:
        self.ended = False
        self._line = b""
        self._left = 0
        """Bytes of the current chunk still to come."""
        self._after_chunk = False
        self._in_trailers = False

    def feed(self, data: bytes) -> bytes:
        """See `Body.feed`."""
        if not data and not self.ended:
            raise Unreachable("the connection was cut in the middle of the answer")
        parts: list[bytes] = []
        at = 0
        while at < len(data) and not self.ended:
            if self._left:
                part = data[at : at + self._left]
                parts.append(part)
                at += len(part)
                self._left -= len(part)
                self._after_chunk = not self._left
                continue
            end = data.find(b"\n", at)
            self._line += data[at:] if end < 0 else data[at : end + 1]
            at = len(data) if end < 0 else end + 1
            if end >= 0:
                line, self._line = self._line, b""
                self._take_line(line.strip())
            elif len(self._line) > _LONGEST_SIZE_LINE:
                raise Unreachable("the answer's chunks make no sense; is there a faulty proxy in between?")
        return b"".join(parts)

    def _take_line(self, line: bytes) -> None:
        if self._in_trailers:
            self.ended = not line
        elif self._after_chunk:
            self._after_chunk = False
            if line:
                raise Unreachable("a chunk of the answer is longer than announced; is there a faulty proxy?")
        else:
            try:
                self._left = int(line.split(b";")[0], 16)
            except ValueError as error:
                raise Unreachable("the answer's chunks make no sense; is there a faulty proxy?") from error
            self._in_trailers = not self._left


class Sized:
    """``Content-Length``."""

    def __init__(self, length: int) -> None:
        self._left = length
        self.ended = not length

    def feed(self, data: bytes) -> bytes:
        """See `Body.feed`."""
        if not data and not self.ended:
            raise Unreachable("the connection was cut in the middle of the answer")
        part = data[: self._left]
        self._left -= len(part)
        self.ended = not self._left
        return part


class UntilClosed:
    """No length announced: the body goes on until the peer closes the connection."""

    def __init__(self) -> None:
        self.ended = False

    def feed(self, data: bytes) -> bytes:
        """See `Body.feed`."""
        self.ended = not data
        return data
