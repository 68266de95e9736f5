"""Records in memory only: best effort, gone with the process."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from rulectl.state.digest import new_meta
from rulectl.state.record import Record, RuleState
from rulectl.state.store import Drop, DropRule, Edit, Loaded, Put, PutRule


class MemoryStore:
    """Keeps what it is given while the object lives.

    Hand the same object to the next engine to simulate a restart: `is_durable` says whether it shall pass for a
    durable store then.
    """

    def __init__(self, *, is_durable: bool = False) -> None:
        self._is_durable = is_durable
        self._lock = threading.Lock()
        self._records: dict[str, dict[str, Record]] = {}
        self._rules: dict[str, RuleState] = {}
        self._meta = new_meta()

    @property
    def is_durable(self) -> bool:
        """See `StateStore.is_durable`."""
        return self._is_durable

    def fill(self, loaded: Loaded) -> None:
        """Takes in what another store holds, for a run that must not write there."""
        with self._lock:
            self._records = {}
            for record in loaded.records:
                self._records.setdefault(record.rule, {})[record.uid] = record
            self._rules = {state.rule: state for state in loaded.rules}
            self._meta = {**self._meta, **loaded.meta}

    def load(self) -> Loaded:
        """See `StateStore.load`."""
        with self._lock:
            records = (record for of_rule in self._records.values() for record in of_rule.values())
            return Loaded(tuple(records), tuple(self._rules.values()), self._meta)

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:  # noqa: ARG002 - all are equal here
        """See `StateStore.write`."""
        with self._lock:
            for edit in edits:
                match edit:
                    case Put(record):
                        self._records.setdefault(record.rule, {})[record.uid] = record
                    case Drop(rule, uid):
                        self._records.get(rule, {}).pop(uid, None)
                    case PutRule(state):
                        self._rules[state.rule] = state
                    case DropRule(rule):
                        self._rules.pop(rule, None)

    def flush(self) -> None:
        """See `StateStore.flush`."""

    def next_flush(self) -> float | None:
        """See `StateStore.next_flush`."""
        return None

    def flush_due(self, now: float) -> None:
        """See `StateStore.flush_due`."""

    def close(self) -> None:
        """See `StateStore.close`."""
