"""What people ask of records (``rulectl state``), carried out where nobody else writes the record."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never

from msgspec.structs import replace

from rulectl.controller.outcome import retried
from rulectl.errors import UsageError
from rulectl.resource import ObjectKey
from rulectl.state.record import Record, RuleState
from rulectl.state.request import Ack, Clear, Rename, Request, Resume, Retry
from rulectl.state.store import Drop, DropRule, Edit, Put, PutRule


def concerns(request: Ack | Retry, record: Record) -> bool:
    """Whether there is something to do for `record`."""
    match request:
        case Ack():
            return record.held
        case Retry(_, namespace, name):
            here = not name or record.key == ObjectKey(namespace, name)
            return record.failed is not None and not record.is_target and here
        case _:
            assert_never(request)


def ordered(request: Ack | Retry, record: Record, now: float) -> Record:
    """The record after the request; the very record when it does not concern it (any more)."""
    if not concerns(request, record):
        return record
    match request:
        case Ack():
            return replace(record, held=False, released=True)
        case Retry():
            return retried(record, now)
        case _:
            assert_never(request)


def edits_for(request: Request, records: Iterable[Record], rules: Iterable[RuleState], now: float) -> list[Edit]:
    """What to write for a request about rules that no engine works on now; `records` are all there are.

    Raises:
        UsageError: there is no such rule, or nothing to do; the message says so.
    """
    known = {state.rule: state for state in rules}
    of_rule = [record for record in records if record.rule == _rule_of(request)]
    if _rule_of(request) not in known and not of_rule:
        names = ", ".join(sorted(known)) or "none"
        msg = f"nothing is remembered of a rule {_rule_of(request)!r}; known rules: {names}"
        raise UsageError(msg)
    match request:
        case Ack() | Retry():
            changed = [(one, ordered(request, one, now)) for one in of_rule]
            found: list[Edit] = [Put(after) for before, after in changed if after is not before]
            if not found:
                what = "is held" if isinstance(request, Ack) else "has failed for good"
                msg = f"nothing of rule {request.rule!r} {what}"
                raise UsageError(msg)
            return found
        case Resume(rule):
            return [PutRule(resumed(known.get(rule), rule))]
        case Rename(old, new):
            if new in known or any(record.rule == new for record in records):
                msg = f"there are records of a rule {new!r} already; clear them first, or choose another name"
                raise UsageError(msg)
            moved: list[Edit] = [Put(replace(record, rule=new)) for record in of_rule]
            state = known.get(old, RuleState(old))
            drops: list[Edit] = [Drop(old, record.uid) for record in of_rule]
            return [*moved, PutRule(replace(state, rule=new)), *drops, DropRule(old)]
        case Clear(rule):
            return [*(Drop(rule, record.uid) for record in of_rule), DropRule(rule)]
        case _:
            assert_never(request)


def resumed(state: RuleState | None, rule: str) -> RuleState:
    """The rule's state, going on.

    Raises:
        UsageError: it is not paused.
    """
    if state is None or not state.paused:
        msg = f"rule {rule!r} is not paused"
        raise UsageError(msg)
    return replace(state, paused=False, paused_reason="")


def _rule_of(request: Request) -> str:
    return request.old if isinstance(request, Rename) else request.rule


@dataclass(slots=True)
class Orders:
    """Requests about single records of a rule that is at work, kept until the record's own worker sees them."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _waiting: dict[str, Ack | Retry] = field(default_factory=dict)

    def place(self, uid: str, request: Ack | Retry) -> None:
        """Has the next worker on that record carry out `request`."""
        with self._lock:
            self._waiting[uid] = request

    @property
    def is_empty(self) -> bool:
        """Whether no request waits, as nearly always."""
        return not self._waiting

    def take(self, uid: str) -> Ack | Retry | None:
        """The request that waits for a record, which is the caller's to carry out now."""
        with self._lock:
            return self._waiting.pop(uid, None)

    def are_done(self, uids: Iterable[str]) -> bool:
        """Whether none of these waits."""
        with self._lock:
            return not any(uid in self._waiting for uid in uids)
