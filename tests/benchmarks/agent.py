"""Stands for the node agents, as a process of its own: answers every call and notes when it came.

``python -m tests.benchmarks.agent PORT``; GET /arrivals gives a list of [path, body, monotonic time].
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

_EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"


class Agent(asyncio.Protocol):
    """One connection. As little work as can be: it shares the cores with what is measured."""

    arrivals: list[tuple[str, str, float]] = []  # noqa: RUF012 - shared by all connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].decode("latin-1").split("\r\n")
            length = next((int(line[15:]) for line in head if line.lower().startswith("content-length:")), 0)
            total = end + 4 + length
            if len(self._buffer) < total:
                return
            body, self._buffer = self._buffer[end + 4 : total], self._buffer[total:]
            path = head[0].split(" ")[1]
            if path == "/arrivals":
                said = json.dumps(self.arrivals).encode()
                self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(said) + said)
            else:
                self.arrivals.append((path, body.decode(), time.monotonic()))
                self._transport.write(_EMPTY)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Agent, "127.0.0.1", port)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
