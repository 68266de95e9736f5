"""The bytes of a watch stream -> lines -> typed events; pure, and nothing a server sends raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec
from msgspec import Struct, field

from rulectl.errors import RulectlError
from rulectl.kube.object import KubeObject
from rulectl.kube.projection import Projection
from rulectl.kube.status import error_of_status
from rulectl.resource import ObjectKey
from rulectl.value import Value, decode, mapping, text

INITIAL_EVENTS_END = "k8s.io/initial-events-end"
LONGEST_LINE_BYTES = 64 * 1024 * 1024
"""No object is near this (etcd stops at 1.5 MB); what is longer is not a watch stream."""

_CONTROL = (b"BOOKMARK", b"ERROR")
_PREFIX_BYTES = 32


class Put(Struct, frozen=True, gc=False):
    """ADDED or MODIFIED: the object is now like this. Servers mix the two up, so they are one here."""

    object: KubeObject


class Removed(Struct, frozen=True, gc=False):
    """DELETED: the object is gone, or has left the selector; `object` is its last state."""

    object: KubeObject


class Bookmark(Struct, frozen=True, gc=False):
    """All changes up to `resource_version` have been sent."""

    resource_version: str
    ends_initial_events: bool


class Failure(Struct, frozen=True, gc=False):
    """The server ends the stream and says why."""

    error: RulectlError


class Broken(Struct, frozen=True, gc=False):
    """An item that cannot be read; the stream is good all the same.

    `key` and `uid` say which object it is, where even that could be read.
    """

    reason: str
    key: ObjectKey | None = None
    uid: str = ""
    resource_version: str = ""
    removed: bool = False
    """It came as DELETED."""


Event: TypeAlias = Put | Removed | Bookmark | Failure | Broken


class FrameReader:
    """One stream's decoder: feed it what was read, however the bytes are cut."""

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._lines = _Lines()
        self._typed = projection.types.lines if projection.types is not None else None

    def feed(self, data: bytes) -> list[Event]:
        """The events that are complete now, in order; a rest waits for more."""
        block, too_long = self._lines.feed(data)
        events: list[Event] = []
        if block:
            events = self._decode_block(block)
        if too_long:
            events.append(Broken(f"a line of more than {LONGEST_LINE_BYTES} bytes"))
        return events

    def _decode_block(self, block: bytes) -> list[Event]:
        if self._typed is not None:
            try:
                return [self._event(line.type, line.object) for line in self._typed.decode_lines(block)]
            except ValueError:
                pass  # a control event or one odd object in it; line by line finds out which
        return [self._decode_line(line) for line in block.split(b"\n") if line.strip()]

    def _decode_line(self, line: bytes) -> Event:
        # Before typed decoding: a Status has `status: "Failure"`, where most kinds have an object.
        if not any(word in line[:_PREFIX_BYTES] for word in _CONTROL) and self._typed is not None:
            try:
                envelope = self._typed.decode(line)
                return self._event(envelope.type, envelope.object)
            except ValueError:
                pass
        try:
            frame = mapping(decode(line))
        except ValueError as error:
            return broken(line, f"not JSON: {error}")
        kind, item = text(frame.get("type")), mapping(frame.get("object"))
        if kind == "BOOKMARK":
            return _bookmark(item)
        if kind == "ERROR":
            return Failure(error_of_status(item))
        try:
            return self._event(kind, self._projection.of(item))
        except ValueError as error:
            return broken(line, str(error))

    def _event(self, kind: str, item: KubeObject) -> Event:
        if kind in ("ADDED", "MODIFIED"):
            return Put(item)
        if kind == "DELETED":
            return Removed(item)
        if kind in ("BOOKMARK", "ERROR"):
            raise ValueError("a control event that looks like an object")
        return Broken(f"unknown event type {kind!r}", item.key, item.uid, item.resource_version)


class _BareMetadata(Struct, frozen=True):
    name: str
    namespace: str | None = None
    uid: str | None = None
    version: str | None = field(default=None, name="resourceVersion")


class _BareObject(Struct, frozen=True):
    metadata: _BareMetadata


class _BareFrame(Struct, frozen=True):
    object: _BareObject
    type: str = ""


_bare_object = msgspec.json.Decoder(_BareObject)
_bare_frame = msgspec.json.Decoder(_BareFrame)


def broken(data: bytes, reason: str) -> Broken:
    """The report on a frame or an object, with as much of its identity as can be read.

    It holds nothing else of the data, which may be a secret.
    """
    for read in (_bare_frame.decode, _bare_object.decode):
        try:
            bare = read(data)
        except ValueError:
            continue
        removed = isinstance(bare, _BareFrame) and bare.type == "DELETED"
        metadata = bare.object.metadata if isinstance(bare, _BareFrame) else bare.metadata
        key = ObjectKey(metadata.namespace or "", metadata.name)
        return Broken(reason, key, metadata.uid or "", metadata.version or "", removed)
    return Broken(reason)


class _Lines:
    """Bytes -> blocks of complete lines."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._size = 0
        self._skipping = False

    def feed(self, data: bytes) -> tuple[bytes, bool]:
        """The complete lines as one block, and whether an endless line was given up just now."""
        end = data.rfind(b"\n") + 1
        if self._skipping:
            start = data.find(b"\n") + 1
            if not start:
                return b"", False
            self._skipping = False
            data, end = data[start:], end - start
        if not end:
            self._keep(data)
            if self._size <= LONGEST_LINE_BYTES:
                return b"", False
            self._rest, self._size, self._skipping = [], 0, True
            return b"", True
        block = b"".join((*self._rest, data[:end]))
        self._rest, self._size = [], 0
        self._keep(data[end:])
        return block, False

    def _keep(self, data: bytes) -> None:
        if data:
            self._rest.append(data)
            self._size += len(data)


def _bookmark(item: Mapping[str, Value]) -> Bookmark:
    metadata = mapping(item.get("metadata"))
    annotations = mapping(metadata.get("annotations"))
    return Bookmark(text(metadata.get("resourceVersion")), annotations.get(INITIAL_EVENTS_END) == "true")
