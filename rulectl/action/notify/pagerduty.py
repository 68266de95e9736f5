"""PagerDuty, by its Events API v2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from rulectl.action.builtin.http import Http
from rulectl.action.notify.message import Message, Reveal, cut
from rulectl.action.secret import SecretSource
from rulectl.value import Value

_LONGEST_SUMMARY: Final = 1_024
_LONGEST_KEY: Final = 255


@dataclass(frozen=True, slots=True)
class PagerDuty:
    """An incident: triggered in `actions`, resolved in `resolved`.

    All messages of one rule about one object are one incident, unless `dedupKey` says otherwise.
    """

    routing_key: SecretSource
    """The integration key of a service or an event orchestration."""
    action: Literal["trigger", "acknowledge", "resolve"] = "trigger"
    """What becomes of the incident."""
    dedup_key: str = ""
    """Which incident; absent: that of this rule and object."""
    url: str = "https://events.pagerduty.com/v2/enqueue"
    """Where to; for the EU https://events.eu.pagerduty.com/v2/enqueue."""

    def request(self, message: Message, reveal: Reveal) -> Http:
        """See `Channel.request`."""
        body: dict[str, Value] = {
            "routing_key": reveal(self.routing_key),
            "event_action": self.action,
            "dedup_key": (self.dedup_key or message.identity)[:_LONGEST_KEY],
        }
        if self.action == "trigger":
            summary = f"{message.title}: {message.text}" if message.title else message.text
            body["payload"] = {
                "summary": cut(summary, _LONGEST_SUMMARY),
                "source": message.about,
                "severity": message.severity,
                "timestamp": datetime.fromtimestamp(message.now, UTC).isoformat(),
                "custom_details": message.facts,
            }
            if message.link:
                body["links"] = [{"href": message.link, "text": "Open"}]
            body["client"] = "rulectl"
        return Http(url=self.url, json_=body)
