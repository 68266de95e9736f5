"""The latest state of every object, by key and by index."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from rulectl.kube.object import KubeObject
from rulectl.resource import ObjectKey

IndexFunction: TypeAlias = Callable[[KubeObject], Iterable[str]]
"""The values under which an object is found; pure, quick, the same each time."""


class Index:
    """One index; not safe for threads by itself, the store's lock guards it."""

    def __init__(self, function: IndexFunction) -> None:
        self.function = function
        self._keys: dict[str, set[ObjectKey]] = {}
        self.quarantined: dict[ObjectKey, str] = {}
        """Objects that the function failed on, with its error: they are not found by this index."""

    def change(self, key: ObjectKey, old: KubeObject | None, new: KubeObject | None) -> None:
        """`new` stands where `old` stood."""
        if old is not None and self.quarantined.pop(key, None) is None:
            for value in self._values(key, old):
                keys = self._keys.get(value, set())
                keys.discard(key)
                if not keys:
                    self._keys.pop(value, None)
        self.quarantined.pop(key, None)
        if new is not None:
            for value in self._values(key, new):
                self._keys.setdefault(value, set()).add(key)

    def keys(self, value: str) -> Iterable[ObjectKey]:
        """The keys found under `value`."""
        return self._keys.get(value, ())

    def _values(self, key: ObjectKey, item: KubeObject) -> list[str]:
        try:
            return list(self.function(item))
        except Exception as error:  # noqa: BLE001 - one odd object must not spoil the index for all others
            self.quarantined[key] = repr(error)
            return []


class Store:
    """Safe for any number of threads; what is read out is a snapshot that no later change touches."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        """Guards all below; held by the informer while it decides whom to tell. No callback runs under it."""
        self._objects: dict[ObjectKey, KubeObject] = {}
        self._indexes: dict[str, Index] = {}

    def get(self, key: ObjectKey) -> KubeObject | None:
        """The object at `key`."""
        return self._objects.get(key)

    def snapshot(self) -> dict[ObjectKey, KubeObject]:
        """All objects."""
        with self.lock:
            return dict(self._objects)

    def __len__(self) -> int:
        return len(self._objects)

    def put(self, key: ObjectKey, new: KubeObject) -> KubeObject | None:
        """Sets the object at `key`; what was there."""
        with self.lock:
            old = self._objects.get(key)
            self._objects[key] = new
            for index in self._indexes.values():
                index.change(key, old, new)
            return old

    def remove(self, key: ObjectKey) -> KubeObject | None:
        """Empties `key`; what was there."""
        with self.lock:
            old = self._objects.pop(key, None)
            for index in self._indexes.values() if old is not None else ():
                index.change(key, old, None)
            return old

    def replace(self, objects: Mapping[ObjectKey, KubeObject]) -> None:
        """These objects and no others, at one stroke."""
        with self.lock:
            self._objects = dict(objects)
            for name, index in self._indexes.items():
                self._indexes[name] = self._built(index.function)

    def add_index(self, name: str, function: IndexFunction) -> None:
        """Makes objects findable by `function`; replaces an index of that name."""
        with self.lock:
            self._indexes[name] = self._built(function)

    def has_index(self, name: str) -> bool:
        """Whether there is an index of that name."""
        return name in self._indexes

    def by_index(self, name: str, value: str) -> list[KubeObject]:
        """The objects found under `value`.

        Raises:
            KeyError: there is no such index.
        """
        with self.lock:
            return [self._objects[key] for key in self._indexes[name].keys(value)]

    def quarantined(self, name: str) -> Mapping[ObjectKey, str]:
        """The objects that the index function failed on, and its error."""
        with self.lock:
            return dict(self._indexes[name].quarantined)

    def _built(self, function: IndexFunction) -> Index:
        index = Index(function)
        for key, item in self._objects.items():
            index.change(key, None, item)
        return index
