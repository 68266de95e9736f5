"""The process in which Apprise runs: one letter in, one receipt out, and no connection that the rules deny."""

from __future__ import annotations

import logging
import socket
import sys
from typing import Any

import msgspec

from rulectl.action.egress import EgressDenied, EgressPolicy
from rulectl.action.notify.apprise import Letter, Receipt

_LONGEST = 300


class Guard:
    """Checks every connection, on the address that is connected to, before it is made.

    An audit hook: Python asks it before each look-up of a name and each connect, whichever library makes them.
    """

    def __init__(self, policy: EgressPolicy) -> None:
        self._policy = policy
        self._names: dict[str, str] = {}
        self._asked = ""
        self.denied = ""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """See `sys.addaudithook`.

        Raises:
            EgressDenied: the address is not allowed.
        """
        if event == "socket.getaddrinfo":
            self._asked = str(arguments[0])
        elif event == "socket.connect":
            made, address = arguments
            if made.family in {socket.AF_INET, socket.AF_INET6}:
                self._check(str(address[0]), int(address[1]))

    def _check(self, address: str, port: int) -> None:
        host = self._asked or address
        refusal = self._policy.refusal(host, port, address)
        if refusal is not None:
            shown = host if host == address else f"{host} ({address})"
            self.denied = f"connecting to {shown} port {port} is not allowed: {refusal}"
            raise EgressDenied(self.denied)


def main() -> None:
    """Sends the letter on stdin; the last line of stdout is the receipt."""
    letter = msgspec.json.decode(sys.stdin.buffer.read(), type=Letter)
    guard = Guard(EgressPolicy.of(letter.egress["allow"], letter.egress["deny"], letter.api_server))
    sys.addaudithook(guard)
    sys.stdout.buffer.write(msgspec.json.encode(_sent(letter, guard)) + b"\n")


def _sent(letter: Letter, guard: Guard) -> Receipt:
    import apprise  # noqa: PLC0415 - an extra, slow to import

    said = _Said()
    logging.getLogger("apprise").addHandler(said)
    sender = apprise.Apprise()
    if not sender.add(letter.url):
        scheme = letter.url.partition(":")[0]
        return Receipt("refused", f"apprise cannot use the URL ({scheme}:…): {said.last or 'its form is not known'}")
    try:
        is_sent = sender.notify(body=letter.body, title=letter.title, notify_type=apprise.NotifyType(letter.kind))
    except EgressDenied as denial:
        return Receipt("denied", str(denial))
    if guard.denied:
        return Receipt("denied", guard.denied)
    return Receipt("sent", "") if is_sent else Receipt("unsent", said.last or "the service did not say why")


class _Said(logging.Handler):
    """Keeps the last warning: Apprise logs its reasons."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage()[:_LONGEST]


if __name__ == "__main__":
    main()
