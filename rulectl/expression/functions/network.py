"""Functions on IP addresses."""

from __future__ import annotations

import ipaddress

from rulectl.expression.function import Function, Parameter
from rulectl.expression.kind import Kind
from rulectl.value import Value


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        msg = f"{text[:60]!r} is not an address or a CIDR block; write 10.0.0.0/8 or 10.1.2.3"
        raise ValueError(msg) from error


def _cidr_contains(block: str, address: str) -> Value:
    outer, inner = _network(block), _network(address)
    if isinstance(outer, ipaddress.IPv4Network):
        return isinstance(inner, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, ipaddress.IPv6Network) and inner.subnet_of(outer)


NETWORK: tuple[Function, ...] = (
    Function(
        "cidr_contains",
        (Parameter("block", Kind.STRING, check=_network), Parameter("address", Kind.STRING, check=_network)),
        Kind.BOOLEAN,
        "Whether a CIDR block contains an address or a whole other block.",
        _cidr_contains,
        ("cidr_contains('10.0.0.0/8', '10.1.2.3')", True),
        strict=True,
    ),
)
