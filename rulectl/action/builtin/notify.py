"""`notify`: a message for people, or an event for other systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from rulectl.action.builtin.http import Scalar
from rulectl.action.contract import ActionContext
from rulectl.action.names import as_text
from rulectl.action.notify.apprise import Apprise
from rulectl.action.notify.cloud_event import CloudEvent
from rulectl.action.notify.message import Channel, Message, Severity
from rulectl.action.notify.pagerduty import PagerDuty
from rulectl.action.notify.slack import Slack
from rulectl.action.notify.teams import Teams
from rulectl.action.notify.webhook import Webhook
from rulectl.action.outcome import Outcome
from rulectl.action.secret import SecretSource
from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell people, or another system, by Slack, Teams, PagerDuty, a webhook, a CloudEvent or Apprise.

    Exactly one of them. They answer as with `http`: 429 and 5xx are tried again, when Retry-After says;
    any other refusal is final. cloudEvent and apprise need ``pip install 'rulectl[notify]'``.
    """

    name: ClassVar[str] = "notify"
    exactly_one_of: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("slack", "teams", "pagerDuty", "webhook", "cloudEvent", "apprise"),
    )

    message: str
    """What is said."""
    title: str = ""
    """A headline."""
    severity: Severity = "info"
    """How bad it is: colour in Slack and Teams, urgency in PagerDuty."""
    details: Mapping[str, Scalar] = field(default_factory=dict)
    """Facts by name, shown beside the message."""
    link: str = ""
    """A URL that the message leads to."""
    slack: Slack | None = None
    """Slack's incoming webhook."""
    teams: Teams | None = None
    """A workflow of Microsoft Teams."""
    pager_duty: PagerDuty | None = None
    """PagerDuty's Events API."""
    webhook: Webhook | None = None
    """Any webhook, plain JSON."""
    cloud_event: CloudEvent | None = None
    """A CloudEvent."""
    apprise: Apprise | None = None
    """Any service that Apprise knows."""

    def __post_init__(self) -> None:
        if not self.message.strip():
            raise ValueError("the message is empty")

    def run(self, context: ActionContext) -> Outcome:
        """Sends the message."""
        message = self._message(context)
        if self.apprise is not None:
            return self.apprise.send(message, context)

        def reveal(source: SecretSource) -> Value:
            return context.secrets.read(source, context.key.namespace).reveal_token()

        return self._channel().request(message, reveal).run(context)

    def describe(self, context: ActionContext) -> Value:
        """The request as it would be sent."""
        message = self._message(context)
        if self.apprise is not None:
            return self.apprise.describe(message)
        return self._channel().request(message, lambda source: source.describe()).describe(context)

    def _channel(self) -> Channel:
        given = (self.slack, self.teams, self.pager_duty, self.webhook, self.cloud_event)
        return next(one for one in given if one is not None)

    def _message(self, context: ActionContext) -> Message:
        about = f"{context.resource.kind.kind} {context.key}"
        return Message(
            text=self.message,
            title=self.title,
            severity=self.severity,
            details={name: as_text(value) for name, value in self.details.items()},
            link=self.link,
            rule=context.rule,
            about=about,
            identity=f"rulectl/{context.rule}/{context.uid or about}",
            key=context.idempotency_key,
            now=context.clock.now(),
        )
