"""What the server serves: the built-in resources and, as they come and go, those of CRDs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rulectl.openapi import ApiResource, Node, Table, builtin_resources
from rulectl.resource import Kind
from rulectl.sandbox import events
from rulectl.sandbox.status import Subject
from rulectl.sandbox.store import StorageType
from rulectl.sandbox.stored import Convert, Stored, head_of
from rulectl.value import Value

PARTIAL_HEAD = head_of("meta.k8s.io/v1", "PartialObjectMetadata")


@dataclass(frozen=True, slots=True)
class PrinterColumn:
    """A column that a CRD adds to ``kubectl get``."""

    name: str
    type: str
    path: str
    description: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class ScalePaths:
    """Where a custom resource keeps what its scale subresource shows."""

    spec_replicas: str
    status_replicas: str
    selector: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """One version of one resource."""

    row: ApiResource
    storage: StorageType
    stored_as: str
    """The apiVersion that objects carry in the store."""
    node: Node | None = None
    custom: bool = False
    selectable: tuple[str, ...] = ()
    columns: tuple[PrinterColumn, ...] = ()
    scale: ScalePaths | None = None
    conversion: tuple[Convert, Convert] | None = None
    """From the stored form to this version's, and back."""
    list_kind: str = ""
    head: bytes = field(init=False, default=b"")

    def __post_init__(self) -> None:
        object.__setattr__(self, "head", head_of(self.kind.api_version, self.kind.kind))
        object.__setattr__(self, "list_kind", self.list_kind or f"{self.kind.kind}List")

    @property
    def kind(self) -> Kind:
        """The kind of its objects."""
        return self.row.kind

    @property
    def plural(self) -> str:
        """The name in URLs."""
        return self.row.plural

    @property
    def namespaced(self) -> bool:
        """Whether its objects live in namespaces."""
        return self.row.namespaced

    @property
    def has_status(self) -> bool:
        """Whether status is written through its own subresource only."""
        return self.row.subresource("status") is not None

    def subject(self, name: str = "") -> Subject:
        """What refusals about an object of it name."""
        return Subject(self.plural, self.kind.group, name)

    def shown(self, body: Mapping[str, Value]) -> dict[str, Value]:
        """A stored object as this version has it."""
        converted = self.conversion[0](body) if self.conversion else body
        return {**converted, "apiVersion": self.kind.api_version, "kind": self.kind.kind}

    def kept(self, body: Mapping[str, Value]) -> dict[str, Value]:
        """An object of this version as it is stored."""
        converted = self.conversion[1](body) if self.conversion else body
        return {**converted, "apiVersion": self.stored_as, "kind": self.kind.kind}

    def tail(self, item: Stored) -> bytes:
        """The bytes of an object in this version, from behind `kind` and `apiVersion`."""
        return item.converted_tail(self.conversion[0]) if self.conversion else item.tail()


def version_order(version: str) -> tuple[int, int, int, str]:
    """Sorts versions as a server prefers them: v2, v1, v1beta2, v1beta1, v1alpha1, anything else."""
    match = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
    if not match:
        return (3, 0, 0, version)
    stage = {None: 0, "beta": 1, "alpha": 2}[match[2]]
    return (stage, -int(match[1]), -int(match[3] or 0), version)


class Registry:
    """Finds what is served by group, version and plural, or by kind."""

    def __init__(self, kubernetes_version: str | None = None) -> None:
        self.table = Table.packaged(kubernetes_version)
        self.revision = 0
        """Grows with every change of what is served; documents derived from it are kept by it."""
        self._served: dict[tuple[str, str], dict[str, Served]] = {}
        self._by_kind: dict[Kind, Served] = {}
        self._by_storage: dict[StorageType, Served] = {}
        rows = (row for row in builtin_resources(kubernetes_version) if row.stable)
        for row in sorted(rows, key=lambda row: (row.kind.group, version_order(row.kind.version))):
            self._add(self._builtin(row))

    def _builtin(self, row: ApiResource) -> Served:
        storage = StorageType(row.kind.group, row.plural)
        conversion = None
        if storage == StorageType("events.k8s.io", "events"):
            storage, conversion = StorageType("", "events"), (events.to_new, events.to_core)
        first = self._by_storage.get(storage)
        stored_as = first.stored_as if first else row.kind.api_version
        node = self.table.schema(row.kind)
        return Served(row, storage, stored_as, node, conversion=conversion)

    def find(self, group: str, version: str, plural: str) -> Served | None:
        """The resource behind a URL."""
        return self._served.get((group, version), {}).get(plural)

    def of_kind(self, kind: Kind) -> Served | None:
        """The resource whose objects are of `kind`."""
        return self._by_kind.get(kind)

    def of_storage(self, storage: StorageType) -> Served | None:
        """One version of the resource whose objects are kept there."""
        return self._by_storage.get(storage)

    def group_versions(self) -> list[tuple[str, str]]:
        """Every group and version, the core group first, versions of one group in the order of preference."""
        return list(self._served)

    def resources(self, group: str, version: str) -> list[Served]:
        """What a version of a group has."""
        return list(self._served.get((group, version), {}).values())

    def storages(self, *, namespaced: bool) -> Iterable[Served]:
        """One version of every resource that stores objects."""
        found = list(self._by_storage.values())
        return [served for served in found if served.namespaced is namespaced and "list" in served.row.verbs]

    def serve(self, versions: Iterable[Served]) -> None:
        """Adds the versions of a custom resource, in the order of preference; the last one's storage is known."""
        for served in versions:
            self._add(served)

    def withdraw(self, storage: StorageType) -> None:
        """Stops serving a custom resource; nothing happens to a built-in one."""
        known = self._by_storage.get(storage)
        if known is None or not known.custom:
            return
        for place, resources in list(self._served.items()):
            for plural, served in list(resources.items()):
                if served.storage == storage and served.custom:
                    del resources[plural]
                    self._by_kind.pop(served.kind, None)
            if not resources:
                del self._served[place]
        del self._by_storage[storage]
        self.revision += 1

    def withdraw_custom(self) -> None:
        """Stops serving every custom resource."""
        for served in [served for served in self._by_storage.values() if served.custom]:
            self.withdraw(served.storage)

    def _add(self, served: Served) -> None:
        place = (served.kind.group, served.kind.version)
        self._served.setdefault(place, {})[served.plural] = served
        self._by_kind[served.kind] = served
        self._by_storage.setdefault(served.storage, served)
        self.revision += 1
