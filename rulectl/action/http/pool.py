"""Connections to other servers, kept open between requests."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from rulectl.action.egress import EgressDenied, EgressPolicy
from rulectl.action.http.connection import Connection, Cut, NotConnected, TooLate, request_of
from rulectl.action.http.port import HttpRequest, HttpResponse, Tls
from rulectl.action.http.tls import context_of
from rulectl.clock import Clock
from rulectl.errors import PermanentError, Unreachable

Resolve: TypeAlias = Callable[[str, int], Iterable[str]]
_MOST_SERVERS: Final = 128
_IDLE_EACH: Final = 16
"""So many connections are kept for reuse; more may be in use at once."""
_PORTS: Final = {"http": 80, "https": 443}


def resolve_name(host: str, port: int) -> list[str]:
    """The addresses of `host` as the machine's resolver knows them, in its order.

    Raises:
        OSError: the name is not known, or no name server answered.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class _Place(NamedTuple):
    """Where connections lead to. Over plain HTTP the address is all that matters, whatever the host's name."""

    host: str
    address: str
    port: int
    tls: Tls | None


@dataclass(slots=True)
class _Server:
    """The connections to one place that wait for the next request, the warmest last."""

    context: ssl.SSLContext | None
    idle: list[Connection] = field(default_factory=list)


class HttpPool:
    """A `rulectl.action.http.port.HttpClient` over sockets of its own; one owner makes and closes it.

    A name is resolved first, each address is checked against the policy, and the connection is made to the
    address that was checked: no second look-up can lead elsewhere. The environment's proxies are not used.
    The time of a request covers everything but the look-up of the name.
    """

    def __init__(self, clock: Clock, resolve: Resolve = resolve_name) -> None:
        self._clock = clock
        self._resolve = resolve
        self._lock = threading.Lock()  # guards all below
        self._servers: OrderedDict[_Place, _Server] = OrderedDict()
        self._is_closed = False

    def send(
        self, request: HttpRequest, *, egress: EgressPolicy, timeout_seconds: float, max_bytes: int
    ) -> HttpResponse:
        """See `HttpClient.send`."""
        deadline = self._clock.monotonic() + timeout_seconds
        scheme, host, port, target = _parts(request.url)
        headers = {"Host": _authority(scheme, host, port), "Accept-Encoding": "identity", **request.headers}
        wire = request_of(request.method, target, headers, request.body)
        fault: Unreachable | None = None
        for address in self._addresses(host, port, egress):
            if self._clock.monotonic() >= deadline:
                break
            place = _Place(host if scheme == "https" else "", address, port, request.tls if scheme == "https" else None)
            try:
                connection = self._connection(place, deadline)
            except NotConnected as refusal:
                fault = Unreachable(_unconnected(refusal, host, port))
                continue
            except ssl.SSLError as refusal:
                raise Unreachable(f"the TLS connection to {_shown(host, port)} failed: {refusal}") from refusal
            return self._exchange(connection, place, wire, request.method, _shown(host, port), deadline, max_bytes)
        raise fault or Unreachable(f"{host}:{port} did not answer in {timeout_seconds:g} s")

    def close(self) -> None:
        """Gives back all connections; requests that run are finished, new ones are refused."""
        with self._lock:
            self._is_closed = True
            idle = [connection for server in self._servers.values() for connection in server.idle]
            self._servers.clear()
        for connection in idle:
            connection.close()

    def _addresses(self, host: str, port: int, egress: EgressPolicy) -> list[str]:
        try:
            found = list(self._resolve(host, port))
        except OSError as fault:
            raise Unreachable(f"the name {host} is not known; check it and the DNS") from fault
        except UnicodeError as fault:
            raise PermanentError(f"{host!r} cannot be a host's name") from fault
        refusals = {address: egress.refusal(host, port, address) for address in found}
        allowed = [address for address, refusal in refusals.items() if refusal is None]
        if found and not allowed:
            address, refusal = next(iter(refusals.items()))
            shown = host if host == address else f"{host} ({address})"
            raise EgressDenied(f"connecting to {shown} port {port} is not allowed: {refusal}")
        return allowed

    def _exchange(
        self,
        connection: Connection,
        place: _Place,
        wire: bytes,
        method: str,
        shown: str,
        deadline: float,
        max_bytes: int,
    ) -> HttpResponse:
        try:
            answer = connection.exchange(wire, is_head=method == "HEAD", deadline=deadline, max_bytes=max_bytes)
        except TooLate as late:
            what = "the answer did not end in time" if late.began else f"{shown} did not answer in time"
            raise Unreachable(what) from late
        except Cut as cut:
            raise Unreachable(f"the connection to {shown} was cut ({cut})") from cut
        except ssl.SSLError as refusal:
            raise Unreachable(f"the TLS connection to {shown} failed: {refusal}") from refusal
        finally:
            self._give_back(connection, place)
        return HttpResponse(answer.status, answer.headers, answer.body, answer.is_truncated)

    def _connection(self, place: _Place, deadline: float) -> Connection:
        """One that is open already, or a new one."""
        server = self._server(place)
        while True:
            with self._lock:
                connection = server.idle.pop() if server.idle else None
            if connection is None:
                name = (place.tls.server_name if place.tls else "") or place.host
                address, port = place.address, place.port
                return Connection(self._clock, address, port, deadline=deadline, tls=server.context, server_name=name)
            if connection.is_alive():
                return connection
            connection.close()

    def _give_back(self, connection: Connection, place: _Place) -> None:
        with self._lock:
            server = self._servers.get(place)
            is_kept = connection.is_reusable and server is not None and len(server.idle) < _IDLE_EACH
            if is_kept and server is not None:
                server.idle.append(connection)
        if not is_kept:
            connection.close()  # one in the middle of an answer is of no further use

    def _server(self, place: _Place) -> _Server:
        with self._lock:
            if self._is_closed:
                raise Unreachable("rulectl is stopping; it is tried again later")
            server = self._servers.get(place)
            if server is not None:
                self._servers.move_to_end(place)
                return server
        fresh = _Server(None if place.tls is None else context_of(place.tls))
        with self._lock:
            server = self._servers.setdefault(place, fresh)
            dropped = self._servers.popitem(last=False)[1].idle if len(self._servers) > _MOST_SERVERS else []
        for connection in dropped:
            connection.close()
        return server


def _parts(url: str) -> tuple[str, str, int, str]:
    """Scheme, host without brackets, port, and the path with its query."""
    try:
        parsed = parse_url(url)
    except LocationParseError as fault:
        raise PermanentError("the URL makes no sense; write it like https://host/path") from fault
    scheme, host = parsed.scheme or "", parsed.host or ""
    if scheme not in _PORTS or not host:
        raise PermanentError("the URL has to begin with http:// or https:// and a host")
    if parsed.auth:
        raise PermanentError("the URL contains a user or a password; use basicAuth")
    return scheme, host.strip("[]"), parsed.port or _PORTS[scheme], parsed.request_uri


def _authority(scheme: str, host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port == _PORTS[scheme] else f"{name}:{port}"


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if _is_ipv6(host) else f"{host}:{port}"


def _unconnected(refusal: NotConnected, host: str, port: int) -> str:
    where = _shown(host, port)
    return f"{where} did not accept the connection in time" if refusal.is_late else f"{where} refused the connection"


def _is_ipv6(host: str) -> bool:
    return ":" in host
