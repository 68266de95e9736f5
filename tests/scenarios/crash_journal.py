"""What a state was told of runs: which began, and how they ended, as far as it outlived the crashes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rulectl.state.record import Record, Run
from rulectl.state.store import Drop, Edit, Loaded, Put, StateStore

Id = tuple[str, str]
"""A rule and the id of one of its records."""


@dataclass(slots=True)
class Begun:
    """One run, and the uid that its record had then."""

    run: Run
    uid: str
    end: Literal["", "ok", "failed", "left"] = ""


@dataclass(slots=True)
class Journal:
    """One for all processes; `of` wraps the store of each."""

    runs: dict[Id, list[Begun]] = field(default_factory=dict)
    _last: dict[tuple[str, str], Record] = field(default_factory=dict)

    def take(self, edits: Sequence[Edit]) -> None:
        for edit in edits:
            match edit:
                case Put(record) if not record.is_target:
                    self._put(record)
                case Drop(rule, uid):
                    before = self._last.pop((rule, uid), None)
                    if before is not None and before.run is not None:
                        self._end(before, "ok" if before.run.stage in {"delete", "resolve"} else "left")
                case _:
                    pass

    def take_all(self, loaded: Loaded) -> None:
        """Another process has begun: a run that it finds begun has not ended, whatever was told before."""
        self._last = {(one.rule, one.uid): one for one in loaded.records if not one.is_target}
        for record in self._last.values():
            if record.run is None:
                continue
            known = self.runs.setdefault((record.rule, record.id), [])
            if not any(begun.run.number == record.run.number for begun in known):
                known.append(Begun(record.run, record.uid))
            for begun in known:
                if begun.run.number == record.run.number:
                    begun.end = ""

    def _put(self, record: Record) -> None:
        before = self._last.get((record.rule, record.uid))
        self._last[record.rule, record.uid] = record
        run = record.run
        if before is not None and before.run is not None and (run is None or run.number != before.run.number):
            self._end(before, self._ending(before.run, record))
        if run is not None and (before is None or before.run is None or before.run.number != run.number):
            known = self.runs.setdefault((record.rule, record.id), [])
            if not any((begun.run.number, begun.uid) == (run.number, record.uid) for begun in known):
                known.append(Begun(run, record.uid))

    @staticmethod
    def _ending(run: Run, after: Record) -> Literal["ok", "failed", "left"]:
        if after.failed is not None and after.failed.number == run.number:
            return "failed"
        if after.run is not None:
            return "left"
        succeeded = after.last_success is not None and after.last_success >= run.begun and after.base == run.values
        return "ok" if run.stage == "resolve" or succeeded else "left"

    def _end(self, before: Record, how: Literal["ok", "failed", "left"]) -> None:
        assert before.run is not None, "only a run that has begun ends"
        for begun in self.runs.get((before.rule, before.id), ()):
            # A record that is carried over to another uid takes its run along.
            if (begun.run.number, begun.uid) == (before.run.number, before.uid):
                begun.end = how


@dataclass(slots=True)
class JournalStore:
    """Passes everything on, and tells the journal what the store took."""

    inner: StateStore
    journal: Journal
    on_intent: Callable[[], None]
    """Called when a run has been written, while the worker that wrote it is still at it."""

    @property
    def is_durable(self) -> bool:
        return self.inner.is_durable

    def load(self) -> Loaded:
        loaded = self.inner.load()
        self.journal.take_all(loaded)
        return loaded

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:
        self.inner.write(edits, durable=durable)
        self.journal.take(edits)
        if durable and any(isinstance(edit, Put) and edit.record.run is not None for edit in edits):
            self.on_intent()

    def flush(self) -> None:
        self.inner.flush()

    def next_flush(self) -> float | None:
        return self.inner.next_flush()

    def flush_due(self, now: float) -> None:
        self.inner.flush_due(now)

    def close(self) -> None:
        self.inner.close()
