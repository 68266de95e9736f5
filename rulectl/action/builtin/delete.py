"""`delete`: an object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import msgspec

from rulectl.action.contract import ActionContext
from rulectl.action.outcome import Done, Outcome, Unchanged
from rulectl.action.permission import Permission, permissions_on
from rulectl.action.subject import ResourceRef, current, named, subject_of, time_left, uid_of
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
        try:
            context.kube.delete(
                subject.resource,
                subject.key,
                uid=uid_of(before),
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
            raise TransientError(f"{subject} could not be deleted now: {fault}") from fault
        if context.dry_run == "server":
            return Done(f"dry run: the server would have deleted {subject}")
        return Done(f"deleted {subject}")

    def describe(self, context: ActionContext) -> Value:
        """The object and how."""
        return {"delete": named(context, self.resource), "propagation": self.propagation}

    @staticmethod
    def permissions(parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:
        """To get and delete the object's kind."""
        return permissions_on(parameters, acted_on, "get", "delete")
