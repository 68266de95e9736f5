"""Parts of the log in ConfigMaps of their own, for when much is written at once; no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from rulectl.state.configmap_log import Entries, Entry, size_of
from rulectl.state.configmap_payload import Payload, payload_of
from rulectl.value import Value, encode

_BYTES = 2 * 1024 * 1024
"""Uncompressed; records come down to a sixth."""
_PACKED_BYTES = 512 * 1024


def divided(entries: Entries) -> Iterator[tuple[Entries, Payload]]:
    """`entries` in as few parts as fit into a ConfigMap each."""
    is_small = size_of(entries.values()) <= _BYTES or len(entries) == 1
    payload = payload_of(_document(entries.values())) if is_small else None
    if payload is not None and (payload.size <= _PACKED_BYTES or len(entries) == 1):
        yield entries, payload
        return
    items = list(entries.items())
    middle = len(items) // 2
    yield from divided(dict(items[:middle]))
    yield from divided(dict(items[middle:]))


def segment_of(document: Mapping[str, Value]) -> list[Entry]:
    """The entries in a segment. Raises ValueError: it is none."""
    entries = document.get("entries")
    if not isinstance(entries, list):
        raise ValueError("it has no entries")  # noqa: TRY004 - a fault of the data, not of a caller
    return list(map(Entry.of, entries))


def _document(entries: Iterable[Entry]) -> bytes:
    return encode({"entries": [msgspec.Raw(entry.document) for entry in entries]})
