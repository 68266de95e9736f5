"""`patch`: any patch of an object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rulectl.action.contract import ActionContext
from rulectl.action.merge import merged
from rulectl.action.outcome import Outcome, Unchanged
from rulectl.action.permission import Permission, permissions_on
from rulectl.action.subject import ResourceRef, Subject, current, meant, subject_of, uid_of
from rulectl.action.write import described_patch, gone, on_fresh_object, patch, plain, written
from rulectl.resource import Kind
from rulectl.value import Value, mapping, same, text


@dataclass(frozen=True, slots=True)
class Patch:
    """Patch an object.

    The uid is a precondition: a successor of the same name is left alone. It is unchanged when the
    patch would change nothing, or the object is gone.
    """

    name: ClassVar[str] = "patch"
    has_server_dry_run: ClassVar[bool] = True

    body: Mapping[str, object] | Sequence[Mapping[str, object]]
    """The patch: a mapping, or a list of operations with type json. In a merge patch null removes a key."""
    type: Literal["merge", "json", "strategic", "apply"] = "merge"
    """merge (RFC 7386), json (RFC 6902), strategic (built-in kinds only), or apply (server-side).

    A json patch that adds to the end of a list adds again when it is repeated; begin it with a test."""
    subresource: Literal["", "status", "scale"] = ""
    """Patch this subresource instead of the object itself."""
    force: bool = False
    """With type apply: take over fields that belong to other managers."""
    resource: ResourceRef | None = None
    """The object; absent: the target with forEach, else the object."""

    def __post_init__(self) -> None:
        if isinstance(self.body, Mapping) == (self.type == "json"):
            wanted = "a list of operations" if self.type == "json" else "a mapping"
            raise ValueError(f"the body of a patch of type {self.type} has to be {wanted}")
        if self.force and self.type != "apply":
            raise ValueError("force goes only with type: apply")

    def run(self, context: ActionContext) -> Outcome:
        """Reads the object, then patches it, or finds that there is nothing to do."""
        return on_fresh_object(lambda: self._once(context))

    def describe(self, context: ActionContext) -> Value:
        """The patch as it would be sent."""
        body = self._body(meant(context, self.resource))
        return described_patch(context, self.resource, body, self.type, subresource=self.subresource, force=self.force)

    def _body(self, subject: Subject) -> object:
        if self.type != "apply":
            return self.body
        kind = subject.resource.kind
        names = {"name": subject.key.name}
        if subject.key.namespace:
            names["namespace"] = subject.key.namespace
        given = mapping(self.body)
        metadata = {**mapping(given.get("metadata")), **names}
        return {**given, "apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata}

    def _once(self, context: ActionContext) -> Outcome:
        subject = subject_of(context, self.resource)
        before = current(context, subject)
        if before is None:
            return gone(subject)
        body = self._body(subject)
        if self.type == "merge" and self.subresource != "scale" and same(merged(before, plain(body)), before):
            return Unchanged(f"{subject} says so already")
        guarded = Subject(subject.resource, subject.key, subject.uid or uid_of(before))
        after = patch(context, guarded, body, self.type, subresource=self.subresource, force=self.force)
        if after is None:
            return gone(subject)
        return written(context, before, after, f"patched {subject}", subject)

    @staticmethod
    def permissions(parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:
        """To get the object, and to patch it or its subresource."""
        part = text(parameters.get("subresource"))
        return (
            *permissions_on(parameters, acted_on, "get"),
            *permissions_on(parameters, acted_on, "patch", subresource=part),
        )
