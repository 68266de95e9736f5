"""Everything else that people read: Apprise's hundred services, in a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import msgspec

from rulectl.action.contract import ActionContext
from rulectl.action.notify.message import Message
from rulectl.action.outcome import Done, Outcome
from rulectl.action.process import Command, run_process
from rulectl.action.secret import SecretSource
from rulectl.errors import PermanentError, TransientError
from rulectl.value import Value

_KEPT_ENVIRONMENT: Final = ("PATH", "LANG", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "TMPDIR")
_SHOWN: Final = 300


class Letter(msgspec.Struct):
    """What the process is given to send."""

    url: str
    title: str
    body: str
    kind: str
    egress: dict[str, list[str]]
    api_server: list[str]


class Receipt(msgspec.Struct):
    """What came of it."""

    verdict: str
    """sent, denied (by the egress rules), refused (no such service), unsent."""
    message: str


@dataclass(frozen=True, slots=True)
class Apprise:
    """A message through Apprise, to any service that it knows.

    Apprise makes its own connections and says only whether it worked: it runs in a process that keeps the egress
    rules for it, and whatever went wrong is tried again. Repetitions cannot be told by the receiver.
    """

    requires: ClassVar[Mapping[str, str]] = {"apprise": "rulectl[notify]"}

    url: SecretSource
    """Apprise's URL, such as discord://id/token; it holds the service's secrets, so it is given by reference."""

    def send(self, message: Message, context: ActionContext) -> Outcome:
        """Sends it.

        Raises:
            TransientError: it was not sent.
            PermanentError: it never will be.
        """
        url = context.secrets.read(self.url, context.key.namespace).reveal_token()
        scheme, _, rest = url.partition("://")
        for part in rest.replace("?", "/").replace("&", "/").replace("@", "/").split("/"):
            # The service's answer may show parts of it.
            if len(part) >= 12:
                context.secrets.masker.remember(part)
        allow, deny, server = context.egress.written()
        letter = Letter(
            url,
            message.title,
            _with_facts(message),
            {"info": "info", "warning": "warning"}.get(message.severity, "failure"),
            {"allow": allow, "deny": deny},
            server,
        )
        command = Command(
            [sys.executable, "-P", "-m", "rulectl.action.notify.apprise_process"],
            {
                **{name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ},
                "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            },
            stdin=msgspec.json.encode(letter),
        )
        ended = run_process(command, clock=context.clock, deadline=context.deadline, stop=context.stop)
        try:
            receipt = msgspec.json.decode(ended.stdout.splitlines()[-1] if ended.stdout else b"", type=Receipt)
        except (msgspec.DecodeError, IndexError) as fault:
            said = ended.stderr.decode("utf-8", "replace").strip()[-_SHOWN:]
            raise TransientError(f"apprise ended with status {ended.status}: {said}") from fault
        match receipt.verdict:
            case "sent":
                return Done(f"sent through {scheme}")
            case "unsent":
                raise TransientError(f"apprise could not send it: {receipt.message}")
            case _:
                raise PermanentError(receipt.message)

    def describe(self, message: Message) -> Value:
        """What would be given to Apprise."""
        return {"apprise": self.url.describe(), "title": message.title, "body": _with_facts(message)}


def _with_facts(message: Message) -> str:
    facts = "\n".join(f"{name}: {value}" for name, value in message.facts.items())
    return "\n\n".join(part for part in (message.text, facts, message.link) if part)
