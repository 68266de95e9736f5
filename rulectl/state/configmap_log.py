"""What is durable but not yet in its page: the write-ahead log of the ConfigMap store; no I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from rulectl.state.codec import RECORDS, RULES
from rulectl.state.configmap_layout import RULES as RULES_PAGE
from rulectl.state.configmap_layout import Layout, fnv1a64
from rulectl.state.store import Drop, DropRule, Edit, Put, PutRule
from rulectl.value import Value, encode, mapping

Key: TypeAlias = tuple[str, str | None]
"""A record's rule and uid; a rule and None for the rule's own state."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One edit with its place in the order: edits of one commit have the same `sequence`."""

    sequence: int
    edit: Edit
    document: bytes
    """Both as JSON."""
    spot: int
    """The hash of the uid, which decides about the page; -1 for a rule's own state."""

    @classmethod
    def new(cls, sequence: int, edit: Edit) -> Entry:
        """An entry for `edit`."""
        return cls(sequence, edit, encode({"sequence": sequence, **_to_json(edit)}), _spot_of(edit))

    @classmethod
    def of(cls, value: object) -> Entry:
        """The entry that decoded JSON stands for. Raises ValueError."""
        said = mapping(value)
        sequence = said.get("sequence")
        if not isinstance(sequence, int):
            raise ValueError("an entry of the log without its sequence number")  # noqa: TRY004 - a fault of the data
        edit = _edit_of(said)
        return cls(sequence, edit, encode(value), _spot_of(edit))

    @property
    def key(self) -> Key:
        """What it is about."""
        return _key_of(self.edit)

    def page(self, layout: Layout) -> int:
        """The page that it belongs in."""
        return RULES_PAGE if self.spot < 0 else layout.page_at(self.spot)


Entries: TypeAlias = Mapping[Key, Entry]


@dataclass(slots=True)
class Log:
    """The newest entry of each key that its page does not have yet: in the head itself, or in a segment beside it."""

    inline: dict[Key, Entry] = field(default_factory=dict)
    segments: dict[str, dict[Key, Entry]] = field(default_factory=dict)
    """By the name of the ConfigMap; what has become obsolete is left out here, though not there."""

    def put_inline(self, entries: Entries) -> None:
        """Takes in new entries; older ones of the same keys are obsolete."""
        for key, entry in entries.items():
            for segment in self.segments.values():
                segment.pop(key, None)
            self.inline[key] = entry

    def spill(self, segments: Mapping[str, Entries]) -> None:
        """All that was inline, and what is new, lies in `segments` now."""
        self.inline.clear()
        for name, entries in segments.items():
            for key in entries:
                for segment in self.segments.values():
                    segment.pop(key, None)
            self.segments[name] = dict(entries)

    def flushed(self, page: int, layout: Layout) -> None:
        """The page has all of its entries."""
        for part in (self.inline, *self.segments.values()):
            for key in [key for key, entry in part.items() if entry.page(layout) == page]:
                del part[key]

    def drop_empty_segments(self) -> list[str]:
        """The names of segments in which nothing is needed any more; they are forgotten here."""
        empty = [name for name, entries in self.segments.items() if not entries]
        for name in empty:
            del self.segments[name]
        return empty

    def size(self) -> int:
        """The bytes of all entries, uncompressed."""
        return sum(size_of(part.values()) for part in (self.inline, *self.segments.values()))

    def by_page(self, layout: Layout) -> dict[int, int]:
        """The bytes of the entries that belong in each page."""
        sizes: dict[int, int] = defaultdict(int)
        for part in (self.inline, *self.segments.values()):
            for entry in part.values():
                sizes[entry.page(layout)] += len(entry.document)
        return sizes


def entries_of(sequence: int, edits: Sequence[Edit]) -> dict[Key, Entry]:
    """One commit's entries; of several edits of one key the last counts."""
    entries: dict[Key, Entry] = {}
    for edit in edits:
        entry = Entry.new(sequence, edit)
        entries[entry.key] = entry
    return entries


def size_of(entries: Iterable[Entry]) -> int:
    """The bytes of `entries`, uncompressed."""
    return sum(len(entry.document) for entry in entries)


def _key_of(edit: Edit) -> Key:
    match edit:
        case Put(record):
            return record.rule, record.uid
        case Drop(rule, uid):
            return rule, uid
        case PutRule(state):
            return state.rule, None
        case DropRule(rule):
            return rule, None


def _spot_of(edit: Edit) -> int:
    uid = _key_of(edit)[1]
    return -1 if uid is None else fnv1a64(uid)


def _to_json(edit: Edit) -> dict[str, object]:
    match edit:
        case Put(record):
            return {"put": record}
        case Drop(rule, uid):
            return {"drop": (rule, uid)}
        case PutRule(state):
            return {"putRule": state}
        case DropRule(rule):
            return {"dropRule": rule}


def _edit_of(said: Mapping[str, Value]) -> Edit:
    match said:
        case {"put": record}:
            return Put(RECORDS.of(record))
        case {"drop": [str(rule), str(uid)]}:
            return Drop(rule, uid)
        case {"putRule": state}:
            return PutRule(RULES.of(state))
        case {"dropRule": str(rule)}:
            return DropRule(rule)
        case _:
            raise ValueError("an entry of the log that says nothing known")
