"""HTTP as actions see it: one request in, one complete answer out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from rulectl.action.egress import EgressPolicy


@dataclass(frozen=True, slots=True)
class Tls:
    """How the other side is checked and how this side shows who it is; PEM text."""

    ca: str = ""
    """Empty: the machine's own certificate authorities."""
    certificate: str = ""
    private_key: str = field(default="", repr=False)
    server_name: str = ""
    """Empty: the URL's host."""
    insecure_skip_verify: bool = False


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request. Header names as they are sent; `repr` shows neither headers nor body."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    tls: Tls = field(default_factory=Tls, repr=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete answer, whatever its status; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_truncated: bool = False
    """The answer was longer than the limit; `body` is its beginning."""


class HttpClient(Protocol):
    """Any number of threads may call it at once."""

    def send(
        self, request: HttpRequest, *, egress: EgressPolicy, timeout_seconds: float, max_bytes: int
    ) -> HttpResponse:
        """The answer; redirects are answers too, nothing is followed or tried again.

        Raises:
            Unreachable: refused, reset, name not found, or no complete answer in `timeout_seconds`.
            EgressDenied: the policy does not allow the address.
            PermanentError: the URL or our certificates make no sense, or the other side's does not hold.
        """
        ...
