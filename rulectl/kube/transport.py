"""The seam between rulectl and an API server: requests in, answers and byte streams out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request to the API server; `path` is absolute and unescaped, `query` unescaped too."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = JSON
    accept: str = JSON


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer, whatever its status; header names are lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Stream(Protocol):
    """The body of an answer that goes on, read by one thread, closed by any."""

    @property
    def status(self) -> int:
        """The HTTP status; a stream with an error status still has a (short) body."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Header names are lower case."""
        ...

    def read(self, timeout_seconds: float) -> bytes | None:
        """The next bytes, as many as are there; ``b""`` when the server has ended the stream cleanly.

        None: nothing came within `timeout_seconds` (0: nothing is there now); the stream is still good.

        Raises:
            Unreachable: the connection was cut.
        """
        ...

    def close(self) -> None:
        """Ends the stream at once, also under a read that waits in another thread. Can be repeated."""
        ...


class Transport(Protocol):
    """Any number of threads may call it at once."""

    def request(self, request: Request, *, timeout_seconds: float) -> Response:
        """The answer, whatever its status.

        Raises:
            Unreachable: nobody answered within `timeout_seconds`.
        """
        ...

    def open_stream(self, request: Request, *, timeout_seconds: float) -> Stream:
        """A stream whose status and headers have arrived, within `timeout_seconds`.

        Raises:
            Unreachable: nobody answered in that time.
        """
        ...

    def close(self) -> None:
        """Gives back all connections; streams that are still open are cut."""
        ...
