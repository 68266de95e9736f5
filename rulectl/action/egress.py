"""Where actions may connect to."""

from __future__ import annotations

import fnmatch
import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from rulectl.errors import PermanentError, UsageError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_LINK_LOCAL: Final = tuple(map(ipaddress.ip_network, ("169.254.0.0/16", "fe80::/10")))
_METADATA: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            "169.254.169.254",
            "fd00:ec2::254",
            "fd20:ce::254",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
        ),
    )
)
"""AWS, Google, Alibaba, Oracle and Azure; most of them are link-local anyway."""
_METADATA_NAMES: Final = frozenset({"metadata", "metadata.google.internal"})
_API_SERVER_NAMES: Final = frozenset(
    {"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}
)


class EgressDenied(PermanentError):  # noqa: N818 - says what happened, like its siblings
    """The egress policy does not let an action connect there."""


@dataclass(frozen=True, slots=True)
class Destination:
    """One entry of a list: a name, a glob over names, an address or a network; with or without a port."""

    name: str = ""
    network: Network | None = None
    port: int | None = None

    def __str__(self) -> str:
        where = self.name if self.network is None else str(self.network)
        bracketed = f"[{where}]" if ":" in where and self.port is not None else where
        return bracketed if self.port is None else f"{bracketed}:{self.port}"

    @property
    def is_exact(self) -> bool:
        """Whether it names addresses or one host; a glob does not say which address is meant."""
        return self.network is not None or not any(mark in self.name for mark in "*?[")

    def matches(self, host: str, port: int, address: Address) -> bool:
        """Whether a connection to `address`, made for the name `host`, is meant."""
        if self.port not in {None, port}:
            return False
        if self.network is not None:
            return address in self.network
        return fnmatch.fnmatchcase(host, self.name)


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """What the lists and the built-in denials say about a connection.

    In this order: an entry of `deny` other than ``*`` denies; an entry of `allow` allows (a glob
    over names does so for no link-local or metadata address and not for the API server); link-local and
    metadata addresses and the API server are denied; ``*`` in `deny` denies; the rest is allowed.
    """

    allow: tuple[Destination, ...] = ()
    deny: tuple[Destination, ...] = ()
    api_server_names: frozenset[str] = frozenset()
    api_server_addresses: frozenset[Address] = frozenset()
    api_server_port: int = 0

    @classmethod
    def parse(
        cls,
        allow: Iterable[str] = (),
        deny: Iterable[str] = (),
        *,
        api_server_url: str = "",
        resolve: Callable[[str, int], Iterable[str]] = lambda _host, _port: (),
    ) -> EgressPolicy:
        """The policy of two lists of ``HOST[:PORT]``, where HOST is a name, a glob, an address or a CIDR.

        Raises:
            UsageError: an entry is none of these.
        """
        server = urlsplit(api_server_url)
        host = (server.hostname or "").rstrip(".").lower()
        port = server.port or {"https": 443, "http": 80}.get(server.scheme, 0)
        found = [host, *resolve(host, port)] if host else []
        addresses = [address for address in map(_address, found) if address is not None]
        return cls(
            tuple(map(_destination, allow)),
            tuple(map(_destination, deny)),
            frozenset({host, *_API_SERVER_NAMES}) if host else frozenset(),
            frozenset(addresses),
            port,
        )

    def written(self) -> tuple[list[str], list[str], list[str]]:
        """The lists of `of`, for another process."""
        server = [str(self.api_server_port), *map(str, self.api_server_addresses), *self.api_server_names]
        return list(map(str, self.allow)), list(map(str, self.deny)), server

    @classmethod
    def of(cls, allow: Iterable[str], deny: Iterable[str], api_server: Iterable[str]) -> EgressPolicy:
        """The policy that `written` gave."""
        port, *known = api_server
        addresses = {name: _address(name) for name in known}
        return cls(
            tuple(map(_destination, allow)),
            tuple(map(_destination, deny)),
            frozenset(name for name, address in addresses.items() if address is None),
            frozenset(address for address in addresses.values() if address is not None),
            int(port),
        )

    def refusal(self, host: str, port: int, address: str) -> str | None:
        """Why a connection to `address` (numeric), made for the name `host`, is denied; None: it may be."""
        actual = _address(address)
        if actual is None:
            return f"{address!r} is no address"
        name = host.rstrip(".").lower()
        denied = [entry for entry in self.deny if entry.matches(name, port, actual)]
        if any(entry.name != "*" for entry in denied):
            return "it is on the egress deny list"
        allowed = [entry for entry in self.allow if entry.matches(name, port, actual)]
        if any(entry.is_exact for entry in allowed):
            return None
        special = self._special(name, port, actual)
        if special or allowed:
            return special
        return "it is not on the egress allow list" if denied else None

    def _special(self, name: str, port: int, address: Address) -> str | None:
        if name in _METADATA_NAMES or any(address in network for network in _METADATA):
            return "cloud metadata addresses are denied unless allowed by name or address"
        if any(address in network for network in _LINK_LOCAL):
            return "link-local addresses are denied unless allowed by address"
        if port and port == self.api_server_port and self._is_api_server(name, address):
            return "the API server is denied unless allowed; use the actions that write objects"
        return None

    def _is_api_server(self, name: str, address: Address) -> bool:
        if name in self.api_server_names or address in self.api_server_addresses:
            return True
        return _is_this_machine(address) and any(map(_is_this_machine, self.api_server_addresses))


def _is_this_machine(address: Address) -> bool:
    return address.is_loopback or address.is_unspecified


def _address(text: str) -> Address | None:
    """The address that really is connected to: IPv4 inside IPv6 is taken out."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return inner or address
    return address


def _destination(entry: str) -> Destination:
    text, port = entry.strip().lower(), None
    if text.startswith("[") and "]" in text:
        text, _, tail = text[1:].partition("]")
        port = tail[1:] if tail.startswith(":") else tail or None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
    if not text or "://" in entry or (port is not None and not port.isdecimal()):
        raise UsageError(f"{entry!r} is no destination; write HOST, HOST:PORT, an address or a CIDR such as 10.0.0.0/8")
    number = int(port) if port else None
    try:
        return Destination(network=ipaddress.ip_network(text, strict=False), port=number)
    except ValueError:
        if "/" in text:
            raise UsageError(f"{entry!r} is no CIDR; write one such as 10.0.0.0/8 or fd00::/8") from None
        return Destination(name=text.rstrip("."), port=number)
