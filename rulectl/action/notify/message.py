"""What people are to be told, before it is put into the form that a service wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from rulectl.action.builtin.http import Http
from rulectl.action.secret import SecretSource
from rulectl.value import Value

Severity: TypeAlias = Literal["info", "warning", "error", "critical"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message about one object, from one run of one rule."""

    text: str
    title: str
    severity: Severity
    details: Mapping[str, str]
    link: str
    rule: str
    about: str
    """The object: its kind and place."""
    identity: str
    """The same for all messages of this rule about this object."""
    key: str
    """The idempotency key of this run."""
    now: float
    """Wall-clock time, seconds since the epoch."""

    @property
    def facts(self) -> dict[str, str]:
        """The details, and what the message is about."""
        return {"Object": self.about, "Rule": self.rule, **self.details}


class Reveal(Protocol):
    """A secret for a body: its value when the message is sent, its reference when it is only shown."""

    def __call__(self, source: SecretSource) -> Value:
        """What stands in the body."""
        ...


class Channel(Protocol):
    """A service that takes one HTTP request for a message."""

    def request(self, message: Message, reveal: Reveal) -> Http:
        """The request, as the action `http` sends it."""
        ...


def cut(text: str, longest: int) -> str:
    """`text`, at most so many characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
