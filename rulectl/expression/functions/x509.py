"""Reads PEM certificates and signing requests; imported only when a rule does so, for its library is slow to load."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from rulectl.value import Value

_MAX_PEM = 100_000
_NAMES = {
    "2.5.4.3": "CommonName",
    "2.5.4.5": "SerialNumber",
    "2.5.4.6": "Country",
    "2.5.4.7": "Locality",
    "2.5.4.8": "Province",
    "2.5.4.9": "StreetAddress",
    "2.5.4.10": "Organization",
    "2.5.4.11": "OrganizationalUnit",
    "2.5.4.17": "PostalCode",
}
_SINGLE = {"CommonName", "SerialNumber"}


def decode_certificate(pem: str) -> Value:
    """Its contents under the names of Go's crypto/x509.

    Raises:
        ValueError: it is neither a certificate nor a signing request.
    """
    if len(pem) > _MAX_PEM:
        msg = f"the text has {len(pem):,} characters; {_MAX_PEM:,} are allowed"
        raise ValueError(msg)
    try:
        if "CERTIFICATE REQUEST" in pem:
            request = x509.load_pem_x509_csr(pem.encode())
            return _common(request)
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        msg = "the text is no PEM certificate or certificate request (is it still base64-encoded?)"
        raise ValueError(msg) from error
    return {
        **_common(certificate),
        "Version": certificate.version.value + 1,
        "SerialNumber": str(certificate.serial_number),
        "Issuer": _name(certificate.issuer),
        "NotBefore": _time(certificate.not_valid_before_utc),
        "NotAfter": _time(certificate.not_valid_after_utc),
        "IsCA": _is_authority(certificate),
    }


def _common(document: x509.Certificate | x509.CertificateSigningRequest) -> dict[str, Value]:
    try:
        names = document.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = x509.SubjectAlternativeName([])
    key = document.public_key()
    decoded: dict[str, Value] = {
        "Subject": _name(document.subject),
        "DNSNames": list(names.get_values_for_type(x509.DNSName)),
        "EmailAddresses": list(names.get_values_for_type(x509.RFC822Name)),
        "IPAddresses": [str(address) for address in names.get_values_for_type(x509.IPAddress)],
        "URIs": list(names.get_values_for_type(x509.UniformResourceIdentifier)),
        "PublicKeyAlgorithm": _algorithm(type(key).__name__),
    }
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        decoded["PublicKey"] = {"N": str(numbers.n), "E": numbers.e}
    return decoded


def _algorithm(class_name: str) -> str:
    name = class_name.strip("_").removesuffix("PublicKey")
    return "ECDSA" if name in {"EC", "EllipticCurve"} else name


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _name(name: Iterable[x509.NameAttribute[str | bytes]]) -> Value:
    decoded: dict[str, Value] = {}
    for attribute in name:
        key = _NAMES.get(attribute.oid.dotted_string)
        text = attribute.value if isinstance(attribute.value, str) else attribute.value.hex()
        if key in _SINGLE:
            decoded[key] = text
        elif key is not None:
            earlier = decoded.get(key)
            decoded[key] = [*earlier, text] if isinstance(earlier, list) else [text]
    return decoded


def _time(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")
