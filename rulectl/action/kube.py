"""The API server as actions see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

from rulectl.kube.client import PatchType
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import Value

__all__ = ["Kube", "KubeObject", "PatchType", "Resolver"]

KubeObject: TypeAlias = Mapping[str, Value]


class Kube(Protocol):
    """Each call is one request (`list` one per page), and ends before the action's deadline.

    Every method may raise: `NotFound`, `Forbidden`, `Conflict`, other `PermanentError` (``status``
    says which), `Unreachable` and other `TransientError`; the latter also when the time is up.
    """

    def get(self, resource: Resource, key: ObjectKey, *, subresource: str = "") -> KubeObject:
        """The object as it is now (a consistent read)."""
        ...

    def list(
        self, resource: Resource, namespace: str = "", *, label_selector: str = "", field_selector: str = ""
    ) -> Sequence[KubeObject]:
        """All objects of the namespace, or of all namespaces, that the selectors let through."""
        ...

    def create(
        self,
        resource: Resource,
        body: KubeObject,
        *,
        namespace: str = "",
        field_manager: str = "",
        dry_run: bool = False,
    ) -> KubeObject:
        """The object as the server made it; `Conflict` when one of that name exists."""
        ...

    def update(
        self,
        resource: Resource,
        key: ObjectKey,
        body: KubeObject,
        *,
        subresource: str = "",
        field_manager: str = "",
        dry_run: bool = False,
    ) -> KubeObject:
        """The object after it was replaced; uid and resourceVersion in `body` are preconditions."""
        ...

    def patch(
        self,
        resource: Resource,
        key: ObjectKey,
        body: Value,
        *,
        type: PatchType = PatchType.MERGE,  # noqa: A002 - the API's word for it
        subresource: str = "",
        field_manager: str = "",
        force: bool = False,
        dry_run: bool = False,
    ) -> KubeObject:
        """The object after the patch; `force` takes over fields of other managers (apply only)."""
        ...

    def delete(
        self,
        resource: Resource,
        key: ObjectKey,
        *,
        uid: str = "",
        resource_version: str = "",
        propagation: str = "",
        grace_period_seconds: int | None = None,
        dry_run: bool = False,
    ) -> KubeObject:
        """What the server answers; `Conflict` when uid or resourceVersion do not fit."""
        ...


class Resolver(Protocol):
    """What the server serves for a kind."""

    def __call__(self, kind: Kind) -> Resource:
        """The resource.

        Raises:
            TransientError: the kind is not served (yet: its CRD may come), or nobody answered.
        """
        ...
