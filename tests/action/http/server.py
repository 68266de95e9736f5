"""A real HTTP server in a thread, for the pool to talk to."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Handler(BaseHTTPRequestHandler):
    """Answers by path; the server notes each request and from which port it came."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server.seen.append((self.command, self.path, dict(self.headers), body, self.client_address[1]))
        match self.path.partition("?")[0]:
            case "/big":
                self.reply(200, b"x" * 300_000)
            case "/chunked":
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
            case "/slow":
                server.released.wait(5)
                self.reply(200, b"late")
            case "/drip":
                self.send_response(200)
                self.send_header("Content-Length", "100000")
                self.end_headers()
                while not server.released.is_set():
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.02)
            case "/cut":
                self.close_connection = True
                self.connection.shutdown(2)
            case path:
                self.reply(int(path.removeprefix("/status/")) if "/status/" in path else 200, b"fine")

    def reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Kind", "test")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = answer  # noqa: N815 - the names that the library looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str, dict[str, str], bytes, int]] = []
        self.released = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[Server]:
    server = Server()
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
