"""The names of Kubernetes things: kinds, resources, object keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """What a rule names: `api_version` as in a manifest (``v1``, ``apps/v1``) and the kind."""

    api_version: str
    kind: str

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        """The version without its group."""
        return self.api_version.rpartition("/")[2]

    def __str__(self) -> str:
        return f"{self.api_version} {self.kind}"


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """What a server serves for a kind: the plural in the URL, and whether objects live in namespaces."""

    kind: Kind
    plural: str
    namespaced: bool
    subresources: frozenset[str] = frozenset()
    """For example ``status``, ``scale``."""

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of the collection, of an object in it, or of an object's subresource.

        With a namespaced resource and no namespace it is the collection over all namespaces.
        """
        root = f"/apis/{self.kind.api_version}" if self.kind.group else f"/api/{self.kind.api_version}"
        middle = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        tail = f"/{name}" if name else ""
        last = f"/{subresource}" if subresource else ""
        return f"{root}{middle}/{self.plural}{tail}{last}"


class ObjectKey(NamedTuple):
    """An object's place: namespace (empty for cluster-scoped) and name. Not its identity: that is the uid."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name
