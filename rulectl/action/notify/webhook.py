"""Any webhook, with the message as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rulectl.action.builtin.http import Http, Scalar
from rulectl.action.http.credentials import Signature, TlsSettings
from rulectl.action.notify.message import Message, Reveal
from rulectl.action.secret import SecretSource


@dataclass(frozen=True, slots=True)
class Webhook:
    """A POST of JSON: title, text, severity, details, link, rule, object, key."""

    url: SecretSource | str
    """Where to."""
    headers: Mapping[str, Scalar | SecretSource | None] = field(default_factory=dict)
    """More header fields."""
    bearer_token: SecretSource | None = None
    """Sent as ``Authorization: Bearer``."""
    signature: Signature | None = None
    """Sign the body."""
    tls: TlsSettings = field(default_factory=TlsSettings)
    """Certificates."""

    def request(self, message: Message, reveal: Reveal) -> Http:  # noqa: ARG002 - no secret in the body
        """See `Channel.request`."""
        body = {
            "title": message.title,
            "text": message.text,
            "severity": message.severity,
            "details": dict(message.details),
            "link": message.link,
            "rule": message.rule,
            "object": message.about,
            "key": message.key,
        }
        return Http(
            url=self.url,
            json_=body,
            headers=self.headers,
            bearer_token=self.bearer_token,
            signature=self.signature,
            tls=self.tls,
        )
