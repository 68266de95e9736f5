"""Reading a watch off its socket: what has come is read at once, over TLS too."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from rulectl.kube.body import UntilClosed
from rulectl.kube.socket_stream import SocketStream
from rulectl.sandbox.certificate import make_certificates

NOTHING = b""


@pytest.fixture(scope="module")
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The client's, and the server's."""
    made = make_certificates()
    return ssl.create_default_context(cadata=made.authority.decode()), made.context()


@pytest.fixture
def ends(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[tuple[SocketStream, ssl.SSLSocket]]:
    """A stream over TLS, and the server's end of it."""
    near, far = socket.socketpair()
    served: list[ssl.SSLSocket] = []
    greeting = threading.Thread(target=lambda: served.append(contexts[1].wrap_socket(far, server_side=True)))
    greeting.start()
    client = contexts[0].wrap_socket(near, server_hostname="localhost")
    greeting.join(5.0)
    stream = SocketStream(200, {}, client, UntilClosed(), NOTHING, client.close)
    assert stream.read(0.0) is None  # what TLS itself has sent is out of the way
    yield stream, served[0]
    stream.close()
    served[0].close()


def test_updates_that_came_one_by_one_while_nobody_read_are_read_at_once(
    ends: tuple[SocketStream, ssl.SSLSocket],
) -> None:
    stream, server = ends
    for number in range(20):
        server.sendall(b"%04d" % number)
    assert stream.read(5.0) == b"".join(b"%04d" % number for number in range(20))
    assert stream.read(0.0) is None


def test_what_finds_no_room_in_one_read_is_in_the_next(ends: tuple[SocketStream, ssl.SSLSocket]) -> None:
    stream, server = ends
    parts = [bytes([65 + number]) * 13_000 for number in range(8)]
    for part in parts:
        server.sendall(part)
    read = []
    while (data := stream.read(0.0)) is not None:
        read.append(data)
    assert b"".join(read) == b"".join(parts)
    assert len(read) == 2
