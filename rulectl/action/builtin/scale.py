"""`scale`: how many replicas a workload has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

import msgspec

from rulectl.action.contract import ActionContext
from rulectl.action.outcome import Done, Failed, Outcome, Unchanged
from rulectl.action.permission import Permission, permissions_on
from rulectl.action.subject import ResourceRef, Subject, current, subject_of, uid_of, version_of
from rulectl.action.write import described_patch, gone, on_fresh_object, patch
from rulectl.resource import Kind
from rulectl.value import Value, mapping


@dataclass(frozen=True, slots=True)
class Scale:
    """Set the number of replicas through the scale subresource."""

    name: ClassVar[str] = "scale"
    has_server_dry_run: ClassVar[bool] = True

    replicas: Annotated[int, msgspec.Meta(ge=0)]
    """How many pods there are to be."""
    resource: ResourceRef | None = None
    """The workload; absent: the target with forEach, else the object."""

    def run(self, context: ActionContext) -> Outcome:
        """Reads the scale, and patches it when it says another number."""
        return on_fresh_object(lambda: self._once(context))

    def describe(self, context: ActionContext) -> Value:
        """The patch; the version that it is made for is known only when it is sent."""
        return described_patch(
            context, self.resource, {"spec": {"replicas": self.replicas}}, "merge", subresource="scale"
        )

    def _once(self, context: ActionContext) -> Outcome:
        subject = subject_of(context, self.resource)
        if subject.resource.subresources and "scale" not in subject.resource.subresources:
            return Failed(f"{subject.resource.kind.kind} cannot be scaled; name a workload in `resource`")
        before = current(context, subject, "scale")
        if before is None:
            return gone(subject)
        now = mapping(before.get("spec")).get("replicas") or 0
        if now == self.replicas:
            return Unchanged(f"{subject} has {_replicas(self.replicas)} already")
        guarded = Subject(subject.resource, subject.key, subject.uid or uid_of(before))
        # The scale of some kinds is written without a look at the uid; the version holds for one object only.
        version = {"metadata": {"resourceVersion": version_of(before)}} if version_of(before) else {}
        body: Mapping[str, Value] = {**version, "spec": {"replicas": self.replicas}}
        if patch(context, guarded, body, "merge", subresource="scale") is None:
            return gone(subject)
        return Done(f"scaled {subject} from {now} to {_replicas(self.replicas)}", {"before": now})

    @staticmethod
    def permissions(parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:
        """To get and patch the kind's scale."""
        return permissions_on(parameters, acted_on, "get", "patch", subresource="scale")


def _replicas(number: int) -> str:
    return "1 replica" if number == 1 else f"{number} replicas"
