"""The API server for actions, over `rulectl.kube`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from rulectl.action.kube import KubeObject, PatchType, Resolver
from rulectl.clock import Clock
from rulectl.errors import TransientError
from rulectl.kube import client
from rulectl.kube.transport import Transport
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class ClientKube:
    """A `rulectl.action.kube.Kube`: each request ends within the time that is given with the call."""

    transport: Transport
    clock: Clock

    def get(
        self, resource: Resource, key: ObjectKey, *, subresource: str = "", timeout_seconds: float = 30.0
    ) -> KubeObject:
        """See `Kube.get`."""
        return self._client(timeout_seconds).get(resource, key, subresource=subresource)

    def list(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        timeout_seconds: float = 30.0,
    ) -> Sequence[KubeObject]:
        """See `Kube.list`; all its pages show the state of the first one, and share the time."""
        limit = self.clock.monotonic() + timeout_seconds
        found: list[KubeObject] = []
        token = ""
        while True:
            page = self._client(limit - self.clock.monotonic()).list_page(
                resource,
                namespace,
                label_selector=label_selector,
                field_selector=field_selector,
                continue_token=token,
            )
            found.extend(page.items)
            token = page.continue_token
            if not token:
                return found

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
        return self._client(timeout_seconds).create(
            resource, body, namespace=namespace, field_manager=field_manager, dry_run=dry_run
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
        return self._client(timeout_seconds).update(
            resource, key, body, subresource=subresource, field_manager=field_manager, dry_run=dry_run
        )

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
        return self._client(timeout_seconds).patch(
            resource,
            key,
            cast("Value", body),
            type=client.PatchType[patch_type.upper()],
            subresource=subresource,
            field_manager=field_manager,
            force=force,
            dry_run=dry_run,
        )

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
        self._client(timeout_seconds).delete(
            resource,
            key,
            uid=uid,
            resource_version=resource_version,
            propagation=propagation,
            grace_period_seconds=grace_seconds,
            dry_run=dry_run,
        )

    def _client(self, timeout_seconds: float) -> client.KubeClient:
        if timeout_seconds <= 0:
            raise TransientError("the time for this request was up before it began; it is tried again later")
        return client.KubeClient(self.transport, self.clock, timeout_seconds=timeout_seconds)


def resolver(find: Callable[[Kind], Resource | None]) -> Resolver:
    """A `Resolver` over discovery: a kind that is not served is a fault that may pass."""

    def resolve(kind: Kind) -> Resource:
        found = find(kind)
        if found is None:
            raise TransientError(f"the cluster serves no {kind}; install its CRD or correct the kind")
        return found

    return resolve
