"""A stand-in for the node agent: it answers the controller's calls and prints each of them.

    python agent.py [PORT]

GET /v1/pods shows the limits that are in force, as the controller has set them.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PREFIX = "/v1/pods"


class Agent(ThreadingHTTPServer):
    """Keeps the newest limits of every pod; `calls` has each call with its idempotency key."""

    daemon_threads = True

    def __init__(self, port: int = 8089) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.lock = threading.Lock()
        self.limits: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """PUT and DELETE /v1/pods/NAMESPACE/NAME, GET /v1/pods."""

    server: Agent
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        pod = self._pod()
        with self.server.lock:
            self.server.limits[pod] = body
        self._note("PUT", pod)
        say(f"PUT    {pod}: ingress {body.get('ingress')}, egress {body.get('egress')}")
        self._answer(200, {"ok": True})

    def do_DELETE(self) -> None:
        pod = self._pod()
        with self.server.lock:
            known = self.server.limits.pop(pod, None)
        self._note("DELETE", pod)
        say(f"DELETE {pod}" + ("" if known else " (was not limited)"))
        self._answer(200 if known else 404, {"ok": known is not None})

    def do_GET(self) -> None:
        with self.server.lock:
            limits = dict(self.server.limits)
        self._answer(200, limits)

    def _pod(self) -> str:
        return self.path.removeprefix(f"{PREFIX}/")

    def _note(self, method: str, pod: str) -> None:
        with self.server.lock:
            self.server.calls.append((method, pod, self.headers.get("Idempotency-Key", "")))

    def _answer(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """The default log line would say it twice."""


def say(line: str) -> None:
    """Writes the line at once and in one piece: others write to the same terminal."""
    sys.stdout.write(f"agent: {line}\n")
    sys.stdout.flush()


def main() -> None:
    agent = Agent(int(sys.argv[1]) if len(sys.argv) > 1 else 8089)
    say(f"listening on {agent.url}")
    try:
        agent.serve_forever()
    except KeyboardInterrupt:
        agent.server_close()


if __name__ == "__main__":
    main()
