"""The pages of the ConfigMap store: the records by the hash of their uid, and the rules' states; no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rulectl.state.codec import RECORDS, RULES
from rulectl.state.configmap_layout import RULES as RULES_PAGE
from rulectl.state.configmap_layout import Layout
from rulectl.state.configmap_log import Entry, Key
from rulectl.state.record import Record, RuleState
from rulectl.state.store import Put, PutRule
from rulectl.value import Value, encode

Content: TypeAlias = "Record | RuleState"


@dataclass(slots=True)
class Page:
    """All that one page is to have. `upto`: the newest commit of which its ConfigMap has everything."""

    content: dict[Key, Content] = field(default_factory=dict)
    upto: int = -1
    resource_version: str = ""
    """Of its ConfigMap; empty: there is none yet."""

    def document(self, index: int, epoch: int, sequence: int) -> bytes:
        """As JSON, with everything up to the commit `sequence`."""
        kind = "rules" if index == RULES_PAGE else "records"
        return encode({"page": index, "epoch": epoch, "upto": sequence, kind: list(self.content.values())})


def page_of(document: Mapping[str, Value], index: int) -> Page:
    """The page in a document. Raises ValueError: it is damaged, or another one."""
    upto, found = document.get("upto"), document.get("page")
    if found != index or not isinstance(upto, int):
        raise ValueError(f"it is not page {index}")
    records, rules = document.get("records", []), document.get("rules", [])
    if not isinstance(records, list) or not isinstance(rules, list):
        raise ValueError("its content is no list")  # noqa: TRY004 - a fault of the data, not of a caller
    content: dict[Key, Content] = {}
    for record in map(RECORDS.of, records):
        content[record.rule, record.uid] = record
    for state in map(RULES.of, rules):
        content[state.rule, None] = state
    return Page(content, upto)


def apply(pages: dict[int, Page], layout: Layout, entries: Iterable[Entry]) -> None:
    """Brings the entries' edits into their pages."""
    for entry in entries:
        page = pages.setdefault(entry.page(layout), Page())
        match entry.edit:
            case Put(record):
                page.content[entry.key] = record
            case PutRule(state):
                page.content[entry.key] = state
            case _:
                page.content.pop(entry.key, None)


def replayed(pages: dict[int, Page], layout: Layout, entries: Iterable[Entry]) -> dict[Key, Entry]:
    """Brings in what the pages do not have yet, in order; the newest entry of each such key."""
    missing: dict[Key, Entry] = {}
    for entry in sorted(entries, key=lambda one: one.sequence):
        page = pages.get(entry.page(layout))
        if page is None or page.upto < entry.sequence:
            missing[entry.key] = entry
    apply(pages, layout, missing.values())
    return missing


def redistributed(pages: Mapping[int, Page], layout: Layout) -> dict[int, Page]:
    """The same records in the pages of another layout, without those that would be empty."""
    spread: dict[int, Page] = {}
    for index, page in pages.items():
        if index != RULES_PAGE:
            for key, content in page.content.items():
                target = layout.page_of(content.uid if isinstance(content, Record) else "")
                spread.setdefault(target, Page()).content[key] = content
    return spread
