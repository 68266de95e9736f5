"""An API server that does nothing but send pods, over TLS, faster than anybody can read: a process of its own.

``python -m tests.benchmarks.replay KUBECONFIG PODS``. Lists and watches of pods come from prepared bytes, all else is
answered by a sandbox. On standard input each line ``COUNT PER_SECOND`` sends so many updates on every watch
(0: as fast as they are read) and is answered by ``sent COUNT in SECONDS``. Seven updates of ten are heartbeats; the
others change a container's readiness, its restarts and the bandwidth annotation.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
import time
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from rulectl.sandbox.answer import Answer
from rulectl.sandbox.certificate import make_certificates
from rulectl.sandbox.kubeconfig import kubeconfig
from rulectl.sandbox.sandbox import Sandbox
from tests.benchmarks.pods import pod

VERSION, BEAT, VALUE = "@v@", "@b@", "@n@"
FIRST = 1_000_000_000
"""All numbers have ten digits, so that bodies keep their length."""
_BATCH = 32


class Pods:
    """Pods as prepared pieces of JSON: to change one is to join them anew."""

    def __init__(self, count: int) -> None:
        self.version = FIRST
        self._pieces = [self._prepared(number) for number in range(count)]
        self._values = [FIRST] * count

    @staticmethod
    def _prepared(number: int) -> list[bytes]:
        full = pod(number, f"{VALUE}M")
        metadata = full["metadata"]
        # Where a real server puts them: behind the name, and long before the managed fields.
        full["metadata"] = {"name": metadata["name"], "uid": f"uid-{number:08}", "resourceVersion": VERSION, **metadata}
        full["status"]["conditions"][1]["lastProbeTime"] = BEAT
        full["status"]["containerStatuses"][0]["restartCount"] = VALUE
        text = json.dumps(full, separators=(",", ":")).replace(f'"{VALUE}"', VALUE)
        pieces = [text]
        for mark in (VERSION, BEAT, VALUE):
            pieces = [
                piece
                for one in pieces
                for index, part in enumerate(one.split(mark))
                for piece in ([mark, part] if index else [part])
            ]
        return [piece.encode() for piece in pieces]

    def body(self, number: int, *, beats: bool) -> bytes:
        """The next state of a pod."""
        self.version += 1
        if not beats:
            self._values[number] = self.version
        put = {VERSION.encode(): b"%d" % self.version, BEAT.encode(): b"%d" % self.version}
        put[VALUE.encode()] = b"%d" % self._values[number]
        return b"".join([put.get(piece, piece) for piece in self._pieces[number]])

    def list(self) -> list[bytes]:
        """All pods as they are."""
        return [self.body(number, beats=True) for number in range(len(self._pieces))]


class Server:
    """One thread for each connection."""

    def __init__(self, count: int) -> None:
        self.pods = Pods(count)
        self.count = count
        self._sandbox = Sandbox()
        self._lock = threading.Lock()
        self._certificates = make_certificates()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._watches: list[socket.socket] = []

    def kubeconfig(self) -> str:
        """How to reach it."""
        url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        return kubeconfig(url, authority=self._certificates.authority)

    def serve(self) -> None:
        """Takes connections for ever."""
        context = self._certificates.context()
        context.set_alpn_protocols(["http/1.1"])
        while True:
            plain, _ = self._listener.accept()
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._answer_all, args=(plain, context), daemon=True).start()

    def send(self, count: int, per_second: float) -> float:
        """Sends updates on every watch; the seconds it took."""
        began = time.monotonic()
        batch = max(1, min(_BATCH, int(per_second / 50))) if per_second else _BATCH
        for start in range(0, count, batch):
            if per_second and (left := began + start / per_second - time.monotonic()) > 0:
                time.sleep(left)
            lines = b"".join(
                b'{"type":"MODIFIED","object":%s}\n' % self.pods.body(number * 7919 % self.count, beats=number % 10 < 7)
                for number in range(start, min(start + batch, count))
            )
            chunk = b"%x\r\n%s\r\n" % (len(lines), lines)
            for watch in list(self._watches):
                try:
                    watch.sendall(chunk)
                except OSError:
                    self._watches.remove(watch)
        return time.monotonic() - began

    def _answer_all(self, plain: socket.socket, context: ssl.SSLContext) -> None:
        try:
            connection = context.wrap_socket(plain, server_side=True)
            buffer = b""
            while True:
                while (end := buffer.find(b"\r\n\r\n")) < 0:
                    received = connection.recv(65536)
                    if not received:
                        return
                    buffer += received
                head, buffer = buffer[:end].decode("latin-1"), buffer[end + 4 :]
                method, target, _ = head.split("\r\n")[0].split(" ")
                url = urlsplit(target)
                query = dict(parse_qsl(url.query))
                if url.path == "/api/v1/pods" and query.get("watch") in {"1", "true", "True"}:
                    self._watch(connection, query)
                    return
                body = self._page() if url.path == "/api/v1/pods" else self._other(method, url.path, query)
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                    % (len(body), body)
                )
        except OSError:
            return

    def _page(self) -> bytes:
        items = b",".join(self.pods.list())
        head = b'{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"%d"},"items":[' % self.pods.version
        return head + items + b"]}"

    def _other(self, method: str, path: str, query: dict[str, str]) -> bytes:
        with self._lock:
            reply = self._sandbox.api.handle(method, path, query, {"accept": "application/json"}, b"")
        return reply.body if isinstance(reply, Answer) else b"{}"

    def _watch(self, connection: ssl.SSLSocket, query: dict[str, str]) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        if query.get("sendInitialEvents") == "true":
            for body in self.pods.list():
                line = b'{"type":"ADDED","object":%s}\n' % body
                connection.sendall(b"%x\r\n%s\r\n" % (len(line), line))
            end = {"annotations": {"k8s.io/initial-events-end": "true"}, "resourceVersion": str(self.pods.version)}
            mark = {"type": "BOOKMARK", "object": {"kind": "Pod", "apiVersion": "v1", "metadata": end}}
            line = json.dumps(mark).encode() + b"\n"
            connection.sendall(b"%x\r\n%s\r\n" % (len(line), line))
        self._watches.append(connection)


def main(kubeconfig_path: Path, count: int) -> None:
    server = Server(count)
    kubeconfig_path.write_text(server.kubeconfig())
    threading.Thread(target=server.serve, daemon=True).start()
    print("replaying", flush=True)
    for line in sys.stdin:
        number, per_second = line.split()
        print(f"sent {number} in {server.send(int(number), float(per_second)):.3f}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
