"""TLS that works in memory: its handshake, timeouts and ends are those of an SSLSocket."""

from __future__ import annotations

import socket
import ssl
import threading

import pytest

from rulectl.kube.memory_tls import MemoryTls
from rulectl.sandbox.certificate import Certificates, make_certificates


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return make_certificates()


class Server:
    """Greets one client on a thread of its own, and keeps what came of it."""

    def __init__(self, certificates: Certificates) -> None:
        self.client, self._far = socket.socketpair()
        self._certificates = certificates
        self.connection: ssl.SSLSocket | None = None
        self.error = ""
        self._thread = threading.Thread(target=self._greet)
        self._thread.start()

    def _greet(self) -> None:
        try:
            self.connection = self._certificates.context().wrap_socket(self._far, server_side=True)
        except OSError as error:
            self.error = str(error)

    def greeted(self) -> ssl.SSLSocket:
        self._thread.join(5.0)
        assert self.connection
        return self.connection

    def refused(self) -> str:
        self._thread.join(5.0)
        self._far.close()
        return self.error


def trusting(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=certificates.authority.decode())


def test_it_speaks_with_a_server_and_keeps_the_timeout(certificates: Certificates) -> None:
    server = Server(certificates)
    server.client.settimeout(5.0)
    client = MemoryTls(server.client, trusting(certificates), "localhost")
    with server.greeted() as there:
        client.sendall(b"asked")
        assert there.recv(10) == b"asked"
        there.sendall(b"answered")
        buffer = bytearray(20)
        assert (client.recv_into(buffer), bytes(buffer[:8])) == (8, b"answered")
        assert client.gettimeout() == 5.0
    assert client.recv_into(buffer) == 0
    client.close()


@pytest.mark.parametrize(
    ("authority", "name", "ours", "theirs"),
    [
        ("other", "localhost", "unable to get local issuer|self-signed|verify failed", "ALERT_UNKNOWN_CA|alert"),
        ("same", "elsewhere.example", "Hostname mismatch", "alert"),
    ],
)
def test_who_cannot_be_trusted_is_refused_and_told_so(
    certificates: Certificates, authority: str, name: str, ours: str, theirs: str
) -> None:
    server = Server(certificates)
    context = trusting(certificates if authority == "same" else make_certificates())
    with pytest.raises(ssl.SSLCertVerificationError, match=ours):
        MemoryTls(server.client, context, name)
    # TLS 1.3 lets the server end its greeting only after ours, so it reads the alert instead.
    assert any(word in server.refused() for word in theirs.split("|"))
    server.client.close()


def test_a_server_that_says_nothing_runs_into_the_timeout(certificates: Certificates) -> None:
    near, far = socket.socketpair()
    near.settimeout(0.01)
    with pytest.raises(TimeoutError):
        MemoryTls(near, trusting(certificates), "localhost")
    near.close()
    far.close()


def test_a_server_that_leaves_during_the_handshake_is_an_error(certificates: Certificates) -> None:
    near, far = socket.socketpair()
    far.shutdown(socket.SHUT_WR)
    with pytest.raises(ssl.SSLEOFError):
        MemoryTls(near, trusting(certificates), "localhost")
    near.close()
    far.close()


def test_nothing_there_does_not_block_when_the_socket_does_not(certificates: Certificates) -> None:
    server = Server(certificates)
    client = MemoryTls(server.client, trusting(certificates), "localhost")
    client.settimeout(0.0)
    with server.greeted(), pytest.raises(BlockingIOError):
        client.recv_into(bytearray(1))
    client.close()
