"""`apply`: an object as a manifest says, by server-side apply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from rulectl.action.contract import ActionContext
from rulectl.action.kube import KubeObject
from rulectl.action.manifest import Manifest, manifest_permissions, owned, placed, refuse_bad_manifest, subject_in
from rulectl.action.outcome import Done, Failed, Outcome, Unchanged
from rulectl.action.permission import Permission
from rulectl.action.subject import Subject, current, uid_of
from rulectl.action.write import patch, reference_to, written
from rulectl.errors import Conflict, PermanentError
from rulectl.resource import Kind, ObjectKey
from rulectl.value import Value, mapping, text

APPLIED_BY: Final = "rulectl.dev/applied-by"
"""The annotation that says which rule an object belongs to."""


@dataclass(frozen=True, slots=True)
class Apply:
    """Create an object, or bring its fields to what the manifest says, by server-side apply.

    Fields that the manifest no longer has are removed if only this rule set them. A field that belongs
    to another manager, or an object that this rule did not create, is a final failure.
    """

    name: ClassVar[str] = "apply"
    has_server_dry_run: ClassVar[bool] = True

    manifest: Mapping[str, Any]
    """The object; without a namespace it goes beside the object acted on."""
    force: bool = False
    """Take over fields that belong to other managers."""
    adopt: bool = False
    """Take over an object that exists and was not created by this rule."""
    owned_by_object: bool = False
    """Make the object acted on its owner, so that it is deleted with it."""

    def __post_init__(self) -> None:
        refuse_bad_manifest(self.manifest)

    def run(self, context: ActionContext) -> Outcome:
        """Looks whether the object is there and whose it is, then applies."""
        subject = subject_in(context, self.manifest)
        before = current(context, subject)
        owner = "" if before is None else _applied_by(before)
        if before is not None and owner != context.rule and not self.adopt:
            whose = f"rule {owner}" if owner else "somebody else"
            return Failed(f"{subject} exists and belongs to {whose}; give adopt: true to take it over")
        # With a uid, a server that no longer has the object refuses instead of creating it anew.
        guarded = subject if before is None else Subject(subject.resource, subject.key, uid_of(before))
        try:
            after = patch(context, guarded, self._body(context, subject), "apply", force=self.force)
        except Conflict as fault:
            return Failed(f"{subject} has fields of other managers; give force: true to take them over: {fault}")
        if after is None:
            return Unchanged(f"{subject} was replaced just now; it is left alone")
        if before is None:
            return Done(f"created {subject}", reference_to(after))
        return written(context, before, after, f"applied {subject}", subject)

    def describe(self, context: ActionContext) -> Value:
        """The manifest as it is sent; a namespace that it does not name is that of the object acted on."""
        metadata = mapping(self.manifest.get("metadata"))
        beside = context.key.namespace if self.owned_by_object else ""
        place = ObjectKey(text(metadata.get("namespace")) or beside, text(metadata.get("name")))
        try:
            body = self._body(context, Subject(context.resource, place))
        except PermanentError as fault:
            return str(fault)
        described: dict[str, Value] = {"apply": dict(body), "fieldManager": context.field_manager}
        return {**described, "force": True} if self.force else described

    def _body(self, context: ActionContext, subject: Subject) -> Manifest:
        body = placed(self.manifest, subject, {APPLIED_BY: context.rule})
        return owned(body, subject, context) if self.owned_by_object else body

    @staticmethod
    def permissions(parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:  # noqa: ARG004
        """To get, create and patch the manifest's kind."""
        return manifest_permissions(parameters.get("manifest"), "get", "create", "patch")


def _applied_by(obj: KubeObject) -> str:
    return text(mapping(mapping(obj.get("metadata")).get("annotations")).get(APPLIED_BY))
