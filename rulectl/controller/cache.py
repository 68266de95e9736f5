"""The objects a rule sees: the port between controllers and informers' caches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

from rulectl.kube.object import KubeObject
from rulectl.resource import ObjectKey, Resource


class Cache(Protocol):
    """The objects of one kind in one scope, from any thread; as stale as the watch behind it."""

    @property
    def resource(self) -> Resource | None:
        """What the server serves for the kind; None while it serves nothing (its CRD may come)."""
        ...

    @property
    def has_synced(self) -> bool:
        """Whether the first complete list is in, and nothing since keeps the cache from being believed."""
        ...

    def get(self, key: ObjectKey) -> KubeObject | None:
        """The object under `key`, if it is in scope."""
        ...

    def select(self, namespace: str | None = None, label_selector: str = "") -> Iterable[KubeObject]:
        """The objects of a namespace (None: of all), as the label selector lets them through."""
        ...


class RuleCache(Cache, Protocol):
    """The watched objects of one rule."""

    def scope_of(self, namespace: str) -> Literal["in", "out", "unknown"]:
        """Whether objects of `namespace` are in the rule's scope and a complete list of them is in.

        `unknown`: they are in scope but no list is believed now; absence proves nothing then.
        """
        ...

    def excludes(self, namespace: str) -> bool:
        """Whether ``scope_of(namespace)`` is ``out``; quick, for every notice asks it."""
        ...

    def shows(self, key: ObjectKey, uid: str) -> bool:
        """Whether a watch behind the cache has the object, in scope or not."""
        ...

    @property
    def is_selected(self) -> bool:
        """Whether selectors narrow it: an object that is missing may still exist."""
        ...
