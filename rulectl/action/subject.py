"""Which object an action acts on, and how it looks now."""

from __future__ import annotations

from dataclasses import dataclass

from rulectl.action.contract import ActionContext
from rulectl.action.kube import KubeObject
from rulectl.errors import NotFound, PermanentError, TransientError
from rulectl.fields import FieldTree
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import mapping, text


@dataclass(frozen=True, slots=True)
class ResourceRef:
    """An object by kind and name."""

    api_version: str
    """As in a manifest: ``v1``, ``apps/v1``."""
    kind: str
    """Its kind."""
    name: str
    """Its name."""
    namespace: str = ""
    """Its namespace; absent: that of the object acted on."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An object's place, and its uid if that is known: with it, a successor of the same name is left alone."""

    resource: Resource
    key: ObjectKey
    uid: str = ""

    def __str__(self) -> str:
        return f"{self.resource.kind.kind} {self.key}"


def subject_of(context: ActionContext, reference: ResourceRef | None) -> Subject:
    """What `reference` names; without one, the object acted on.

    Raises:
        TransientError: the kind is not served yet.
        PermanentError: the namespace is missing.
    """
    if reference is None:
        return Subject(context.resource, context.key, context.uid)
    resource = context.resolve(Kind(reference.api_version, reference.kind))
    return Subject(resource, place(context, resource, reference.namespace, reference.name))


def meant(context: ActionContext, reference: ResourceRef | None) -> Subject:
    """What `subject_of` gives, without asking anybody: not whether the kind is served, nor under which plural."""
    if reference is None:
        return Subject(context.resource, context.key, context.uid)
    resource = Resource(Kind(reference.api_version, reference.kind), "", namespaced=True)
    return Subject(resource, ObjectKey(reference.namespace or context.key.namespace, reference.name))


def named(context: ActionContext, reference: ResourceRef | None) -> str:
    """What `subject_of` gives, in words, without asking anybody."""
    return str(meant(context, reference))


def place(context: ActionContext, resource: Resource, namespace: str, name: str) -> ObjectKey:
    """Where an object of `resource` is: in `namespace`, else beside the object acted on.

    Raises:
        PermanentError: it needs a namespace, and neither has one.
    """
    if not resource.namespaced:
        return ObjectKey("", name)
    chosen = namespace or context.key.namespace
    if not chosen:
        raise PermanentError(f"{resource.kind.kind} {name} needs a namespace: the object acted on has none; give one")
    return ObjectKey(chosen, name)


def current(context: ActionContext, subject: Subject, subresource: str = "") -> KubeObject | None:
    """The object as it is now; None when it is gone, or another of the same name has taken its place."""
    try:
        found = context.kube.get(
            subject.resource, subject.key, subresource=subresource, timeout_seconds=time_left(context)
        )
    except NotFound:
        return None
    return found if not subject.uid or uid_of(found) in {"", subject.uid} else None


def known(context: ActionContext, subject: Subject, tree: FieldTree) -> KubeObject | None:
    """The object with at least `tree`: from the cache if that keeps it, else as it is now; None: gone."""
    is_acted_on = (subject.resource, subject.key, subject.uid) == (context.resource, context.key, context.uid)
    if is_acted_on and context.obj and context.known.covers(tree):
        return context.obj
    return current(context, subject)


def uid_of(obj: KubeObject) -> str:
    """The object's uid, empty when it shows none."""
    return text(mapping(obj.get("metadata")).get("uid"))


def version_of(obj: KubeObject) -> str:
    """The object's resourceVersion, empty when it shows none."""
    return text(mapping(obj.get("metadata")).get("resourceVersion"))


def time_left(context: ActionContext) -> float:
    """Seconds for the next request.

    Raises:
        TransientError: the action's time is up, or rulectl is stopping.
    """
    left = context.remaining()
    if left <= 0:
        why = "rulectl is stopping" if context.stop.is_set() else "the action's timeout has passed"
        raise TransientError(f"{why}; it is tried again later")
    return left
