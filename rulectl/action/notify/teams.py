"""Microsoft Teams, by a workflow that posts what a webhook receives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rulectl.action.builtin.http import Http
from rulectl.action.notify.message import Message, Reveal, Severity, cut
from rulectl.action.secret import SecretSource
from rulectl.value import Value

_COLOURS: Final[Mapping[Severity, str]] = {
    "info": "Accent",
    "warning": "Warning",
    "error": "Attention",
    "critical": "Attention",
}
_LONGEST_TEXT: Final = 20_000
"""A message may have 28 KB in all."""


@dataclass(frozen=True, slots=True)
class Teams:
    """An adaptive card in a channel or chat of Microsoft Teams."""

    webhook: SecretSource | str
    """The URL of the workflow "Send webhook alerts to a channel"; who knows it can post, so give a reference."""

    def request(self, message: Message, reveal: Reveal) -> Http:  # noqa: ARG002 - no secret in the body
        """See `Channel.request`."""
        parts: list[Value] = []
        if message.title:
            parts.append(_text(message.title, weight="Bolder", size="Medium", color=_COLOURS[message.severity]))
        parts.append(_text(cut(message.text, _LONGEST_TEXT)))
        facts: list[Value] = [{"title": name, "value": value} for name, value in message.facts.items()]
        parts.append({"type": "FactSet", "facts": facts})
        content: dict[str, Value] = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": parts,
        }
        if message.link:
            content["actions"] = [{"type": "Action.OpenUrl", "title": "Open", "url": message.link}]
        card = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
        return Http(url=self.webhook, json_={"type": "message", "attachments": [card]})


def _text(text: str, **look: str) -> dict[str, Value]:
    return {"type": "TextBlock", "text": text, "wrap": True, **look}
