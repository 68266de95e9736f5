"""x509_decode: what a PEM certificate or signing request says."""

from __future__ import annotations

from rulectl.expression.function import Function, Parameter
from rulectl.expression.kind import Kind
from rulectl.value import Value


def _x509_decode(pem: str) -> Value:
    from rulectl.expression.functions.x509 import decode_certificate  # noqa: PLC0415 - slow to load, rarely used

    return decode_certificate(pem)


CERTIFICATE: tuple[Function, ...] = (
    Function(
        "x509_decode",
        (Parameter("pem", Kind.STRING),),
        Kind.OBJECT,
        "What a PEM certificate or signing request says: Subject, Issuer, NotBefore, NotAfter, DNSNames, ...",
        _x509_decode,
        ("x509_decode(`null`)", None),
        strict=True,
    ),
)
