"""Events under their two names: ``v1`` and ``events.k8s.io/v1`` are one resource with renamed fields."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.value import Value

_NEW_NAMES = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
_CORE_NAMES = {new: core for core, new in _NEW_NAMES.items()}


def to_new(event: Mapping[str, Value]) -> dict[str, Value]:
    """A stored (core) Event with the field names of events.k8s.io/v1."""
    return {_NEW_NAMES.get(key, key): value for key, value in event.items()}


def to_core(event: Mapping[str, Value]) -> dict[str, Value]:
    """An events.k8s.io/v1 Event with the field names of the core group."""
    return {_CORE_NAMES.get(key, key): value for key, value in event.items()}
