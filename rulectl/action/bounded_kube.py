"""The API server for one call of an action: bounded by its deadline, remembering what was written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rulectl.action.kube import KubeObject, PatchType, Resolver
from rulectl.clock import Clock
from rulectl.errors import TransientError
from rulectl.kube.client import KubeClient
from rulectl.kube.transport import Transport
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import Value, mapping, text


class Write(NamedTuple):
    """An object as the server had it after a write: by this a rule knows its own writes again."""

    resource: Resource
    key: ObjectKey
    uid: str
    resource_version: str


@dataclass(frozen=True, slots=True)
class BoundedKube:
    """A `rulectl.action.kube.Kube`; make one for each call of an action.

    `writes` grows with every create, update and patch that was no dry run, in their order.
    """

    transport: Transport
    clock: Clock
    deadline: float
    stop: threading.Event
    writes: list[Write]

    def get(self, resource: Resource, key: ObjectKey, *, subresource: str = "") -> KubeObject:
        """See `Kube.get`."""
        return self._client().get(resource, key, subresource=subresource)

    def list(
        self, resource: Resource, namespace: str = "", *, label_selector: str = "", field_selector: str = ""
    ) -> Sequence[KubeObject]:
        """See `Kube.list`; a list that changes while it is paged through shows the state of its first page."""
        found: list[KubeObject] = []
        token = ""
        while True:
            page = self._client().list_page(
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
        body: KubeObject,
        *,
        namespace: str = "",
        field_manager: str = "",
        dry_run: bool = False,
    ) -> KubeObject:
        """See `Kube.create`."""
        client = self._client()
        after = client.create(resource, body, namespace=namespace, field_manager=field_manager, dry_run=dry_run)
        return self._noted(resource, after, dry_run=dry_run)

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
        """See `Kube.update`."""
        client = self._client()
        after = client.update(
            resource, key, body, subresource=subresource, field_manager=field_manager, dry_run=dry_run
        )
        return self._noted(resource, after, dry_run=dry_run)

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
        """See `Kube.patch`."""
        after = self._client().patch(
            resource,
            key,
            body,
            type=type,
            subresource=subresource,
            field_manager=field_manager,
            force=force,
            dry_run=dry_run,
        )
        return self._noted(resource, after, dry_run=dry_run)

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
        """See `Kube.delete`."""
        return self._client().delete(
            resource,
            key,
            uid=uid,
            resource_version=resource_version,
            propagation=propagation,
            grace_period_seconds=grace_period_seconds,
            dry_run=dry_run,
        )

    def _client(self) -> KubeClient:
        left = self.deadline - self.clock.monotonic()
        if self.stop.is_set() or left <= 0:
            why = "rulectl is stopping" if self.stop.is_set() else "the action's timeout has passed"
            raise TransientError(f"{why}; the action is tried again later")
        return KubeClient(self.transport, self.clock, timeout_seconds=left)

    def _noted(self, resource: Resource, after: KubeObject, *, dry_run: bool) -> KubeObject:
        metadata = mapping(after.get("metadata"))
        if not dry_run:
            key = ObjectKey(text(metadata.get("namespace")), text(metadata.get("name")))
            version = text(metadata.get("resourceVersion"))
            self.writes.append(Write(resource, key, text(metadata.get("uid")), version))
        return after


def resolver(find: Callable[[Kind], Resource | None]) -> Resolver:
    """A `Resolver` over discovery: a kind that is not served is a fault that may pass."""

    def resolve(kind: Kind) -> Resource:
        found = find(kind)
        if found is None:
            raise TransientError(f"the cluster serves no {kind}; install its CRD or correct the kind")
        return found

    return resolve
