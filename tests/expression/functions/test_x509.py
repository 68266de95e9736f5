from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from rulectl.expression import compile_expression
from rulectl.value import Value

_NAME = x509.Name(
    [
        x509.NameAttribute(NameOID.COMMON_NAME, "web"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Shop"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Voyage"),
    ]
)
_NAMES = x509.SubjectAlternativeName(
    [x509.DNSName("web.shop.svc"), x509.IPAddress(ipaddress.ip_address("10.0.0.1")), x509.RFC822Name("a@b.c")]
)


def _decoded(pem: bytes) -> Value:
    return compile_expression("x509_decode(v)", roots=("v",)).evaluate({"v": pem.decode()}, 0.0)


def test_a_certificate_is_decoded() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder(_NAME, _NAME, key.public_key(), 7)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
        .add_extension(_NAMES, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    assert _decoded(certificate.public_bytes(serialization.Encoding.PEM)) == {
        "Subject": {"CommonName": "web", "Organization": ["Shop", "Voyage"]},
        "Issuer": {"CommonName": "web", "Organization": ["Shop", "Voyage"]},
        "DNSNames": ["web.shop.svc"],
        "EmailAddresses": ["a@b.c"],
        "IPAddresses": ["10.0.0.1"],
        "URIs": [],
        "PublicKeyAlgorithm": "ECDSA",
        "Version": 3,
        "SerialNumber": "7",
        "NotBefore": "2026-01-01T00:00:00Z",
        "NotAfter": "2027-01-01T00:00:00Z",
        "IsCA": True,
    }


def test_a_signing_request_is_decoded() -> None:
    key = rsa.generate_private_key(65537, 2048)
    request = x509.CertificateSigningRequestBuilder(_NAME).sign(key, hashes.SHA256())
    decoded = _decoded(request.public_bytes(serialization.Encoding.PEM))
    assert isinstance(decoded, dict)
    assert decoded["Subject"] == {"CommonName": "web", "Organization": ["Shop", "Voyage"]}
    assert decoded["PublicKey"] == {"N": str(key.public_key().public_numbers().n), "E": 65537}
    assert decoded["PublicKeyAlgorithm"] == "RSA"
