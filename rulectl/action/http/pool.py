"""Connections to other servers, kept open between requests."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InsecureRequestWarning,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import Timeout, parse_url

from rulectl.action.egress import EgressDenied, EgressPolicy
from rulectl.action.http.port import HttpRequest, HttpResponse, Tls
from rulectl.action.http.tls import context_of
from rulectl.clock import Clock
from rulectl.errors import PermanentError, Unreachable

Pool: TypeAlias = urllib3.HTTPConnectionPool | urllib3.HTTPSConnectionPool
Resolve: TypeAlias = Callable[[str, int], Iterable[str]]
_MOST_POOLS: Final = 128
_CONNECTIONS_EACH: Final = 16
_PORTS: Final = {"http": 80, "https": 443}


def resolve_name(host: str, port: int) -> list[str]:
    """The addresses of `host` as the machine's resolver knows them, in its order.

    Raises:
        OSError: the name is not known, or no name server answered.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class HttpPool:
    """A `rulectl.action.http.port.HttpClient` over urllib3; one owner makes and closes it.

    A name is resolved first, each address is checked against the policy, and the connection is made to the
    address that was checked: no second look-up can lead elsewhere. The environment's proxies are not used.
    The time of a request covers everything but the look-up of the name; a server that sends its headers
    byte by byte can exceed it.
    """

    def __init__(self, clock: Clock, resolve: Resolve = resolve_name) -> None:
        self._clock = clock
        self._resolve = resolve
        self._lock = threading.Lock()
        self._pools: OrderedDict[tuple[str, str, int, str, Tls], Pool] = OrderedDict()
        self._is_closed = False

    def send(
        self, request: HttpRequest, *, egress: EgressPolicy, timeout_seconds: float, max_bytes: int
    ) -> HttpResponse:
        """See `HttpClient.send`."""
        deadline = self._clock.monotonic() + timeout_seconds
        scheme, host, port, target = _parts(request.url)
        fault: Unreachable | None = None
        for address in self._addresses(host, port, egress):
            left = deadline - self._clock.monotonic()
            if left <= 0:
                break
            pool = self._pool(scheme, host, port, address, request.tls)
            try:
                return self._exchange(pool, request, target, _authority(scheme, host, port), deadline, max_bytes)
            except (NewConnectionError, ConnectTimeoutError) as refusal:
                fault = Unreachable(_why(refusal, host, port))
            except (HTTPError, OSError) as cut:
                raise Unreachable(_why(cut, host, port)) from cut
        raise fault or Unreachable(f"{host}:{port} did not answer in {timeout_seconds:g} s")

    def close(self) -> None:
        """Gives back all connections; requests that run are finished, new ones are refused."""
        with self._lock:
            self._is_closed = True
            pools = list(self._pools.values())
            self._pools.clear()
        for pool in pools:
            pool.close()

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
        self, pool: Pool, request: HttpRequest, target: str, authority: str, deadline: float, max_bytes: int
    ) -> HttpResponse:
        left = max(0.001, deadline - self._clock.monotonic())
        headers = {"Host": authority, "Accept-Encoding": "identity", **request.headers}
        try:
            response = pool.urlopen(
                request.method,
                target,
                body=request.body,
                headers=headers,
                retries=False,
                redirect=False,
                assert_same_host=False,
                timeout=Timeout(connect=left, read=left),
                preload_content=False,
                decode_content=False,
            )
        except ValueError as fault:
            raise PermanentError(f"the request cannot be sent: {fault}; correct its headers or its method") from fault
        with contextlib.ExitStack() as on_failure:
            # A connection in the middle of an answer is of no further use.
            on_failure.callback(response.close)
            body, is_truncated = self._read(response, deadline, max_bytes)
            if not is_truncated:
                on_failure.pop_all()
                response.release_conn()
        lowered = {name.lower(): value for name, value in response.headers.items()}
        return HttpResponse(response.status, lowered, body, is_truncated)

    def _read(self, response: urllib3.response.BaseHTTPResponse, deadline: float, max_bytes: int) -> tuple[bytes, bool]:
        parts: list[bytes] = []
        size = 0
        while chunk := response.read1(65_536):
            parts.append(chunk)
            size += len(chunk)
            if size > max_bytes:
                return b"".join(parts)[:max_bytes], True
            if self._clock.monotonic() >= deadline:
                raise Unreachable("the answer did not end in time")
        return b"".join(parts), False

    def _pool(self, scheme: str, host: str, port: int, address: str, tls: Tls) -> Pool:
        key = (scheme, host if scheme == "https" else "", port, address, tls)
        with self._lock:
            if self._is_closed:
                raise Unreachable("rulectl is stopping; it is tried again later")
            pool = self._pools.get(key)
            if pool is not None:
                self._pools.move_to_end(key)
                return pool
        fresh = _new_pool(scheme, host, port, address, tls)
        with self._lock:
            pool = self._pools.setdefault(key, fresh)
            dropped = self._pools.popitem(last=False)[1] if len(self._pools) > _MOST_POOLS else None
        if dropped is not None:
            dropped.close()
        return pool


def _new_pool(scheme: str, host: str, port: int, address: str, tls: Tls) -> Pool:
    if scheme == "http":
        return urllib3.HTTPConnectionPool(address, port, maxsize=_CONNECTIONS_EACH)
    if tls.insecure_skip_verify:
        # The rule says so itself: urllib3 need not warn with every request.
        urllib3.disable_warnings(InsecureRequestWarning)
    return urllib3.HTTPSConnectionPool(
        address,
        port,
        maxsize=_CONNECTIONS_EACH,
        ssl_context=context_of(tls),
        cert_reqs="CERT_NONE" if tls.insecure_skip_verify else "CERT_REQUIRED",
        server_hostname=tls.server_name or host,
        assert_hostname=False if tls.insecure_skip_verify else None,
    )


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


def _why(fault: Exception, host: str, port: int) -> str:
    where = f"[{host}]:{port}" if _is_ipv6(host) else f"{host}:{port}"
    match fault:
        case NameResolutionError():
            return f"the name {host} is not known; check it and the DNS"
        case NewConnectionError():
            return f"{where} refused the connection"
        case ConnectTimeoutError():
            return f"{where} did not accept the connection in time"
        case ReadTimeoutError():
            return f"{where} did not answer in time"
        case SSLError():
            return f"the TLS connection to {where} failed: {fault}"
        case _:
            return f"the connection to {where} was cut ({type(fault).__name__})"


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
