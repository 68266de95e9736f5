"""urllib3's connections for watches: as all others, but their TLS works in memory."""

from __future__ import annotations

import copy
import ssl

from urllib3 import HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util.ssl_ import create_urllib3_context, resolve_cert_reqs, resolve_ssl_version

from rulectl.kube.memory_tls import MemoryTls

_SERVERS = 10
"""Pools that are kept, as urllib3 has it: more than one only behind redirects, which are not followed."""


def watch_pool_of(pool: PoolManager) -> PoolManager:
    """A pool that connects as `pool` does (certificates, proxies, timeouts), and shares no connection with it."""
    made = copy.copy(pool)
    made.pools = type(pool.pools)(_SERVERS)
    made.pool_classes_by_scheme = {"http": HTTPConnectionPool, "https": WatchConnectionPool}
    return made


class WatchConnection(HTTPSConnection):
    """An HTTPSConnection with a `MemoryTls` for its socket.

    One that was given a context keeps it as it is, with its SSLSocket: the context may be others' too.
    """

    def connect(self) -> None:
        """See `HTTPSConnection.connect`."""
        if self.ssl_context is None:
            self.ssl_context = self._context()
        super().connect()

    def _context(self) -> ssl.SSLContext:
        """The one that urllib3 would make when it is given none, but for what it wraps a socket in."""
        context = create_urllib3_context(
            ssl_version=resolve_ssl_version(self.ssl_version),
            ssl_minimum_version=self.ssl_minimum_version,
            ssl_maximum_version=self.ssl_maximum_version,
            cert_reqs=resolve_cert_reqs(self.cert_reqs),
        )
        if not (self.ca_certs or self.ca_cert_dir or self.ca_cert_data):
            context.load_default_certs()
        # On this one context: urllib3 makes it, so it can be of no class of ours.
        context.wrap_socket = lambda sock, server_hostname=None: MemoryTls(  # type: ignore[method-assign,assignment,misc]
            sock, context, server_hostname
        )
        return context


class WatchConnectionPool(HTTPSConnectionPool):
    """A pool of `WatchConnection`."""

    ConnectionCls = WatchConnection
