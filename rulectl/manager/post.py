"""The letters of ``rulectl state`` to a rulectl at work: read, carried out, answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rulectl.clock import Clock
from rulectl.controller.controller import Controller
from rulectl.controller.orders import edits_for
from rulectl.errors import RulectlError, UsageError
from rulectl.state.ledger import Ledger
from rulectl.state.mailbox import Letter, Mailbox
from rulectl.state.request import Ack, Clear, Rename, Resume, Retry

DONE = "done"
"""How the answer to a letter begins that was carried out; all others say why not."""


@dataclass(frozen=True, slots=True)
class _UnderWay:
    letter: Letter
    controller: Controller
    uids: tuple[str, ...]


@dataclass(slots=True)
class Post:
    """Reads the mailbox when it is called; one thread at a time."""

    mailbox: Mailbox
    ledger: Ledger
    clock: Clock
    controllers: Callable[[], list[Controller]]
    _under_way: dict[str, _UnderWay] = field(default_factory=dict)

    def see_to(self) -> bool:
        """Carries out what has come, and answers what is done; whether there was anything."""
        did = False
        for number, one in list(self._under_way.items()):
            if one.controller.reconciler.orders.are_done(one.uids):
                count = len(one.uids)
                self._reply(number, f"{DONE}: {count} object{'' if count == 1 else 's'}")
                del self._under_way[number]
                did = True
        for letter in self.mailbox.letters():
            if letter.number not in self._under_way:
                did = True
                self._see_to(letter)
        return did

    def _see_to(self, letter: Letter) -> None:
        try:
            line = self._carried_out(letter)
        except RulectlError as fault:
            line = str(fault)
        if line:
            self._reply(letter.number, line)

    def _carried_out(self, letter: Letter) -> str:
        """The answer; empty: workers have still to see to it."""
        request = letter.request
        at_work = {one.rule.name: one for one in self.controllers()}
        match request:
            case Ack(rule) | Retry(rule) if rule in at_work:
                uids = at_work[rule].order(request)
                if not uids:
                    edits_for(request, self.ledger.of_rule(rule), self.ledger.rules(), self.clock.now())
                self._under_way[letter.number] = _UnderWay(letter, at_work[rule], tuple(uids))
                return ""
            case Resume(rule) if rule in at_work:
                at_work[rule].resume()
                return f"{DONE}: {rule} goes on"
            case Rename(old, new) if old in at_work or new in at_work:
                running = old if old in at_work else new
                msg = f"rule {running!r} is at work; stop rulectl first, then rename"
                raise UsageError(msg)
            case Clear(rule) if rule in at_work:
                msg = f"rule {rule!r} is at work; take it out of the rules (or stop rulectl) first, then clear"
                raise UsageError(msg)
            case _:
                records = [record for state in self.ledger.rules() for record in self.ledger.of_rule(state.rule)]
                edits = edits_for(request, records, self.ledger.rules(), self.clock.now())
                self.ledger.write(edits, durable=True)
                return f"{DONE}: {len(edits)} change{'' if len(edits) == 1 else 's'}"

    def _reply(self, number: str, line: str) -> None:
        self.mailbox.reply(number, line)
