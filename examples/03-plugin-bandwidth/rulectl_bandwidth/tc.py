"""Traffic control through netlink, by pyroute2; the rest of the plugin knows only `Interface`."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from pyroute2 import IPRoute, NetNS
from pyroute2.netlink.exceptions import NetlinkError

from rulectl.errors import PermanentError, TransientError

_ROOT = 0xFFFF_FFFF
_HANDLE = 0x0001_0000


@dataclass(frozen=True, slots=True)
class Limit:
    """A token bucket: bits a second, bytes at once, seconds that a packet may wait."""

    rate: float
    burst: int
    latency_seconds: float


class Interface(Protocol):
    """One network interface."""

    def rate(self) -> float | None:
        """The bits a second that it is limited to; None: it is not."""
        ...

    def limit(self, limit: Limit) -> None:
        """Sets the limit, in place of another."""
        ...

    def release(self) -> None:
        """Takes the limit away."""
        ...


@dataclass(frozen=True, slots=True)
class Network:
    """The interfaces of one network namespace."""

    handle: Any

    def interface(self, name: str) -> Interface:
        """The interface of that name.

        Raises:
            TransientError: there is none (yet: the pod may still be coming up).
        """
        with _told():
            found = self.handle.link_lookup(ifname=name)
        if not found:
            raise TransientError(f"there is no interface {name}; it is tried again later")
        return _Interface(self.handle, found[0])


@contextmanager
def opened(namespace: str) -> Iterator[Network]:
    """The network of a namespace, or of this process.

    Raises:
        TransientError: there is no such namespace (yet).
        PermanentError: it may not be entered.
    """
    try:
        handle = NetNS(namespace, flags=0) if namespace else IPRoute()
    except FileNotFoundError as fault:
        raise TransientError(f"there is no network namespace {namespace}; it is tried again later") from fault
    except PermissionError as fault:
        raise PermanentError(
            f"network namespace {namespace} may not be entered: {fault}; grant CAP_SYS_ADMIN"
        ) from fault
    with handle:
        yield Network(handle)


@dataclass(frozen=True, slots=True)
class _Interface:
    handle: Any
    index: int

    def rate(self) -> float | None:
        with _told():
            queues = [one for one in self.handle.get_qdiscs(index=self.index) if one["parent"] == _ROOT]
        for queue in queues:
            options = queue.get_attr("TCA_OPTIONS") if queue.get_attr("TCA_KIND") == "tbf" else None
            parameters = options.get_attr("TCA_TBF_PARMS") if options is not None else None
            if parameters is not None:
                return float(parameters["rate"]) * 8
        return None

    def limit(self, limit: Limit) -> None:
        rate = int(limit.rate / 8)
        with _told():
            self.handle.tc(
                "replace",
                "tbf",
                self.index,
                _HANDLE,
                rate=rate,
                burst=limit.burst,
                limit=int(rate * limit.latency_seconds) + limit.burst,
            )

    def release(self) -> None:
        with _told():
            self.handle.tc("del", index=self.index, handle=0, parent=_ROOT)


@contextmanager
def _told() -> Iterator[None]:
    """Netlink's errors as what rulectl may do about them."""
    try:
        yield
    except NetlinkError as fault:
        if fault.code in {errno.EPERM, errno.EACCES}:
            raise PermanentError(f"the kernel does not allow it: {fault}; grant CAP_NET_ADMIN") from fault
        raise TransientError(f"the kernel refused: {fault}") from fault
