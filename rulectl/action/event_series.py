"""Kubernetes Events (events.k8s.io/v1): one for all that is the same, with a series that counts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from rulectl.action.kube import Kube, KubeObject
from rulectl.action.outcome import Done, Outcome, Unchanged
from rulectl.action.write import WrittenMeanwhile, on_fresh_object
from rulectl.errors import Conflict, NotFound, TransientError
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import Value, encode_sorted, mapping, text

EVENTS: Final = Resource(Kind("events.k8s.io/v1", "Event"), "events", namespaced=True)
CONTROLLER: Final = "rulectl.dev/rulectl"
KEY: Final = "rulectl.dev/idempotency-key"
_LONGEST_NOTE: Final = 1024
_NOWHERE: Final = "default"
"""The namespace of Events about objects that have none."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an Event says. `key` tells the occasion: the same one is counted once, however often it is told."""

    kind: Kind
    place: ObjectKey
    uid: str
    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    rule: str
    action: str
    key: str

    @property
    def note(self) -> str:
        """The message, cut to what an Event takes."""
        data = self.message.encode()
        if len(data) <= _LONGEST_NOTE:
            return self.message
        return data[: _LONGEST_NOTE - 3].decode(errors="ignore") + "…"


def record(kube: Kube, told: Told, *, now: float, field_manager: str, dry_run: bool, timeout_seconds: float) -> Outcome:
    """Creates the Event, or counts it once more; unchanged when it was counted for this occasion.

    Raises:
        TransientError: somebody else wrote it, or it expired, at the same time; or nobody answered.
        PermanentError: the server will not have it.
    """
    body = event_of(told, now, field_manager)
    metadata = mapping(body["metadata"])
    place = ObjectKey(text(metadata["namespace"]), text(metadata["name"]))
    try:
        kube.create(
            EVENTS,
            place.namespace,
            body,
            field_manager=field_manager,
            dry_run=dry_run,
            timeout_seconds=timeout_seconds,
        )
    except Conflict:
        return on_fresh_object(lambda: _count(kube, told, place, now, field_manager, timeout_seconds, dry_run=dry_run))
    return Done(f"event {told.reason} recorded")


def event_of(told: Told, now: float, field_manager: str) -> KubeObject:
    """The Event as it is created the first time."""
    regarding = {
        "apiVersion": told.kind.api_version,
        "kind": told.kind.kind,
        "name": told.place.name,
        "namespace": told.place.namespace,
        "uid": told.uid,
    }
    identity: Value = [told.rule, told.action, regarding, told.type, told.reason, told.note]
    digest = hashlib.sha256(encode_sorted(identity)).hexdigest()
    return {
        "apiVersion": EVENTS.kind.api_version,
        "kind": "Event",
        "metadata": {
            "name": f"{told.place.name[:200].rstrip('.-')}.{digest[:16]}",
            "namespace": told.place.namespace or _NOWHERE,
            "annotations": {KEY: told.key},
        },
        "eventTime": _micro_time(now),
        "reportingController": CONTROLLER,
        "reportingInstance": field_manager,
        "action": told.action[:128] or "event",
        "reason": told.reason,
        "regarding": {name: value for name, value in regarding.items() if value},
        "note": told.note,
        "type": told.type,
    }


def _count(
    kube: Kube,
    told: Told,
    place: ObjectKey,
    now: float,
    field_manager: str,
    timeout_seconds: float,
    *,
    dry_run: bool,
) -> Outcome:
    expired = f"event {place} expired just now; it is created by the next try"
    try:
        there = kube.get(EVENTS, place, timeout_seconds=timeout_seconds)
    except NotFound as fault:
        raise TransientError(expired) from fault
    metadata, series = mapping(there.get("metadata")), mapping(there.get("series"))
    if mapping(metadata.get("annotations")).get(KEY) == told.key:
        return Unchanged(f"event {told.reason} was recorded for this run already")
    count = series.get("count")
    times = (count if isinstance(count, int) else 1) + 1
    body: KubeObject = {
        "metadata": {"resourceVersion": metadata.get("resourceVersion"), "annotations": {KEY: told.key}},
        "series": {"count": times, "lastObservedTime": _micro_time(now)},
    }
    try:
        kube.patch(
            EVENTS,
            place,
            body,
            "merge",
            field_manager=field_manager,
            dry_run=dry_run,
            timeout_seconds=timeout_seconds,
        )
    except NotFound as fault:
        raise TransientError(expired) from fault
    except Conflict as fault:
        raise WrittenMeanwhile(f"event {place} was counted by somebody else at the same time: {fault}") from fault
    return Done(f"event {told.reason} recorded, {times} times by now")


def _micro_time(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
