"""How a request shows who sends it: passwords, signatures, certificates; all of them by reference."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rulectl.action.http.port import Tls
from rulectl.action.secret import Secret, SecretSource
from rulectl.errors import PermanentError
from rulectl.value import Value

Read: TypeAlias = Callable[[SecretSource], Secret]


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """A user and a password."""

    username: str | SecretSource
    """The user's name."""
    password: SecretSource
    """The password, by reference."""

    def describe(self) -> Value:
        """The same with references."""
        name = self.username if isinstance(self.username, str) else self.username.describe()
        return {"username": name, "password": self.password.describe()}


@dataclass(frozen=True, slots=True)
class Signature:
    """An HMAC-SHA-256 of the body, so that the receiver can tell who sent it and that nobody changed it."""

    key: SecretSource
    """The key that both sides know; with standardWebhooks in base64, after ``whsec_``."""
    header: str = "X-Signature-256"
    """The header that carries it, as ``sha256=`` and hexadecimal digits (scheme body)."""
    scheme: Literal["body", "standardWebhooks"] = "body"
    """body: of the body alone, as GitHub does; standardWebhooks: of id, time and body, against replays.

    The latter has the headers webhook-id (the idempotency key), webhook-timestamp and webhook-signature, as
    standardwebhooks.com describes."""

    def headers(self, body: bytes, read: Read, *, message_id: str, now: float) -> Mapping[str, str]:
        """The headers that say so.

        Raises:
            PermanentError: the key is not what the scheme asks for.
        """
        key = read(self.key).reveal_token()
        if self.scheme == "body":
            digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
            return {self.header: f"sha256={digest}"}
        try:
            secret = base64.b64decode(key.removeprefix("whsec_"), validate=True)
        except binascii.Error as fault:
            raise PermanentError("the key of a standard webhook has to be base64, after whsec_; store it so") from fault
        signed = f"{message_id}.{int(now)}.".encode() + body
        digest = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now)),
            "webhook-signature": f"v1,{digest}",
        }

    def describe(self) -> Value:
        """The same with the key's reference."""
        header = self.header if self.scheme == "body" else "webhook-signature"
        return {"scheme": self.scheme, "header": header, "key": self.key.describe()}


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """Certificates of a connection."""

    ca: str | SecretSource | None = None
    """Certificate authorities to trust instead of the machine's, in PEM form."""
    certificate: SecretSource | None = None
    """Our certificate, with its chain, in PEM form."""
    key: SecretSource | None = None
    """The private key of our certificate, in PEM form and not encrypted."""
    server_name: str = ""
    """The name that the other side's certificate has to carry; absent: the URL's host."""
    insecure_skip_verify: bool = False
    """Do not check the other side's certificate: anybody in between can read and change everything."""

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together; give both or neither")

    def read(self, read: Read) -> Tls:
        """The same with the PEM text in place of references."""
        ca = self.ca if isinstance(self.ca, str) else "" if self.ca is None else read(self.ca).reveal()
        return Tls(
            ca=ca,
            certificate=read(self.certificate).reveal() if self.certificate else "",
            private_key=read(self.key).reveal() if self.key else "",
            server_name=self.server_name,
            insecure_skip_verify=self.insecure_skip_verify,
        )

    def describe(self) -> Mapping[str, Value]:
        """What differs from the ordinary, with references."""
        parts: dict[str, Value] = {
            "ca": self.ca.describe() if isinstance(self.ca, SecretSource) else self.ca,
            "certificate": self.certificate.describe() if self.certificate else None,
            "key": self.key.describe() if self.key else None,
            "serverName": self.server_name or None,
            "insecureSkipVerify": self.insecure_skip_verify or None,
        }
        return {name: part for name, part in parts.items() if part is not None}
