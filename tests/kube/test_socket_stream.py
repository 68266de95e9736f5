"""Reading a watch off its connection: what has come is read at once, over TLS too."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from rulectl.errors import Unreachable
from rulectl.kube.body import Body, Chunked, UntilClosed
from rulectl.kube.memory_tls import MemoryTls
from rulectl.kube.socket_stream import SocketStream
from rulectl.kube.tls_wire import TlsWire
from rulectl.kube.wire import PIECE_BYTES, SocketWire, Wire
from rulectl.sandbox.certificate import make_certificates

NOTHING = b""
PARTS = [bytes([65 + number]) * 13_000 for number in range(8)]


@dataclass(frozen=True, slots=True)
class Ends:
    """A stream, and the server's end of it."""

    stream: SocketStream
    server: socket.socket
    client: MemoryTls | None = None

    @property
    def plain(self) -> socket.socket:
        """The client's socket below TLS."""
        assert self.client
        return self.client.socket


@dataclass(frozen=True, slots=True)
class Contexts:
    client: ssl.SSLContext
    server: ssl.SSLContext


@pytest.fixture(scope="module")
def contexts() -> Contexts:
    made = make_certificates()
    return Contexts(ssl.create_default_context(cadata=made.authority.decode()), made.context())


def greeted(contexts: Contexts, near: socket.socket, far: socket.socket) -> tuple[MemoryTls, ssl.SSLSocket]:
    """Both ends after their handshake."""
    served: list[ssl.SSLSocket] = []
    greeting = threading.Thread(target=lambda: served.append(contexts.server.wrap_socket(far, server_side=True)))
    greeting.start()
    client = MemoryTls(near, contexts.client, "localhost")
    greeting.join(5.0)
    return client, served[0]


def tls_ends(contexts: Contexts, body: Body) -> Ends:
    near, far = socket.socketpair()
    for end in (near, far):  # room for all that a test sends before it reads
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * PIECE_BYTES)
    client, served = greeted(contexts, near, far)
    stream = SocketStream(200, {}, TlsWire(client), body, NOTHING, client.close)
    assert stream.read(0.0) is None  # what TLS itself has sent is out of the way
    return Ends(stream, served, client)


def plain_ends(body: Body) -> Ends:
    near, far = socket.socketpair()
    return Ends(SocketStream(200, {}, SocketWire(near), body, NOTHING, near.close), far)


@pytest.fixture(params=["tls", "plain"])
def ends(request: pytest.FixtureRequest, contexts: Contexts) -> Iterator[Ends]:
    """Of both kinds; the body goes on until the peer closes."""
    made = tls_ends(contexts, UntilClosed()) if request.param == "tls" else plain_ends(UntilClosed())
    yield made
    made.stream.close()
    made.server.close()


@pytest.fixture(params=["until it is closed", "chunked"])
def tls(request: pytest.FixtureRequest, contexts: Contexts) -> Iterator[Ends]:
    """Over TLS, with a body of either kind."""
    made = tls_ends(contexts, Chunked() if request.param == "chunked" else UntilClosed())
    yield made
    made.stream.close()
    made.server.close()


def all_of(stream: SocketStream) -> list[bytes]:
    """What the reads give until nothing is there."""
    read = []
    while data := stream.read(0.0):
        read.append(data)
    assert data is None
    return read


def outcome_of(read: Callable[[], bytes | None]) -> bytes | str | None:
    try:
        return read()
    except Unreachable as error:
        return str(error)


def record_of(ends: Ends, data: bytes) -> bytes:
    """What the server would send for `data`, taken off the wire before the stream sees it."""
    ends.server.sendall(data)
    return ends.plain.recv(PIECE_BYTES)


def test_updates_that_came_one_by_one_while_nobody_read_are_read_at_once(ends: Ends) -> None:
    for number in range(20):
        ends.server.sendall(b"%04d" % number)
    assert ends.stream.read(5.0) == b"".join(b"%04d" % number for number in range(20))
    assert ends.stream.read(0.0) is None


def test_many_records_are_read_at_once(ends: Ends) -> None:
    for part in PARTS:
        ends.server.sendall(part)
    assert ends.stream.read(0.0) == b"".join(PARTS)
    assert ends.stream.read(0.0) is None


def test_what_finds_no_room_in_one_read_is_in_the_next(ends: Ends) -> None:
    sent = b"".join(PARTS) * 3
    sending = threading.Thread(target=ends.server.sendall, args=(sent,))
    sending.start()
    read = b""
    while len(read) < len(sent):
        data = ends.stream.read(5.0)
        assert data
        assert len(data) <= PIECE_BYTES
        read += data
    sending.join(5.0)
    assert read == sent


def test_a_record_that_was_cut_in_the_middle_waits_for_its_rest(contexts: Contexts) -> None:
    ends = tls_ends(contexts, UntilClosed())
    record = record_of(ends, b"whole")
    below = socket.socket(fileno=ends.server.detach())
    below.sendall(record[:9])
    assert ends.stream.read(0.0) is None
    below.sendall(record[9:])
    assert ends.stream.read(0.0) == b"whole"
    ends.stream.close()
    below.close()


