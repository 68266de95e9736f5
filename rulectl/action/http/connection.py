"""One connection to another server, HTTP/1.1: a request goes out in one piece, a complete answer comes back."""

from __future__ import annotations

import re
import select
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rulectl.clock import Clock
from rulectl.errors import PermanentError, Unreachable
from rulectl.kube.body import Body, Sized, body_of

_RECEIVE_BYTES: Final = 65_536
_LONGEST_HEAD: Final = 262_144
_WITHOUT_BODY: Final = frozenset({204, 304})
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BAD_VALUE: Final = re.compile(r"[\r\n\0]")
_BAD_TARGET: Final = re.compile(r"[\x00-\x20\x7f]")
_STATUS: Final = re.compile(rb"HTTP/(\d)\.(\d) (\d{3})(?: |$)")


class NotConnected(Exception):  # noqa: N818 - says what happened; never leaves this package
    """No connection came to be: another address may do better."""

    def __init__(self, *, is_late: bool = False) -> None:
        super().__init__()
        self.is_late = is_late


class TooLate(Exception):  # noqa: N818 - as above
    """The time was up; `began`: the answer had begun."""

    def __init__(self, *, began: bool) -> None:
        super().__init__()
        self.began = began


class Cut(Exception):  # noqa: N818 - as above
    """The other side closed the connection, or does not speak HTTP."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer; header names are in lower case, one that came repeatedly is joined by commas."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_truncated: bool


class Connection:
    """One request at a time. `deadline` is always as the clock's `monotonic` counts, which has to be the system's."""

    def __init__(
        self,
        clock: Clock,
        address: str,
        port: int,
        *,
        deadline: float,
        tls: ssl.SSLContext | None = None,
        server_name: str = "",
    ) -> None:
        """Connects to an address (no name); over TLS with a context, for the certificate of `server_name`.

        Raises:
            NotConnected: refused, unreachable, or not in time.
            ssl.SSLError: the two cannot agree, or the certificate does not hold.
        """
        self._clock = clock
        try:
            plain = socket.create_connection((address, port), max(0.001, deadline - self._clock.monotonic()))
        except OSError as refusal:
            raise NotConnected(is_late=isinstance(refusal, TimeoutError)) from refusal
        self._socket: socket.socket = plain
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls is not None:
                plain.settimeout(max(0.001, deadline - self._clock.monotonic()))
                self._socket = tls.wrap_socket(plain, server_hostname=server_name)
        except TimeoutError as late:
            plain.close()
            raise NotConnected(is_late=True) from late
        except ssl.SSLError:
            plain.close()
            raise
        except OSError as cut:
            plain.close()
            raise NotConnected from cut
        self.is_reusable = False
        """Whether another request may follow: the last answer was complete and the other side keeps the connection."""

    def exchange(self, request: bytes, *, is_head: bool, deadline: float, max_bytes: int) -> Answer:
        """Sends `request`, see `request_of`, and reads the answer, of its body `max_bytes` at most.

        Raises:
            TooLate, Cut: see there.
            ssl.SSLError: the other side does not accept our certificate, or breaks the protocol.
        """
        self.is_reusable = False
        try:
            refused = self._send(request, deadline)
            return self._answer(is_head=is_head, deadline=deadline, max_bytes=max_bytes, refused=refused)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError) as end:
            raise Cut(type(end).__name__) from end
        except (TooLate, Cut, ssl.SSLError):
            raise
        except OSError as cut:
            raise Cut(type(cut).__name__) from cut

    def is_alive(self) -> bool:
        """Whether the other side has kept the connection open since the last answer."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        if not poll.poll(0):
            return True
        self._socket.settimeout(0.0)
        try:
            self._socket.recv(1)
        except ssl.SSLWantReadError:
            return True  # something of TLS itself, such as a ticket for the next session
        except OSError:
            return False
        return False  # closed, or an answer that nobody asked for

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()

    def _send(self, request: bytes, deadline: float) -> OSError | None:
        """A server may answer and close before it has read all: then what it said counts."""
        self._socket.settimeout(max(0.001, deadline - self._clock.monotonic()))
        try:
            self._socket.sendall(request)
        except TimeoutError as late:
            raise TooLate(began=False) from late
        except (BrokenPipeError, ConnectionResetError) as refusal:
            return refusal
        return None

    def _receive(self, deadline: float, *, began: bool) -> bytes:
        left = deadline - self._clock.monotonic()
        if left <= 0:
            raise TooLate(began=began)
        self._socket.settimeout(left)
        try:
            return self._socket.recv(_RECEIVE_BYTES)
        except TimeoutError as late:
            raise TooLate(began=began) from late

    def _answer(self, *, is_head: bool, deadline: float, max_bytes: int, refused: OSError | None) -> Answer:
        data = b""
        while True:
            status, minor, headers, data = self._head(data, deadline, refused)
            if status >= 200 or status == 101:
                break
        framing: Body = Sized(0) if is_head or status in _WITHOUT_BODY else body_of(headers)
        parts: list[bytes] = []
        size = 0
        try:
            if data:
                parts.append(framing.feed(data))
                size = len(parts[0])
            while not framing.ended and size <= max_bytes:
                part = framing.feed(self._receive(deadline, began=True))
                parts.append(part)
                size += len(part)
        except Unreachable as cut:
            raise Cut(str(cut)) from cut
        body = b"".join(parts)
        options = headers.get("connection", "").lower()
        stays = "close" not in options if minor else "keep-alive" in options
        is_bounded = is_head or status in _WITHOUT_BODY or "content-length" in headers or "transfer-encoding" in headers
        self.is_reusable = framing.ended and stays and is_bounded and refused is None and status != 101
        return Answer(status, headers, body[:max_bytes], size > max_bytes)

    def _head(self, data: bytes, deadline: float, refused: OSError | None) -> tuple[int, int, dict[str, str], bytes]:
        """Status, minor version and headers of one answer, and what was read behind them."""
        while (end := _end_of_head(data)) is None:
            if len(data) > _LONGEST_HEAD:
                raise Cut("endless headers")
            received = self._receive(deadline, began=bool(data))
            if not received:
                raise Cut(type(refused).__name__ if refused else "no answer")
            data += received
        lines = data[: end[0]].split(b"\n")
        status = _STATUS.match(lines[0].rstrip(b"\r"))
        if status is None or status[1] != b"1":
            raise Cut("no HTTP/1 answer")
        return int(status[3]), int(status[2]), _headers_of(lines[1:]), data[end[1] :]


