"""`delete`: an object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import msgspec

from rulectl.action.contract import ActionContext
from rulectl.action.outcome import Done, Outcome, Unchanged
from rulectl.action.permission import Permission, permissions_on
from rulectl.action.subject import ResourceRef, Subject, current, named, subject_of, time_left, uid_of, version_of
from rulectl.action.write import gone
from rulectl.errors import Conflict, NotFound, TransientError
from rulectl.resource import Kind
from rulectl.value import Value, mapping


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete an object, and only that one: a successor of the same name stays."""

    name: ClassVar[str] = "delete"
    has_server_dry_run: ClassVar[bool] = True

    propagation: Literal["Background", "Foreground", "Orphan"] = "Background"
    """What happens to the objects that it owns."""
    grace_period_seconds: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """How long a pod has to end; absent: what the object says itself."""
    resource_version: str = ""
    """Delete only this version: an object that has changed since is left alone. Absent: whichever it is."""
    resource: ResourceRef | None = None
    """The object; absent: the target with forEach, else the object."""

    def run(self, context: ActionContext) -> Outcome:
        """Asks for the deletion; it does not wait for finalizers."""
        subject = subject_of(context, self.resource)
        before = current(context, subject)
        if before is None:
            return gone(subject)
        if mapping(before.get("metadata")).get("deletionTimestamp"):
            return Unchanged(f"{subject} is being deleted already")
        if self.resource_version and version_of(before) != self.resource_version:
            return self._moved_on(subject)
        try:
            context.kube.delete(
                subject.resource,
                subject.key,
                uid=uid_of(before),
                resource_version=self.resource_version,
                propagation=self.propagation,
                grace_seconds=self.grace_period_seconds,
                dry_run=context.dry_run == "server",
                timeout_seconds=time_left(context),
            )
        except NotFound:
            return gone(subject)
        except Conflict as fault:
            if current(context, subject) is None:
                return gone(subject)
            if self.resource_version:
                return self._moved_on(subject)
            raise TransientError(f"{subject} could not be deleted now: {fault}") from fault
        return Done(f"deleted {subject}")

    def describe(self, context: ActionContext) -> Value:
        """The object and how."""
        parts: dict[str, Value] = {
            "delete": named(context, self.resource),
            "propagationPolicy": self.propagation,
            "gracePeriodSeconds": self.grace_period_seconds,
            "preconditions": {
                "uid": context.uid if self.resource is None else "that of the object found",
                **({"resourceVersion": self.resource_version} if self.resource_version else {}),
            },
        }
        return {name: part for name, part in parts.items() if part is not None}

    def _moved_on(self, subject: Subject) -> Unchanged:
        return Unchanged(f"{subject} has changed since version {self.resource_version}; it is left alone")

    @staticmethod
    def permissions(parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:
        """To get and delete the object's kind."""
        return permissions_on(parameters, acted_on, "get", "delete")
