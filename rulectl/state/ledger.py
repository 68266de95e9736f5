"""The working set: all records in memory, in front of the store that makes them last."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Collection, Iterator, Sequence
from typing import TypeAlias

from rulectl.errors import PermanentError, TransientError
from rulectl.resource import ObjectKey
from rulectl.state.record import Record, RuleState
from rulectl.state.store import Drop, DropRule, Edit, Put, PutRule, StateStore

_Place: TypeAlias = tuple[str, str]
"""A rule, and a uid; without one it is the rule's own state."""


class Ledger:
    """Every record, found by rule and uid or by rule and place; writes go through to the store first.

    Reads never wait for a write under way. Two threads must not write the same record at once:
    the work queue sees to that by never handing out a key twice.
    """

    def __init__(self, store: StateStore) -> None:
        """Takes in all that `store` holds; raises what its `load` raises."""
        self._store = store
        self._lock = threading.Lock()
        self._records: dict[str, dict[str, Record]] = {}
        self._places: dict[str, dict[str, dict[str, str | tuple[str, ...]]]] = {}
        """By rule, namespace and name the uid; many in the rare case that objects followed each other there."""
        self._rules: dict[str, RuleState] = {}
        self._doubtful: set[_Place] = set()
        loaded = store.load()
        self.meta = loaded.meta
        """See `Loaded.meta`."""
        self.broken: PermanentError | None = None
        """Why nothing can be kept any more (another process took over, the disk fails): the process should end."""
        self._take([*map(Put, loaded.records), *map(PutRule, loaded.rules)])

    @property
    def is_durable(self) -> bool:
        """Whether records outlive the process."""
        return self._store.is_durable

    def record(self, rule: str, uid: str) -> Record | None:
        """The record of a rule and an object (or target), if there is one."""
        return self._records.get(rule, {}).get(uid)

    def at(self, rule: str, key: ObjectKey) -> list[Record]:
        """The rule's records of objects that live or lived under `key`, in no particular order."""
        with self._lock:
            records = self._records.get(rule, {})
            return [records[uid] for uid in self._uids(rule, key.namespace, key.name)]

    def of_rule(self, rule: str) -> list[Record]:
        """All records of a rule, those of its targets too."""
        with self._lock:
            return list(self._records.get(rule, {}).values())

    def rules(self) -> list[RuleState]:
        """What is remembered of each rule, also of rules that are not loaded."""
        with self._lock:
            return list(self._rules.values())

    def rule(self, rule: str) -> RuleState | None:
        """What is remembered of one rule; None: it is new."""
        return self._rules.get(rule)

    def write(self, edits: Sequence[Edit], *, durable: bool = False) -> None:
        """Keeps `edits`, all or none; with `durable` they would survive a crash when it returns.

        Raises:
            TransientError, PermanentError: from the store; the working set is then unchanged. The store is told so
                with a later write, as a write that fails may have taken effect.
        """
        written = {_place(edit) for edit in edits}
        with self._noticing():
            self._correct(but_for=written)
            try:
                self._store.write(edits, durable=durable)
            except TransientError:
                with self._lock:
                    self._doubtful |= written
                raise
        self._take(edits)

    def flush(self) -> None:
        """Makes everything written so far durable."""
        self._store.flush()

    def next_flush(self) -> float | None:
        """See `StateStore.next_flush`."""
        return self._store.next_flush()

    def flush_due(self, now: float) -> None:
        """See `StateStore.flush_due`."""
        with self._noticing():
            self._correct()
            self._store.flush_due(now)

    def close(self) -> None:
        """Flushes and closes the store."""
        self._store.close()

    def _correct(self, but_for: Collection[_Place] = ()) -> None:
        """Has the store keep what the working set says of whatever a failed write may have changed there.

        Not durably, hence quickly and under the lock: what the caller, or anybody, writes of these comes after it.
        """
        with self._lock:
            self._doubtful.difference_update(but_for)
            if self._doubtful:
                self._store.write([self._known(*place) for place in sorted(self._doubtful)], durable=False)
                self._doubtful.clear()

    def _known(self, rule: str, uid: str) -> Edit:
        if not uid:
            state = self._rules.get(rule)
            return DropRule(rule) if state is None else PutRule(state)
        record = self._records.get(rule, {}).get(uid)
        return Drop(rule, uid) if record is None else Put(record)

    @contextlib.contextmanager
    def _noticing(self) -> Iterator[None]:
        try:
            yield
        except PermanentError as fault:
            self.broken = fault
            raise

    def _take(self, edits: Sequence[Edit]) -> None:
        with self._lock:
            for edit in edits:
                match edit:
                    case Put(record):
                        self._put(record)
                    case Drop(rule, uid):
                        self._drop(rule, uid)
                    case PutRule(state):
                        self._rules[state.rule] = state
                    case DropRule(rule):
                        self._rules.pop(rule, None)

    def _put(self, record: Record) -> None:
        records = self._records.setdefault(record.rule, {})
        before = records.get(record.uid)
        if before is not None and before.key != record.key:
            self._drop(record.rule, record.uid)
        records[record.uid] = record
        uids = self._uids(record.rule, record.namespace, record.name)
        if record.uid not in uids:
            names = self._places.setdefault(record.rule, {}).setdefault(record.namespace, {})
            names[record.name] = (*uids, record.uid) if uids else record.uid

    def _drop(self, rule: str, uid: str) -> None:
        record = self._records.get(rule, {}).pop(uid, None)
        if record is None:
            return
        left = tuple(other for other in self._uids(rule, record.namespace, record.name) if other != uid)
        names = self._places[rule][record.namespace]
        if left:
            names[record.name] = left
        else:
            del names[record.name]

    def _uids(self, rule: str, namespace: str, name: str) -> tuple[str, ...]:
        found = self._places.get(rule, {}).get(namespace, {}).get(name, ())
        return (found,) if isinstance(found, str) else found


def _place(edit: Edit) -> _Place:
    match edit:
        case Put(record):
            return record.rule, record.uid
        case Drop(rule, uid):
            return rule, uid
        case PutRule(state):
            return state.rule, ""
        case DropRule(rule):
            return rule, ""
