"""A web server that says back all that it was sent, as careless ones do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = f"{self.path}\n{self.headers}\n".encode() + body
        self.send_response(400 if self.path.startswith("/400") else 200)
        self.send_header("Content-Length", str(len(said)))
        self.send_header("X-Seen", self.headers.get("Authorization", "nothing"))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_PUT = do_POST = answer  # noqa: N815 - the names that the library looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass


@dataclass(frozen=True, slots=True)
class Echo:
    """Where it is."""

    url: str


@contextmanager
def echoing() -> Iterator[Echo]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Echo(f"http://127.0.0.1:{server.server_address[1]}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
