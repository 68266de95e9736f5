"""One connection against scripted peers: how answers are framed, and what goes wrong."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from rulectl.action.http.connection import Answer, Connection, Cut, TooLate, request_of
from rulectl.clock import SystemClock
from rulectl.errors import PermanentError

CLOCK = SystemClock()


class Peer:
    """Answers each request on one connection with the next of its texts; after the last it closes."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = answers
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.seen: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            for answer in self._answers:
                self.seen.append(connection.recv(65536))
                connection.sendall(answer)

    def close(self) -> None:
        self._listener.close()
        self._thread.join(5)


@pytest.fixture
def exchange() -> Iterator[Callable[..., tuple[Answer, Connection]]]:
    opened: list[tuple[Peer, Connection]] = []

    def exchanged(*answers: bytes, method: str = "GET", max_bytes: int = 1000) -> tuple[Answer, Connection]:
        peer = Peer(*answers)
        connection = Connection(CLOCK, "127.0.0.1", peer.port, deadline=CLOCK.monotonic() + 5)
        opened.append((peer, connection))
        answer = connection.exchange(
            request_of(method, "/", {"Host": "x"}, None),
            is_head=method == "HEAD",
            deadline=CLOCK.monotonic() + 5,
            max_bytes=max_bytes,
        )
        return answer, connection

    yield exchanged
    for peer, connection in opened:
        connection.close()
        peer.close()


Exchange = Callable[..., tuple[Answer, Connection]]


@pytest.mark.parametrize(
    ("answer", "body", "is_reusable"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi", True),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", b"hi", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", b"hi", True),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", b"to the end", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi", False),
        (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi", b"hi", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi", True),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", b"hi", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", b"", True),
    ],
    ids=[
        "length",
        "close",
        "chunks",
        "until closed",
        "1.0",
        "1.0 kept",
        "continue",
        "bare newlines",
        "204",
        "no reason",
    ],
)
def test_an_answer_ends_where_its_framing_says(
    exchange: Exchange, answer: bytes, body: bytes, is_reusable: bool
) -> None:
    found, connection = exchange(answer)
    assert (found.body, connection.is_reusable) == (body, is_reusable)


def test_the_answer_to_head_has_no_body_whatever_its_length_says(exchange: Exchange) -> None:
    found, connection = exchange(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", b"", method="HEAD")
    assert (found.body, connection.is_reusable) == (b"", True)


def test_headers_that_come_repeatedly_are_joined(exchange: Exchange) -> None:
    answer = b"HTTP/1.1 200 OK\r\nVia: a\r\nVIA: b\r\nX-Long: one\r\n two\r\nContent-Length: 0\r\n\r\n"
    assert exchange(answer)[0].headers == {"via": "a, b", "x-long": "one two", "content-length": "0"}


def test_a_long_body_is_cut_and_the_connection_given_up(exchange: Exchange) -> None:
    found, connection = exchange(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n" + b"x" * 50, max_bytes=10)
    assert (found.body, found.is_truncated, connection.is_reusable) == (b"x" * 10, True, False)


@pytest.mark.parametrize(
    "answer",
    [b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/2.0 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi"],
    ids=["nothing", "not HTTP", "another version", "too short"],
)
def test_what_is_no_complete_answer_counts_as_cut(exchange: Exchange, answer: bytes) -> None:
    with pytest.raises(Cut):
        exchange(answer)


def test_a_connection_that_the_peer_has_closed_is_dead(exchange: Exchange) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    _, kept = exchange(answer, b"")
    assert kept.is_alive()
    _, closed = exchange(answer)
    closed._socket.settimeout(5)
    assert closed._socket.recv(1, socket.MSG_PEEK) == b""
    assert not closed.is_alive()


def test_a_silent_peer_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection = Connection(CLOCK, "127.0.0.1", silent.getsockname()[1], deadline=CLOCK.monotonic() + 5)
        with pytest.raises(TooLate):
            connection.exchange(b"x", is_head=False, deadline=CLOCK.monotonic() + 0.05, max_bytes=10)
        connection.close()


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("GET /x HTTP/1.1\r\nX: y", "/", {}),
        ("GET", "/a b", {}),
        ("GET", "/\r\nX: y", {}),
        ("GET", "/", {"X\r\nY": "z"}),
        ("GET", "/", {"X": "y\r\nZ: w"}),
        ("GET", "/", {"X": "\u20ac"}),
    ],
    ids=["method", "blank", "line in path", "header name", "header value", "not Latin-1"],
)
def test_nothing_can_be_smuggled_into_a_request(method: str, target: str, headers: dict[str, str]) -> None:
    with pytest.raises(PermanentError, match="the request cannot be sent"):
        request_of(method, target, headers, None)
