"""The API server as actions see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import Value

KubeObject: TypeAlias = Mapping[str, Value]
PatchType: TypeAlias = Literal["merge", "json", "strategic", "apply"]


class Kube(Protocol):
    """Any number of threads may call it at once; answers are plain data.

    Every method may raise: `NotFound`, `Forbidden`, `Conflict`, other `PermanentError` (``status``
    says which), `Unreachable` and other `TransientError`.
    """

    def get(
        self, resource: Resource, key: ObjectKey, *, subresource: str = "", timeout_seconds: float = 30.0
    ) -> KubeObject:
        """The object as it is now (a consistent read)."""
        ...

    def list(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        timeout_seconds: float = 30.0,
    ) -> Sequence[KubeObject]:
        """All objects of the namespace, or of all namespaces, that the selectors let through."""
        ...

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
        timeout_seconds: float = 30.0,
    ) -> KubeObject:
        """The object after it was replaced; uid and resourceVersion in `body` are preconditions."""
        ...

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
        grace_seconds: int | None = None,
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> None:
        """The server has accepted the deletion; `Conflict` when uid or resourceVersion do not fit."""
        ...


class Resolver(Protocol):
    """What the server serves for a kind."""

    def __call__(self, kind: Kind) -> Resource:
        """The resource.

        Raises:
            TransientError: the kind is not served (yet: its CRD may come), or nobody answered.
        """
        ...
