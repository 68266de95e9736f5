"""`event`: a Kubernetes Event about the object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import msgspec

from rulectl.action.contract import ActionContext
from rulectl.action.event_series import EVENTS, Told, event_of, record
from rulectl.action.outcome import Outcome
from rulectl.action.permission import Permission
from rulectl.action.subject import ResourceRef, meant, subject_of, time_left
from rulectl.resource import Kind, ObjectKey
from rulectl.value import Value


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
        subject = subject_of(context, self.resource)
        told = self._told(context, subject.resource.kind, subject.key, subject.uid)
        return record(
            context.kube,
            told,
            now=context.clock.now(),
            field_manager=context.field_manager,
            dry_run=context.dry_run == "server",
            timeout_seconds=time_left(context),
        )

    def describe(self, context: ActionContext) -> Value:
        """The Event as it would be created."""
        subject = meant(context, self.resource)
        told = self._told(context, subject.resource.kind, subject.key, subject.uid)
        return {"create": event_of(told, context.clock.now(), context.field_manager)}

    def _told(self, context: ActionContext, kind: Kind, place: ObjectKey, uid: str) -> Told:
        return Told(
            kind,
            place,
            uid,
            self.type,
            self.reason,
            self.message,
            context.rule,
            context.action,
            context.idempotency_key,
        )

    @staticmethod
    def permissions(parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:  # noqa: ARG004
        """To create Events beside the object, and to count them."""
        return (Permission(EVENTS.kind, ("create", "get", "patch")),)
