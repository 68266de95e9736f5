"""A manifest in a rule: an object of any kind, to be created beside the object acted on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from rulectl.action.contract import ActionContext
from rulectl.action.permission import ANYWHERE, Permission, is_template
from rulectl.action.subject import Subject, place
from rulectl.errors import PermanentError
from rulectl.resource import Kind
from rulectl.value import Value, mapping, text

Manifest: TypeAlias = Mapping[str, Value]


def refuse_bad_manifest(manifest: Manifest) -> None:
    """Nothing, for a manifest that says what it is.

    Raises:
        ValueError: apiVersion, kind or metadata.name is missing.
    """
    for path in ("apiVersion", "kind"):
        if not text(manifest.get(path)):
            raise ValueError(f"the manifest has no {path}")
    if not text(mapping(manifest.get("metadata")).get("name")):
        raise ValueError("the manifest has no metadata.name; generateName cannot be repeated safely")


def subject_in(context: ActionContext, manifest: Manifest) -> Subject:
    """Where the manifest's object belongs.

    Raises:
        TransientError: its kind is not served yet.
        PermanentError: it needs a namespace.
    """
    resource = context.resolve(Kind(text(manifest.get("apiVersion")), text(manifest.get("kind"))))
    metadata = mapping(manifest.get("metadata"))
    return Subject(resource, place(context, resource, text(metadata.get("namespace")), text(metadata.get("name"))))


def placed(manifest: Manifest, subject: Subject, annotations: Mapping[str, Value]) -> Manifest:
    """The manifest with its namespace filled in and these annotations added."""
    metadata = mapping(manifest.get("metadata"))
    namespace = {"namespace": subject.key.namespace} if subject.key.namespace else {}
    joined = {**mapping(metadata.get("annotations")), **annotations}
    return {**manifest, "metadata": {**metadata, **namespace, "annotations": joined}}


def owned(manifest: Manifest, subject: Subject, context: ActionContext) -> Manifest:
    """The manifest with the object acted on as its owner: it is deleted with it.

    Raises:
        PermanentError: an owner has to be in the same namespace, or to have none.
    """
    if context.key.namespace not in {"", subject.key.namespace} or not context.uid:
        raise PermanentError(f"{subject} cannot be owned by an object of another namespace; drop ownedByObject")
    kind = context.resource.kind
    owner: Value = {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "name": context.key.name,
        "uid": context.uid,
    }
    metadata = mapping(manifest.get("metadata"))
    others = metadata.get("ownerReferences")
    joined = [*others, owner] if isinstance(others, list | tuple) else [owner]
    return {**manifest, "metadata": {**metadata, "ownerReferences": joined}}


def manifest_permissions(manifest: Value, *verbs: str) -> tuple[Permission, ...]:
    """`verbs` on the manifest's kind; nothing when a template decides which kind that is."""
    given = mapping(manifest)
    kind, version = text(given.get("kind")), text(given.get("apiVersion"))
    if not kind or not version or is_template(kind) or is_template(version):
        return ()
    metadata = mapping(given.get("metadata"))
    namespace, name = metadata.get("namespace"), metadata.get("name")
    return (
        Permission(
            Kind(version, kind),
            verbs,
            namespace=ANYWHERE if is_template(namespace) else text(namespace) or None,
            name=None if is_template(name) else text(name) or None,
        ),
    )
