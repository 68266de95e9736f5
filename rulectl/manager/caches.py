"""Informers' caches as controllers see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from rulectl.informer.informer import SharedInformer
from rulectl.kube.object import KubeObject
from rulectl.resource import ObjectKey, Resource


@dataclass(frozen=True, slots=True)
class InformerCache:
    """All objects of a kind, from one informer (for lookups and targets)."""

    informer: SharedInformer

    @property
    def resource(self) -> Resource | None:
        """See `Cache.resource`."""
        return self.informer.target.resource

    @property
    def has_synced(self) -> bool:
        """See `Cache.has_synced`."""
        return self.informer.health().synced

    def get(self, key: ObjectKey) -> KubeObject | None:
        """See `Cache.get`."""
        return self.informer.lister.get(key.name, key.namespace)

    def select(self, namespace: str | None = None, label_selector: str = "") -> Iterable[KubeObject]:
        """See `Cache.select`."""
        return self.informer.lister.list(namespace or "", label_selector)


@dataclass(frozen=True, slots=True)
class ScopedCache:
    """The watched objects of one rule: one informer over all namespaces, or one for each that is named.

    `is_in` says whether a namespace is in the rule's scope now; None when that is not known yet.
    """

    watched: Resource
    informers: Mapping[str, SharedInformer]
    is_in: Callable[[str], bool | None]
    is_own: Callable[[KubeObject], bool]
    is_selected: bool

    @property
    def resource(self) -> Resource | None:
        """See `Cache.resource`."""
        return self.watched

    @property
    def has_synced(self) -> bool:
        """See `Cache.has_synced`."""
        return all(informer.health().synced for informer in self.informers.values())

    def scope_of(self, namespace: str) -> Literal["in", "out", "unknown"]:
        """See `RuleCache.scope_of`."""
        if self.excludes(namespace):
            return "out"
        informer = self._informer(namespace)
        is_believed = informer is not None and self.is_in(namespace) is True and informer.health().synced
        return "in" if is_believed else "unknown"

    def excludes(self, namespace: str) -> bool:
        """See `RuleCache.excludes`."""
        return self._informer(namespace) is None or self.is_in(namespace) is False

    def get(self, key: ObjectKey) -> KubeObject | None:
        """See `Cache.get`; rulectl's own objects are never shown."""
        informer = self._informer(key.namespace)
        if informer is None or self.is_in(key.namespace) is not True:
            return None
        found = informer.lister.get(key.name, key.namespace)
        return None if found is None or self.is_own(found) else found

    def shows(self, key: ObjectKey, uid: str) -> bool:
        """See `RuleCache.shows`."""
        informer = self._informer(key.namespace)
        found = None if informer is None else informer.lister.get(key.name, key.namespace)
        return found is not None and found.uid == uid

    def select(self, namespace: str | None = None, label_selector: str = "") -> Iterable[KubeObject]:
        """See `Cache.select`."""
        for informer in self.informers.values():
            for found in informer.lister.list(namespace or "", label_selector):
                if self.is_in(found.key.namespace) is True and not self.is_own(found):
                    yield found

    def _informer(self, namespace: str) -> SharedInformer | None:
        return self.informers.get("*") or self.informers.get(namespace)
