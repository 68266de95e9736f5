"""How to reach an API server: kubectl's flags, and what comes of them."""

from __future__ import annotations

from dataclasses import dataclass

from rulectl.clock import Clock, SystemClock
from rulectl.kube.options import ConnectionOptions
from rulectl.kube.transport import Transport

__all__ = ["Connection", "ConnectionOptions", "load_connection"]


@dataclass(frozen=True, slots=True)
class Connection:
    """A way to an API server; nothing has been sent over it yet."""

    transport: Transport
    server: str
    namespace: str
    """The one that the flags, the context or the service account say; else ``default``."""
    ca_hash: str
    """The SHA-256 of the CA certificates, empty without any."""


def load_connection(options: ConnectionOptions, clock: Clock | None = None) -> Connection:
    """The connection that kubectl would use with these flags: kubeconfig first, then the service account.

    Proxies are taken from the kubeconfig or the environment (HTTPS_PROXY, NO_PROXY).

    Raises:
        UsageError: no configuration is there, or it cannot be used.
    """
    # Here and not above: urllib3 and, behind it, kubernetes cost 0.2 s and 30 MB, which who needs no cluster
    # need not pay.
    from rulectl.kube.session import open_session  # noqa: PLC0415
    from rulectl.kube.urllib3_transport import Urllib3Transport  # noqa: PLC0415

    session = open_session(options, clock or SystemClock())
    transport = Urllib3Transport(session, compress=options.compress)
    return Connection(transport, session.server, session.namespace, session.ca_hash)
