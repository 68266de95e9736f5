"""`event`: a Kubernetes Event about the object."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, ClassVar, Final, Literal

import msgspec

from rulectl.action.contract import ActionContext
from rulectl.action.kube import KubeObject
from rulectl.action.outcome import Done, Outcome, Unchanged
from rulectl.action.permission import Permission
from rulectl.action.subject import ResourceRef, Subject, named, subject_of, time_left, version_of
from rulectl.action.write import patch
from rulectl.errors import Conflict, NotFound, TransientError
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import Value, encode_sorted, mapping

EVENTS: Final = Resource(Kind("events.k8s.io/v1", "Event"), "events", namespaced=True)
CONTROLLER: Final = "rulectl.dev/rulectl"
KEY: Final = "rulectl.dev/idempotency-key"
_LONGEST_NOTE: Final = 1024


@dataclass(frozen=True, slots=True)
class Event:
    """Record an Event that ``kubectl describe`` shows with the object.

    The same reason and message for the same object are one Event, whose series counts the runs that
    said so; tried again for the same run it counts nothing.
    """

    name: ClassVar[str] = "event"
    has_server_dry_run: ClassVar[bool] = True

    reason: Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Za-z0-9]{0,127}$")]
    """Why, in one CamelCase word such as QuotaExceeded."""
    message: str
    """What happened; cut after 1024 bytes."""
    type: Literal["Normal", "Warning"] = "Normal"
    """Warning stands out."""
    resource: ResourceRef | None = None
    """The object it is about; absent: the target with forEach, else the object."""

    def run(self, context: ActionContext) -> Outcome:
        """Creates the Event, or counts it once more."""
        body = self._body(context)
        metadata = mapping(body["metadata"])
        key = ObjectKey(str(metadata["namespace"]), str(metadata["name"]))
        try:
            context.kube.create(
                EVENTS,
                key.namespace,
                body,
                field_manager=context.field_manager,
                dry_run=context.dry_run == "server",
                timeout_seconds=time_left(context),
            )
        except Conflict:
            return self._count(context, key)
        return Done(f"event {self.reason} recorded")

    def _count(self, context: ActionContext, key: ObjectKey) -> Outcome:
        try:
            there = context.kube.get(EVENTS, key, timeout_seconds=time_left(context))
        except NotFound as fault:
            raise TransientError(f"event {key} expired just now; it is created by the next try") from fault
        metadata, series = mapping(there.get("metadata")), mapping(there.get("series"))
        if mapping(metadata.get("annotations")).get(KEY) == context.idempotency_key:
            return Unchanged(f"event {self.reason} was recorded for this run already")
        count = series.get("count")
        times = (count if isinstance(count, int) else 1) + 1
        body: KubeObject = {
            "metadata": {"resourceVersion": version_of(there), "annotations": {KEY: context.idempotency_key}},
            "series": {"count": times, "lastObservedTime": _micro_time(context)},
        }
        if patch(context, Subject(EVENTS, key), body, "merge") is None:
            raise TransientError(f"event {key} expired just now; it is created by the next try")
        return Done(f"event {self.reason} recorded, {times} times by now")

    def describe(self, context: ActionContext) -> Value:
        """The Event as it would be created."""
        return {
            "event": named(context, self.resource),
            "type": self.type,
            "reason": self.reason,
            "message": self._note(),
        }

    def _body(self, context: ActionContext) -> KubeObject:
        subject = subject_of(context, self.resource)
        kind, namespace, note = subject.resource.kind, subject.key.namespace, self._note()
        regarding = {
            "apiVersion": kind.api_version,
            "kind": kind.kind,
            "name": subject.key.name,
            "namespace": namespace,
            "uid": subject.uid,
        }
        identity: Value = [context.rule, context.action, regarding, self.type, self.reason, note]
        digest = hashlib.sha256(encode_sorted(identity)).hexdigest()
        return {
            "apiVersion": EVENTS.kind.api_version,
            "kind": "Event",
            "metadata": {
                "name": f"{subject.key.name[:200].rstrip('.-')}.{digest[:16]}",
                "namespace": namespace or "default",
                "annotations": {KEY: context.idempotency_key},
            },
            "eventTime": _micro_time(context),
            "reportingController": CONTROLLER,
            "reportingInstance": context.field_manager,
            "action": self._action(context),
            "reason": self.reason,
            "regarding": {name: value for name, value in regarding.items() if value},
            "note": note,
            "type": self.type,
        }

    def _note(self) -> str:
        data = self.message.encode()
        return self.message if len(data) <= _LONGEST_NOTE else data[: _LONGEST_NOTE - 3].decode(errors="ignore") + "…"

    @staticmethod
    def _action(context: ActionContext) -> str:
        return context.action[:128] or "event"

    @staticmethod
    def permissions(parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:  # noqa: ARG004
        """To create Events beside the object, and to count them."""
        return (Permission(EVENTS.kind, ("create", "get", "patch")),)


def _micro_time(context: ActionContext) -> str:
    return datetime.fromtimestamp(context.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
