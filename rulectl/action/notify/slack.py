"""Slack, by an incoming webhook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rulectl.action.builtin.http import Http
from rulectl.action.notify.message import Message, Reveal, Severity, cut
from rulectl.action.secret import SecretSource
from rulectl.value import Value

_COLOURS: Final[Mapping[Severity, str]] = {
    "info": "#439fe0",
    "warning": "#daa038",
    "error": "#d00000",
    "critical": "#8b0000",
}
_LONGEST_TEXT: Final = 3_000
_LONGEST_TITLE: Final = 150
_MOST_FIELDS: Final = 10


@dataclass(frozen=True, slots=True)
class Slack:
    """A message in a channel of Slack (or of what takes the same, such as Mattermost)."""

    webhook: SecretSource | str
    """The URL of the incoming webhook; who knows it can post, so give a reference."""

    def request(self, message: Message, reveal: Reveal) -> Http:  # noqa: ARG002 - no secret in the body
        """See `Channel.request`."""
        title = cut(message.title, _LONGEST_TITLE)
        blocks: list[Value] = []
        if title:
            blocks.append({"type": "header", "text": {"type": "plain_text", "text": title}})
        blocks.append({"type": "section", "text": _markdown(cut(_escaped(message.text), _LONGEST_TEXT))})
        facts = list(message.facts.items())[:_MOST_FIELDS]
        fields: list[Value] = [_markdown(cut(f"*{_escaped(name)}*\n{_escaped(value)}", 2_000)) for name, value in facts]
        blocks.append({"type": "section", "fields": fields})
        if message.link:
            button: dict[str, Value] = {
                "type": "button",
                "text": {"type": "plain_text", "text": "Open"},
                "url": message.link,
            }
            blocks.append({"type": "actions", "elements": [button]})
        body = {
            "text": _escaped(title or cut(message.text, _LONGEST_TEXT)),
            "attachments": [{"color": _COLOURS[message.severity], "blocks": blocks}],
        }
        return Http(url=self.webhook, json_=body)


def _markdown(text: str) -> dict[str, Value]:
    return {"type": "mrkdwn", "text": text}


def _escaped(text: str) -> str:
    """Slack reads commands such as <!channel> in what is not escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
