"""The ConfigMap that says what is durable, and whose the state is: its content; no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from rulectl.errors import PermanentError
from rulectl.state.configmap_layout import Layout
from rulectl.state.configmap_log import Entry
from rulectl.state.holder import Holder
from rulectl.state.identity import Identity, Owner
from rulectl.value import Value, encode, mapping, text

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Head:
    """One version of it. A commit is one replacement of the head by the next version, or has not happened."""

    owner: Owner
    holder: Holder
    epoch: int
    """How many processes have taken the state over, this one included."""
    sequence: int
    """Of the newest commit."""
    layout: Layout
    meta: Mapping[str, str]
    pages: Mapping[int, int] = field(default_factory=dict)
    """The pages that exist, and up to which commit each has everything at least."""
    segments: tuple[str, ...] = ()
    log: tuple[Entry, ...] = ()
    """Entries that are not yet in their pages, nor in a segment."""

    def document(self) -> bytes:
        """As JSON."""
        return encode(
            {
                "format": FORMAT,
                "name": self.owner.name,
                "cluster": self.owner.cluster.to_json(),
                "holder": self.holder.to_json(),
                "epoch": self.epoch,
                "sequence": self.sequence,
                "layout": self.layout.to_json(),
                "pages": {str(index): upto for index, upto in self.pages.items()},
                "segments": self.segments,
                "meta": self.meta,
                "log": [msgspec.Raw(entry.document) for entry in self.log],
            }
        )

    def is_of(self, holder: Holder) -> bool:
        """Whether `holder` wrote it."""
        return self.holder.token == holder.token


def head_of(document: Mapping[str, Value]) -> Head:
    """The head in a document.

    Raises:
        PermanentError: of a newer format.
        ValueError: it is damaged.
    """
    found = document.get("format")
    if found != FORMAT:
        raise PermanentError(
            f"the state has format {found}, this rulectl knows {FORMAT}:"
            " use the version of rulectl that wrote it, or another --name"
        )
    try:
        holder = Holder.of(document["holder"])
        if holder is None:
            raise ValueError("it names no holder")
        log, segments = document["log"], document["segments"]
        return Head(
            owner=Owner(text(document["name"]), Identity.of(mapping(document["cluster"]))),
            holder=holder,
            epoch=_number(document["epoch"]),
            sequence=_number(document["sequence"]),
            layout=Layout.of(mapping(document["layout"])),
            pages={int(index): _number(upto) for index, upto in mapping(document["pages"]).items()},
            segments=tuple(map(text, segments)) if isinstance(segments, list) else (),
            meta={name: text(value) for name, value in mapping(document["meta"]).items()},
            log=tuple(map(Entry.of, log)) if isinstance(log, list) else (),
        )
    except KeyError as error:
        raise ValueError(f"it does not say its {error}") from error


def _number(value: Value) -> int:
    if not isinstance(value, int):
        raise ValueError(f"{value!r} is no number")  # noqa: TRY004 - a fault of the data, not of a caller
    return value