def test_records_before_an_incomplete_one_do_not_wait_for_it(contexts: Contexts) -> None:
    ends = tls_ends(contexts, UntilClosed())
    records = [record_of(ends, part) for part in PARTS]
    below = socket.socket(fileno=ends.server.detach())
    below.sendall(b"".join(records)[:-1])
    assert all_of(ends.stream) == [b"".join(PARTS[:-1])]
    below.sendall(records[-1][-1:])
    assert all_of(ends.stream) == [PARTS[-1]]
    ends.stream.close()
    below.close()


def test_what_was_decrypted_before_the_stream_began_comes_first(contexts: Contexts) -> None:
    client, server = greeted(contexts, *socket.socketpair())
    server.sendall(b"headers and body")
    head = bytearray(8)
    assert client.recv_into(head) == 8
    stream = SocketStream(200, {}, TlsWire(client), UntilClosed(), NOTHING, client.close)
    server.sendall(b"!")
    assert [bytes(head), *all_of(stream)] == [b"headers ", b"and body", b"!"]
    stream.close()
    server.close()


def test_the_end_of_tls_ends_a_body_without_length_and_cuts_one_that_is_not_complete(tls: Ends) -> None:
    part = b"4\r\nlast\r\n"
    tls.server.sendall(part)
    tls.server.settimeout(0.0)
    assert isinstance(tls.server, ssl.SSLSocket)
    with suppress(ssl.SSLWantReadError):
        tls.server.unwrap()  # says its farewell, and does not wait for ours
    assert tls.stream.read(5.0) in {part, b"last"}
    last = {outcome_of(lambda: tls.stream.read(5.0)) for _ in range(2)}
    assert last in ({b""}, {"the connection was cut in the middle of the answer"})


def test_a_connection_that_ends_without_a_farewell_is_taken_as_its_end(tls: Ends) -> None:
    part = b"4\r\nlast\r\n"
    tls.server.sendall(part)
    socket.socket(fileno=tls.server.detach()).close()
    assert tls.stream.read(5.0) in {part, b"last"}
    last = {outcome_of(lambda: tls.stream.read(5.0)) for _ in range(2)}
    assert last in ({b""}, {"the connection was cut in the middle of the answer"})


def test_bytes_that_are_no_tls_are_a_cut(contexts: Contexts) -> None:
    ends = tls_ends(contexts, UntilClosed())
    below = socket.socket(fileno=ends.server.detach())
    below.sendall(b"HTTP/1.1 500 this is no TLS record")
    with pytest.raises(Unreachable, match="the connection was cut: "):
        ends.stream.read(5.0)
    ends.stream.close()
    below.close()


def test_a_connection_that_was_reset_is_a_cut_after_what_it_brought() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname())
    server, _ = listener.accept()
    listener.close()
    stream = SocketStream(200, {}, SocketWire(client), UntilClosed(), NOTHING, client.close)
    server.sendall(b"last")
    assert stream.read(5.0) == b"last"
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    server.close()
    with pytest.raises(Unreachable, match="the connection was cut: ConnectionResetError"):
        stream.read(5.0)
    stream.close()


def test_closing_wakes_a_reader_that_waits(ends: Ends) -> None:
    outcome: list[bytes | str | None] = []
    reader = threading.Thread(target=lambda: outcome.append(outcome_of(lambda: ends.stream.read(30.0))))
    reader.start()
    ends.stream.close()
    reader.join(5.0)
    assert outcome == ["the stream was closed from this side"]


def test_after_close_a_read_says_who_closed_and_the_peer_sees_the_end(ends: Ends) -> None:
    ends.stream.close()
    ends.stream.close()
    assert outcome_of(lambda: ends.stream.read(5.0)) == "the stream was closed from this side"
    ends.server.settimeout(5.0)
    assert ends.server.recv(1) == b""


class Gate:
    """A `Wire` that tells when somebody asks it."""

    def __init__(self, inner: Wire) -> None:
        self._inner = inner
        self.asked = threading.Semaphore(0)

    def fileno(self) -> int:
        return self._inner.fileno()

    def receive(self) -> bytes | None:
        self.asked.release()
        return self._inner.receive()

    def cut(self) -> None:
        self._inner.cut()


def test_a_reader_that_waits_is_woken_by_data_and_asks_no_more_often_than_there_is_some() -> None:
    near, far = socket.socketpair()
    gate = Gate(SocketWire(near))
    stream = SocketStream(200, {}, gate, UntilClosed(), NOTHING, near.close)
    outcome: list[bytes | None] = []
    reader = threading.Thread(target=lambda: outcome.append(stream.read(30.0)))
    reader.start()
    assert gate.asked.acquire(timeout=5.0)
    far.sendall(b"now")
    reader.join(5.0)
    assert outcome == [b"now"]
    gate.asked.acquire(blocking=False)  # not asked again when the data came before it could wait
    assert not gate.asked.acquire(blocking=False)
    stream.close()
    far.close()