def _end_of_head(data: bytes) -> tuple[int, int] | None:
    """Where the headers end and the body begins; bare newlines are taken too, as everybody does."""
    places = [(at, at + len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (at := data.find(mark)) >= 0]
    return min(places, default=None)


def _headers_of(lines: list[bytes]) -> dict[str, str]:
    headers: dict[str, str] = {}
    last = ""
    for raw in lines:
        line = raw.decode("latin-1").rstrip("\r")
        if line[:1] in {" ", "\t"}:  # the old way to continue a line
            if last:
                headers[last] = f"{headers[last]} {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        if not colon:
            continue
        last, value = name.strip().lower(), value.strip()
        headers[last] = f"{headers[last]}, {value}" if last in headers else value
    return headers


def request_of(method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """A request as it is sent; Content-Length is added.

    Raises:
        PermanentError: the method, the path or a header cannot be sent.
    """
    if not _TOKEN.fullmatch(method):
        raise PermanentError(f"the request cannot be sent: {method!r} is no method; correct it")
    if _BAD_TARGET.search(target):
        raise PermanentError("the request cannot be sent: its path has blanks or control characters; encode them")
    lines = [f"{method} {target} HTTP/1.1"]
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or _BAD_VALUE.search(value):
            raise PermanentError(f"the request cannot be sent: the header {name!r} is none; correct its name or value")
        lines.append(f"{name}: {value}")
    if body is not None or method in {"POST", "PUT", "PATCH"}:
        lines.append(f"Content-Length: {len(body or b'')}")
    try:
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")
    except UnicodeEncodeError as fault:
        raise PermanentError("the request cannot be sent: headers take Latin-1 text only; correct them") from fault
