"""The state's ConfigMaps on the API server: documents in, documents out, never written blindly."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from rulectl.errors import Gone, NotFound
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.state.configmap_payload import STATE_OF, Payload, of_config_map, to_config_map
from rulectl.value import Value, mapping, text

CONFIG_MAPS = Resource(Kind("v1", "ConfigMap"), "configmaps", namespaced=True)
_MANAGER = "rulectl"
_PAGE_LIMIT = 50
"""Objects in one answer: at half a MiB each, it stays below what proxies let through."""


class ListPage(Protocol):
    """As much of `rulectl.kube.client.Page` as is needed here."""

    @property
    def items(self) -> tuple[Mapping[str, Value], ...]:
        """The objects."""
        ...

    @property
    def continue_token(self) -> str:
        """Empty on the last page."""
        ...


class Kube(Protocol):
    """As much of `rulectl.kube.client.KubeClient` as is needed here; it raises the errors of `rulectl.errors`."""

    def get(self, resource: Resource, key: ObjectKey) -> Mapping[str, Value]:
        """The object."""
        ...

    def list_page(
        self, resource: Resource, namespace: str, *, label_selector: str, limit: int, continue_token: str
    ) -> ListPage:
        """A page of the objects, as they are now."""
        ...

    def create(
        self, resource: Resource, body: Mapping[str, Value], *, namespace: str, field_manager: str
    ) -> Mapping[str, Value]:
        """The object as created."""
        ...

    def update(
        self, resource: Resource, key: ObjectKey, body: Mapping[str, Value], *, field_manager: str
    ) -> Mapping[str, Value]:
        """The object as replaced."""
        ...

    def delete(self, resource: Resource, key: ObjectKey) -> object:
        """It is accepted for deletion."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """One ConfigMap as it was read."""

    name: str
    resource_version: str
    config_map: Mapping[str, Value]

    def document(self) -> Mapping[str, Value]:
        """What it holds. Raises ValueError: it cannot be read."""
        try:
            return of_config_map(self.config_map)
        except ValueError as error:
            raise ValueError(f"ConfigMap {self.name}: {error}") from error


class Objects:
    """The ConfigMaps of one state. Raises what the client raises."""

    def __init__(self, kube: Kube, namespace: str, state: str) -> None:
        self._kube = kube
        self._namespace = namespace
        self._state = state

    def read(self, name: str) -> Stored | None:
        """The ConfigMap as it is now; None: there is none."""
        try:
            return _stored(self._kube.get(CONFIG_MAPS, ObjectKey(self._namespace, name)))
        except NotFound:
            return None

    def read_all(self) -> dict[str, Stored]:
        """All of this state's, by name, as they were at one moment, now."""
        try:
            return self._read_pages(_PAGE_LIMIT)
        except Gone:  # it took so long that the server has forgotten the moment of the first page
            return self._read_pages(0)

    def _read_pages(self, limit: int) -> dict[str, Stored]:
        found: dict[str, Stored] = {}
        token = ""
        while True:
            page = self._kube.list_page(
                CONFIG_MAPS,
                self._namespace,
                label_selector=f"{STATE_OF}={self._state}",
                limit=limit,
                continue_token=token,
            )
            found |= {item.name: item for item in map(_stored, page.items)}
            token = page.continue_token
            if not token:
                return found

    def create(self, name: str, payload: Payload) -> str:
        """The resourceVersion of the new ConfigMap. Raises Conflict: there is one."""
        body = to_config_map(payload, namespace=self._namespace, name=name, state=self._state)
        made = self._kube.create(CONFIG_MAPS, body, namespace=self._namespace, field_manager=_MANAGER)
        return _stored(made).resource_version

    def replace(self, name: str, payload: Payload, resource_version: str) -> str:
        """The new resourceVersion. Raises Conflict: it has not this one; NotFound: it is not there."""
        body = to_config_map(
            payload, namespace=self._namespace, name=name, state=self._state, resource_version=resource_version
        )
        key = ObjectKey(self._namespace, name)
        return _stored(self._kube.update(CONFIG_MAPS, key, body, field_manager=_MANAGER)).resource_version

    def delete(self, name: str) -> None:
        """It is not there any more."""
        with contextlib.suppress(NotFound):
            self._kube.delete(CONFIG_MAPS, ObjectKey(self._namespace, name))


def _stored(config_map: Mapping[str, Value]) -> Stored:
    metadata = mapping(config_map.get("metadata"))
    return Stored(text(metadata.get("name")), text(metadata.get("resourceVersion")), config_map)
