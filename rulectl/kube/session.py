"""Who we are at an API server: kubeconfig, service account or flags, read by the kubernetes package."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import urllib3

from rulectl.clock import Clock
from rulectl.errors import TransientError, UsageError
from rulectl.kube.options import ConnectionOptions

IDLE_CONNECTIONS = 64
"""So many are kept for reuse; more may be in use at once."""
RENEW_SECONDS = 10.0
"""Credentials are read again at most so often."""
_KEEPALIVE_SECONDS = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
_NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was found."""

    configuration: Any
    """A kubernetes.client.Configuration. Its hook resets the fields that flags have changed: use it for tokens only."""
    pool: urllib3.PoolManager
    server: str
    namespace: str
    ca_hash: str
    impersonation: Mapping[str, str]
    identity: tuple[object, ...]
    """What connections depend on, tokens apart."""


def open_session(options: ConnectionOptions, clock: Clock) -> KubeSession:
    """The session that kubectl would have with these flags.

    Raises:
        UsageError: no configuration is there, or it cannot be used.
    """
    return KubeSession(lambda: _load(options), clock)


class KubeSession:
    """A `Session` on kubernetes' Configuration, with its refresh of tokens and its pool manager."""

    def __init__(self, load: Callable[[], Loaded], clock: Clock) -> None:
        """`load` is called now, and again when the server does not know us any more.

        Raises:
            UsageError: `load` found nothing usable.
        """
        self._load = load
        self._clock = clock
        self._lock = threading.Lock()  # guards all below
        self.loaded = load()
        self._renewed_at = clock.monotonic() - RENEW_SECONDS

    @property
    def server(self) -> str:
        """See `Session.server`."""
        return self.loaded.server

    @property
    def pool(self) -> urllib3.PoolManager:
        """See `Session.pool`."""
        return self.loaded.pool

    @property
    def namespace(self) -> str:
        """See `Connection.namespace`."""
        return self.loaded.namespace

    @property
    def ca_hash(self) -> str:
        """See `Connection.ca_hash`."""
        return self.loaded.ca_hash

    def headers(self) -> Mapping[str, str]:
        """See `Session.headers`."""
        with self._lock:
            return self._headers()

    def renew(self, used: Mapping[str, str]) -> bool:
        """See `Session.renew`."""
        with self._lock:
            if self._headers() != used:
                return True  # another thread has renewed them meanwhile
            now = self._clock.monotonic()
            if now - self._renewed_at < RENEW_SECONDS:
                return False
            self._renewed_at = now
            try:
                loaded = self._load()
            except UsageError:
                return False  # the 401 that brought us here says more
            if loaded.identity == self.loaded.identity:  # only the token is another: the connections are good
                loaded = replace(loaded, pool=self.loaded.pool)
            self.loaded = loaded
            return True

    def _headers(self) -> dict[str, str]:
        try:
            # The hook inside re-reads a service account's token once a minute, and runs exec plugins at expiry.
            read = self.loaded.configuration.get_api_key_with_prefix
            token = read("BearerToken") or read("authorization")  # the name before kubernetes 36
        except Exception as error:  # plugins, files, OAuth: no common class
            raise TransientError(f"the credentials for {self.server} cannot be refreshed: {error}") from error
        return {**self.loaded.impersonation, **({"Authorization": token} if token else {})}


def _load(options: ConnectionOptions) -> Loaded:
    # Versions differ in what is typed, so none of it is taken for typed.
    config: Any = import_module("kubernetes.config")
    configuration: Any = import_module("kubernetes.client.configuration").Configuration()
    namespace = ""
    path = options.kubeconfig or os.environ.get("KUBECONFIG", "") or "~/.kube/config"
    chosen = bool(options.kubeconfig or options.context or os.environ.get("KUBECONFIG"))
    try:
        if chosen or Path(path).expanduser().exists():
            config.load_kube_config(path, options.context or None, configuration)
            contexts, current = config.list_kube_config_contexts(path)
            named = [item for item in contexts if item["name"] == options.context] or [current]
            namespace = named[0]["context"].get("namespace", "")
        elif os.environ.get("KUBERNETES_SERVICE_HOST"):
            config.load_incluster_config(configuration)
            namespace = _NAMESPACE_FILE.read_text().strip() if _NAMESPACE_FILE.exists() else ""
        elif not options.server:
            raise UsageError(
                "no cluster to talk to: there is no ~/.kube/config, no KUBECONFIG, and this is no pod;"
                " give --kubeconfig or --server, or try --sandbox"
            )
    except (config.ConfigException, OSError, TypeError, KeyError, ValueError) as error:
        raise UsageError(f"the configuration {path} cannot be used: {error}") from error
    _override(configuration, options)
    return Loaded(
        configuration,
        _pool_of(configuration),
        str(configuration.host).rstrip("/"),
        options.namespace or namespace or "default",
        _hash_of(configuration.ssl_ca_cert),
        {"Impersonate-User": options.as_user} if options.as_user else {},
        _identity(configuration),
    )


def _override(configuration: Any, options: ConnectionOptions) -> None:
    if options.server:
        configuration.host = options.server
    if options.token:
        configuration.api_key = {"BearerToken": f"Bearer {options.token}"}
        configuration.refresh_api_key_hook = None
    if options.certificate_authority:
        configuration.ssl_ca_cert = options.certificate_authority
    if options.insecure_skip_tls_verify:
        configuration.verify_ssl = False
    if not configuration.verify_ssl:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # asked for, by flag or kubeconfig
    configuration.connection_pool_maxsize = IDLE_CONNECTIONS


def _pool_of(configuration: Any) -> urllib3.PoolManager:
    rest: Any = import_module("kubernetes.client.rest")
    pool: urllib3.PoolManager = rest.RESTClientObject(configuration).pool_manager
    options = list(urllib3.connection.HTTPConnection.default_socket_options)
    options.append((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1))
    for name, value in _KEEPALIVE_SECONDS:  # a peer that vanished is noticed after a minute; not all systems
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), value))
    # Set here, as configurations before kubernetes 32 do not hand them on.
    pool.connection_pool_kw["socket_options"] = options
    return pool


def _identity(configuration: Any) -> tuple[object, ...]:
    names = ("host", "ssl_ca_cert", "cert_file", "key_file", "verify_ssl", "proxy")
    return tuple(getattr(configuration, name, None) for name in names)


def _hash_of(path: str | None) -> str:
    if not path:
        return ""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return ""
