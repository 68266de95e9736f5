"""The transport to a real API server, over urllib3's connection pool."""

from __future__ import annotations

import io
import socket
import threading
import weakref
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote, urlencode

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.util.ssltransport import SSLTransport

from rulectl.errors import Unreachable
from rulectl.kube.body import body_of
from rulectl.kube.socket_stream import FinishedStream, SocketStream
from rulectl.kube.tls_wire import TlsWire
from rulectl.kube.transport import Request, Response, Stream
from rulectl.kube.watch_pool import watch_pool_of
from rulectl.kube.wire import SocketWire, Wire
from rulectl.version import __version__

_SAFE_IN_PATH = "/:@!$&'()*+,;=~-._"


class Session(Protocol):
    """Where the server is and who we are there."""

    @property
    def server(self) -> str:
        """The server's URL, without a slash at its end."""
        ...

    @property
    def pool(self) -> urllib3.PoolManager:
        """The connections."""
        ...

    def headers(self) -> Mapping[str, str]:
        """What says who we are; refreshed when its time has come."""
        ...

    def renew(self, used: Mapping[str, str]) -> bool:
        """The server does not know the `used` headers: reads the credentials again; whether to try once more."""
        ...


class Urllib3Transport:
    """A `Transport`; retries nothing but a 401, once, with credentials that were read again."""

    def __init__(self, session: Session, *, compress: bool = False) -> None:
        """`compress`: asks for answers in gzip, watches excepted."""
        self._session = session
        self._compress = compress
        self._lock = threading.Lock()  # guards all below
        self._streams: weakref.WeakSet[SocketStream] = weakref.WeakSet()
        self._like = session.pool
        self._watches = watch_pool_of(self._like)

    def request(self, request: Request, *, timeout_seconds: float) -> Response:
        """See `Transport.request`."""
        answer = self._send(request, timeout_seconds, stream=False)
        return Response(answer.status, answer.data, _headers_of(answer))

    def open_stream(self, request: Request, *, timeout_seconds: float) -> Stream:
        """See `Transport.open_stream`."""
        answer = self._send(request, timeout_seconds, stream=True)
        headers = _headers_of(answer)
        try:
            taken = _wire_of(answer) if answer.status < 300 else None
            if taken is None:
                stream = FinishedStream(answer.status, headers, answer.read())
                answer.close()
                return stream
        except (HTTPError, OSError) as error:
            answer.close()
            raise _unreachable(self._session.server, error) from error
        wire, first = taken
        live = SocketStream(answer.status, headers, wire, body_of(headers), first, answer.close)
        with self._lock:
            self._streams.add(live)
        return live

    def close(self) -> None:
        """See `Transport.close`."""
        with self._lock:
            streams, watches = list(self._streams), self._watches
        for stream in streams:
            stream.close()
        watches.clear()
        self._session.pool.clear()

    def _pool(self, *, stream: bool) -> urllib3.PoolManager:
        """The session's connections, or the watches' that are like them; the session may have got others."""
        pool = self._session.pool
        if not stream:
            return pool
        with self._lock:
            if pool is not self._like:
                self._watches.clear()
                self._like, self._watches = pool, watch_pool_of(pool)
            return self._watches

    def _send(self, request: Request, timeout_seconds: float, *, stream: bool) -> urllib3.BaseHTTPResponse:
        identity = self._session.headers()
        answer = self._send_once(request, identity, timeout_seconds, stream=stream)
        if answer.status == 401 and self._session.renew(identity):
            answer.close()
            answer = self._send_once(request, self._session.headers(), timeout_seconds, stream=stream)
        return answer

    def _send_once(
        self, request: Request, identity: Mapping[str, str], timeout_seconds: float, *, stream: bool
    ) -> urllib3.BaseHTTPResponse:
        session = self._session
        headers = {"Accept": request.accept, "User-Agent": f"rulectl/{__version__}", **identity}
        if self._compress and not stream:
            headers["Accept-Encoding"] = "gzip"
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        query = f"?{urlencode(request.query)}" if request.query else ""
        url = f"{session.server}{quote(request.path, safe=_SAFE_IN_PATH)}{query}"
        try:
            return self._pool(stream=stream).request(
                request.method,
                url,
                body=request.body,
                headers=headers,
                timeout=urllib3.Timeout(total=timeout_seconds),
                retries=False,
                redirect=False,
                preload_content=not stream,
            )
        except (HTTPError, OSError) as error:
            raise _unreachable(session.server, error) from error


def _unreachable(server: str, error: Exception) -> Unreachable:
    return Unreachable(f"no answer from {server}: {str(error) or type(error).__name__}")


def _headers_of(answer: urllib3.BaseHTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


def _wire_of(answer: urllib3.BaseHTTPResponse) -> tuple[Wire, bytes] | None:
    """The connection under `answer`, and what was read of the body with the headers; None: there is no body.

    Reaches below urllib3's surface; the tests do it against a real server with every supported version.
    """
    reader = getattr(getattr(answer, "_fp", None), "fp", None)
    if not isinstance(reader, io.BufferedReader):
        return None
    connection: socket.socket | SSLTransport | None = getattr(getattr(answer, "_connection", None), "sock", None)
    if connection is None:  # "Connection: close": http.client has let go of it, the reader has not
        connection = getattr(reader.raw, "_sock", None)
    if connection is None:
        return None
    wire = TlsWire(connection) if isinstance(connection, SSLTransport) else SocketWire(connection)
    try:
        first = reader.read1(io.DEFAULT_BUFFER_SIZE)  # it does not wait: a wire never does
    except OSError:
        first = b""  # nothing there now (TLS says it so); a dead connection shows at the first read
    return wire, first
