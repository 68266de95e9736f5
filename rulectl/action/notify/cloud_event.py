"""CloudEvents over HTTP, written by the package `cloudevents`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, Literal

from rulectl.action.builtin.http import Http, Scalar
from rulectl.action.http.credentials import Signature, TlsSettings
from rulectl.action.names import as_text
from rulectl.action.notify.message import Message, Reveal
from rulectl.action.secret import SecretSource

_EXTENSION: Final = re.compile(r"[a-z0-9]{1,20}")
_OURS: Final = frozenset(
    {"id", "source", "specversion", "type", "time", "subject", "data", "datacontenttype", "dataschema"}
)


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """A CloudEvent 1.0. Its id is the idempotency key: the receiver can tell a repetition."""

    requires: ClassVar[Mapping[str, str]] = {"cloudevents": "rulectl[notify]"}

    url: SecretSource | str
    """Where to."""
    type: str = "dev.rulectl.rule.fired"
    """The type of the event."""
    source: str = ""
    """Where it comes from, a URI reference; absent: /rulectl/rules/RULE."""
    subject: str = ""
    """What it is about; absent: the object, as KIND/NAMESPACE/NAME."""
    data: object = None
    """Its data; absent: the message, as with webhook."""
    mode: Literal["structured", "binary"] = "structured"
    """structured: all of it as one JSON body; binary: attributes as headers, the data as body."""
    extensions: Mapping[str, Scalar] = field(default_factory=dict)
    """More attributes; lower-case letters and digits."""
    headers: Mapping[str, Scalar | SecretSource | None] = field(default_factory=dict)
    """More header fields."""
    bearer_token: SecretSource | None = None
    """Sent as ``Authorization: Bearer``."""
    signature: Signature | None = None
    """Sign the body."""
    tls: TlsSettings = field(default_factory=TlsSettings)
    """Certificates."""

    def __post_init__(self) -> None:
        for name in self.extensions:
            if not _EXTENSION.fullmatch(name) or name in _OURS:
                raise ValueError(f"{name!r} cannot be an extension: write up to 20 lower-case letters and digits")

    def request(self, message: Message, reveal: Reveal) -> Http:  # noqa: ARG002 - no secret in the body
        """See `Channel.request`."""
        from cloudevents.core.bindings.http import to_binary, to_structured  # noqa: PLC0415 - an extra
        from cloudevents.core.formats.json import JSONFormat  # noqa: PLC0415
        from cloudevents.core.v1.event import CloudEvent as Event  # noqa: PLC0415

        event = Event(self._attributes(message), self._data(message))
        written = (to_structured if self.mode == "structured" else to_binary)(event, JSONFormat())
        return Http(
            url=self.url,
            method="POST",
            text=written.body.decode(),
            headers={**written.headers, **self.headers},
            bearer_token=self.bearer_token,
            signature=self.signature,
            tls=self.tls,
        )

    def _attributes(self, message: Message) -> dict[str, Any]:
        return {
            "id": message.key,
            "source": self.source or f"/rulectl/rules/{message.rule}",
            "type": self.type,
            "subject": self.subject or message.about.replace(" ", "/"),
            "time": datetime.fromtimestamp(message.now, UTC),
            "datacontenttype": "application/json",
            **{name: as_text(value) for name, value in self.extensions.items()},
        }

    def _data(self, message: Message) -> Any:
        if self.data is not None:
            return self.data
        return {
            "title": message.title,
            "text": message.text,
            "severity": message.severity,
            "details": dict(message.details),
            "link": message.link,
        }
