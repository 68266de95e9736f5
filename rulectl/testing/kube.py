"""The API server for tests of plugins: in memory, with the semantics of a real one, and everything on record."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from rulectl.action.client_kube import ClientKube, resolver
from rulectl.action.kube import KubeObject, PatchType
from rulectl.clock import VirtualClock
from rulectl.errors import RulectlError
from rulectl.kube.discovery import Discovery
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.sandbox.loading import ensure_namespace
from rulectl.sandbox.sandbox import Sandbox
from rulectl.testing.cluster import Cluster
from rulectl.testing.transport import InProcessTransport
from rulectl.value import mapping, text

Verb: TypeAlias = Literal["get", "list", "create", "update", "patch", "delete"]


@dataclass(frozen=True, slots=True)
class KubeCall:
    """One request of a plugin; `body` is what it sent, None with reads."""

    verb: Verb
    kind: str
    key: ObjectKey
    body: object = None


class FakeKube:
    """Fulfils `rulectl.action.kube.Kube` over the sandbox: patches merge, conflicts conflict, uids guard.

    Put objects in with `put` (custom resources after their CRD), look at them with `see`, make the next
    calls fail with `fail`. `calls` has every request of the plugin, `writes` those that change something.
    """

    def __init__(self, *objects: Mapping[str, Any], clock: VirtualClock | None = None) -> None:
        self.clock = clock or VirtualClock()
        self.sandbox = Sandbox(clock=self.clock, seed=1)
        self.calls: list[KubeCall] = []
        self._cluster = Cluster(self.sandbox.api)
        transport = InProcessTransport(self.sandbox.api, self.clock)
        self._kube = ClientKube(transport, self.clock)
        self._discovery = Discovery(transport, self.clock)
        self._faults: dict[Verb, list[RulectlError]] = {}
        for one in objects:
            self.put(one)

    def put(self, obj: Mapping[str, Any]) -> KubeObject:
        """Creates or replaces an object, as somebody else would; its namespace is made where it is missing."""
        namespace = text(mapping(obj.get("metadata")).get("namespace"))
        if namespace:
            ensure_namespace(self.sandbox.api.world, namespace)
        return self._cluster.apply(obj)

    def see(self, api_version: str, kind: str, name: str, namespace: str = "") -> Any:
        """The object as it is now, or None."""
        return self._cluster.get(self.resolve(Kind(api_version, kind)), name, namespace)

    def remove(self, api_version: str, kind: str, name: str, namespace: str = "") -> None:
        """Deletes an object, as somebody else would."""
        self._cluster.delete(self.resolve(Kind(api_version, kind)), name, namespace)

    def fail(self, verb: Verb, *faults: RulectlError) -> None:
        """The plugin's next calls of `verb` raise these, one each, and do nothing."""
        self._faults.setdefault(verb, []).extend(faults)

    def resolve(self, kind: Kind) -> Resource:
        """Fulfils `Resolver`."""
        return resolver(self._discovery.find)(kind)

    @property
    def writes(self) -> list[KubeCall]:
        """The calls but for reads."""
        return [call for call in self.calls if call.verb not in {"get", "list"}]

    def get(
        self, resource: Resource, key: ObjectKey, *, subresource: str = "", timeout_seconds: float = 30.0
    ) -> KubeObject:
        """See `Kube.get`."""
        self._called("get", resource, key)
        return self._kube.get(resource, key, subresource=subresource, timeout_seconds=timeout_seconds)

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
        self._called("list", resource, ObjectKey(namespace, ""))
        return self._kube.list(
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
        self._called("create", resource, ObjectKey(namespace, text(mapping(body.get("metadata")).get("name"))), body)
        return self._kube.create(
            resource, namespace, body, field_manager=field_manager, dry_run=dry_run, timeout_seconds=timeout_seconds
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
        self._called("update", resource, key, body)
        return self._kube.update(
            resource,
            key,
            body,
            subresource=subresource,
            field_manager=field_manager,
            dry_run=dry_run,
            timeout_seconds=timeout_seconds,
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
        self._called("patch", resource, key, body)
        return self._kube.patch(
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
        self._called("delete", resource, key)
        self._kube.delete(
            resource,
            key,
            uid=uid,
            resource_version=resource_version,
            propagation=propagation,
            grace_seconds=grace_seconds,
            dry_run=dry_run,
            timeout_seconds=timeout_seconds,
        )

    def _called(self, verb: Verb, resource: Resource, key: ObjectKey, body: object = None) -> None:
        self.calls.append(KubeCall(verb, resource.kind.kind, key, body))
        if self._faults.get(verb):
            raise self._faults[verb].pop(0)


def secret(name: str, namespace: str = "default", **values: str) -> KubeObject:
    """A Secret with these values, to be `put`."""
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"namespace": namespace, "name": name},
        "data": data,
    }
