"""A web server in a process of its own that treats its clients badly: ``python -m tests.action.http.rough_server``.

Writes its three ports as one line of JSON: plain, TLS, and TLS that asks for a client certificate.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import sys
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SEEN: list[dict[str, Any]] = []
TRIES: dict[str, int] = {}


class Rough(BaseHTTPRequestHandler):
    """What happens is in the path."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        if url.path == "/seen":
            self.reply(200, json.dumps(SEEN).encode())
            return
        key = self.headers.get("Idempotency-Key", "")
        TRIES[key] = TRIES.get(key, 0) + 1
        port = self.client_address[1]
        SEEN.append({"method": self.command, "path": self.path, "key": key, "body": body.decode(), "port": port})
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        getattr(self, f"on_{url.path.strip('/') or 'fine'}")(query)

    def on_fine(self, _: dict[str, str]) -> None:
        self.reply(200, b'{"id": 7}', **{"Content-Type": "application/json"})

    def on_slow(self, query: dict[str, str]) -> None:
        time.sleep(float(query["seconds"]))
        self.reply(200, b"late")

    def on_reset(self, _: dict[str, str]) -> None:
        # A linger of 0 seconds: the connection is reset, not closed.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def on_half(self, _: dict[str, str]) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True

    def on_redirect(self, query: dict[str, str]) -> None:
        self.reply(int(query.get("status", 302)), b"", Location=query["to"])

    def on_busy(self, query: dict[str, str]) -> None:
        """429 until the same key has come often enough; Retry-After as a date or as seconds."""
        if TRIES[self.headers["Idempotency-Key"]] >= int(query.get("until", 99)):
            self.on_fine(query)
            return
        seconds = int(query["seconds"])
        wait = formatdate(time.time() + seconds, usegmt=True) if query.get("as") == "date" else str(seconds)
        self.reply(int(query.get("status", 429)), b"slower please", **{"Retry-After": wait})

    def on_large(self, query: dict[str, str]) -> None:
        self.reply(200, b"x" * int(query["bytes"]))

    def on_status(self, query: dict[str, str]) -> None:
        self.reply(int(query["status"]), b"as you like")

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = answer  # noqa: N815 - the names that the library looks for

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


def main(certificate: str, client_ca: str) -> None:
    ports = []
    for kind in ("plain", "tls", "mutual"):
        server = Server(("127.0.0.1", 0), Rough)
        if kind != "plain":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            if kind == "mutual":
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(client_ca)
            # The handshake is each connection's thread's, so that a bad client holds up nobody.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        ports.append(server.server_address[1])
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    print(json.dumps(ports), flush=True)
    sys.stdin.read()  # until the test has ended


if __name__ == "__main__":
    main(*sys.argv[1:])
