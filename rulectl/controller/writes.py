"""Remembering what a rule wrote itself, so that its own write does not make it owe a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rulectl.action.kube import Kube, KubeObject, PatchType
from rulectl.fields import NOTHING, WHOLE, FieldTree
from rulectl.resource import ObjectKey, Resource
from rulectl.value import mapping, text


@dataclass(frozen=True, slots=True)
class Write:
    """One write: the object as the server gave it back, and the fields that the write named."""

    uid: str
    object: KubeObject
    touched: FieldTree

    @property
    def resource_version(self) -> str:
        """The version that the write made (or found: a write that changes nothing makes none)."""
        return text(mapping(self.object.get("metadata")).get("resourceVersion"))


@dataclass(slots=True)
class RecordingKube:
    """A `Kube` that passes everything on and keeps what was written, for one run of one rule."""

    inner: Kube
    writes: list[Write] = field(default_factory=list)

    def get(
        self, resource: Resource, key: ObjectKey, *, subresource: str = "", timeout_seconds: float = 30.0
    ) -> KubeObject:
        """See `Kube.get`."""
        return self.inner.get(resource, key, subresource=subresource, timeout_seconds=timeout_seconds)

    def list(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        timeout_seconds: float = 30.0,
    ) -> Sequence[KubeObject]:
        """See `Kube.list`."""
        return self.inner.list(
            resource,
            namespace,
            label_selector=label_selector,
            field_selector=field_selector,
            timeout_seconds=timeout_seconds,
        )

    def create(
        self,
        resource: Resource,
        namespace: str,
        body: KubeObject,
        *,
        field_manager: str = "",
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> KubeObject:
        """See `Kube.create`."""
        return self.inner.create(
            resource,
            namespace,
            body,
            field_manager=field_manager,
            dry_run=dry_run,
            timeout_seconds=timeout_seconds,
        )

    def update(
        self,
        resource: Resource,
        key: ObjectKey,
        body: KubeObject,
        *,
        subresource: str = "",
        field_manager: str = "",
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> KubeObject:
        """See `Kube.update`."""
        written = self.inner.update(
            resource,
            key,
            body,
            subresource=subresource,
            field_manager=field_manager,
            dry_run=dry_run,
            timeout_seconds=timeout_seconds,
        )
        if not dry_run:
            self._keep(written, WHOLE)
        return written

    def patch(
        self,
        resource: Resource,
        key: ObjectKey,
        body: object,
        patch_type: PatchType,
        *,
        subresource: str = "",
        field_manager: str = "",
        force: bool = False,
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> KubeObject:
        """See `Kube.patch`."""
        written = self.inner.patch(
            resource,
            key,
            body,
            patch_type,
            subresource=subresource,
            field_manager=field_manager,
            force=force,
            dry_run=dry_run,
            timeout_seconds=timeout_seconds,
        )
        if not dry_run:
            self._keep(written, touched_by(body))
        return written

    def delete(
        self,
        resource: Resource,
        key: ObjectKey,
        *,
        uid: str = "",
        resource_version: str = "",
        propagation: str = "",
        grace_seconds: int | None = None,
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> None:
        """See `Kube.delete`."""
        self.inner.delete(
            resource,
            key,
            uid=uid,
            resource_version=resource_version,
            propagation=propagation,
            grace_seconds=grace_seconds,
            dry_run=dry_run,
            timeout_seconds=timeout_seconds,
        )

    def _keep(self, written: KubeObject, touched: FieldTree) -> None:
        uid = text(mapping(written.get("metadata")).get("uid"))
        self.writes.append(Write(uid, written, touched))


def touched_by(body: object) -> FieldTree:
    """The fields that a patch names; a JSON patch by the beginnings of its paths, a list in an object as a whole."""
    if isinstance(body, list | tuple):
        tree = NOTHING
        for operation in body:
            tree = tree | _pointer(text(mapping(operation).get("path")))
        return tree if tree.fields else WHOLE
    return _named_by(body)


def _named_by(value: object) -> FieldTree:
    if isinstance(value, Mapping):
        return FieldTree(fields={str(name): _named_by(inner) for name, inner in value.items()})
    return WHOLE


def overlaps(left: FieldTree, right: FieldTree) -> bool:
    """Whether the two trees have a leaf in common: a write to one may change what the other keeps."""
    if left.whole or right.whole:
        return True
    if left.items is not None or right.items is not None:
        return left.items is not None or right.items is not None
    if left.entries is not None or right.entries is not None:
        return bool(left.entries or left.fields) and bool(right.entries or right.fields)
    return any(overlaps(left.fields[name], right.fields[name]) for name in left.fields.keys() & right.fields.keys())


def _pointer(path: str) -> FieldTree:
    tree = WHOLE
    names = [part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:]]
    for position in range(len(names) - 1, -1, -1):
        tree = (
            WHOLE if names[position].isdigit() or names[position] == "-" else FieldTree(fields={names[position]: tree})
        )
    return tree
