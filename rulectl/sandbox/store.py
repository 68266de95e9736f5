"""All objects of the server: one resourceVersion counter, a collection and an event log per type."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import merge
from typing import NamedTuple

from rulectl.sandbox.log import Event, EventType, Log
from rulectl.sandbox.stored import Stored
from rulectl.value import Value, mapping

FIRST_VERSION = 1000
"""The counter starts here, so that 1 is a resourceVersion that is too old."""
DEFAULT_WINDOW = 10_000


class StorageType(NamedTuple):
    """Where the objects of a resource are kept; all versions of it share one place."""

    group: str
    plural: str


class Place(NamedTuple):
    """Where one object is kept."""

    type: StorageType
    key: str


def key_of(namespace: str, name: str) -> str:
    """The key of an object in its collection; keys sort as they do in etcd."""
    return f"{namespace}/{name}" if namespace else name


class Collection:
    """The objects of one type, by key and in the order of their keys."""

    def __init__(self, window: int, floor: int) -> None:
        self.log = Log(window, floor)
        self.items: dict[str, Stored] = {}
        self.readers: dict[object, Callable[[], None]] = {}
        self._keys: list[str] = []

    def add_key(self, key: str) -> None:
        """Makes room for a key that is new."""
        if self._keys and key > self._keys[-1]:
            self._keys.append(key)
        else:
            insort(self._keys, key)

    def drop_key(self, key: str) -> None:
        """Takes away a key that is there."""
        del self._keys[bisect_left(self._keys, key)]

    def wake(self) -> None:
        """Calls everyone who reads the log."""
        for wake in list(self.readers.values()):
            wake()

    def in_order(self, namespace: str = "", after: str = "") -> Iterator[Stored]:
        """The objects, or those of one namespace, with keys greater than `after`."""
        items = self.items
        return (items[key] for key in self._range(namespace, after))

    def count(self, namespace: str = "", after: str = "") -> int:
        """How many objects `in_order` would give."""
        return len(self._range(namespace, after))

    def _range(self, namespace: str, after: str) -> list[str]:
        if not namespace and not after:
            return self._keys
        low = max(f"{namespace}/" if namespace else "", f"{after}\x00" if after else "")
        start = bisect_left(self._keys, low)
        # "0" is the character behind "/": the first key that is no longer in the namespace.
        end = bisect_left(self._keys, f"{namespace}0") if namespace else len(self._keys)
        return self._keys[start:end]

    def state_at(self, rv: int, namespace: str = "", after: str = "") -> Iterable[Stored]:
        """`in_order` as it was at `rv`, which must not be below the log's floor."""
        changed = self._changed_since(rv, namespace, after)
        if not changed:
            return self.in_order(namespace, after)
        return self._undone(changed, namespace, after)

    def count_at(self, rv: int, namespace: str = "", after: str = "") -> int:
        """How many objects `state_at` would give."""
        changed = self._changed_since(rv, namespace, after)
        was = sum(item is not None for item in changed.values())
        return self.count(namespace, after) + was - sum(key in self.items for key in changed)

    def _undone(self, changed: dict[str, Stored | None], namespace: str, after: str) -> Iterator[Stored]:
        for key in merge(sorted(changed), (key for key in self._range(namespace, after) if key not in changed)):
            item = changed[key] if key in changed else self.items[key]
            if item is not None:
                yield item

    def _changed_since(self, rv: int, namespace: str, after: str) -> dict[str, Stored | None]:
        prefix = f"{namespace}/" if namespace else ""
        changed = self.log.undo_to(rv)
        return {key: item for key, item in changed.items() if key > after and key.startswith(prefix)}


class Store:
    """The server's memory. Objects are replaced, never changed; whoever reads one must not write to it.

    It is used by one thread at a time (the Api's lock sees to that). Readers that subscribed to a type are
    called after each change of it, by the thread that made it.
    """

    def __init__(self, *, window: int = DEFAULT_WINDOW) -> None:
        self.rv = FIRST_VERSION
        self._window = window
        self._floor = FIRST_VERSION
        self._collections: dict[StorageType, Collection] = {}
        self._places: dict[str, Place] = {}
        self._dependents: dict[str, dict[Place, None]] = {}

    def collection(self, kind: StorageType) -> Collection:
        """The collection of a type; it is made when first asked for."""
        found = self._collections.get(kind)
        if found is None:
            found = self._collections[kind] = Collection(self._window, self._floor)
        return found

    def types(self) -> list[StorageType]:
        """The types that have or had objects."""
        return list(self._collections)

    def get(self, kind: StorageType, key: str) -> Stored | None:
        """The object at a key, if there is one."""
        found = self._collections.get(kind)
        return found.items.get(key) if found else None

    def put(self, kind: StorageType, key: str, body: Mapping[str, Value]) -> Stored:
        """Stores a new object or a new state of one, under the next resourceVersion."""
        collection = self.collection(kind)
        old = collection.items.get(key)
        new = self._next(key, body)
        # Encoded here, where the object is warm, so that a first list of very many is fast too.
        new.tail()
        collection.items[key] = new
        if old is None:
            collection.add_key(key)
        self._index(Place(kind, key), old, new)
        self._emit(collection, "ADDED" if old is None else "MODIFIED", new, old)
        return new

    def remove(self, kind: StorageType, key: str, last: Mapping[str, Value] | None = None) -> Stored:
        """Removes an object; what comes back is its last state, under the deletion's resourceVersion."""
        collection = self.collection(kind)
        old = collection.items.pop(key)
        collection.drop_key(key)
        new = self._next(key, old.object if last is None else last)
        self._index(Place(kind, key), old, None)
        self._emit(collection, "DELETED", new, old)
        return new

    def find(self, uid: str) -> tuple[Place, Stored] | None:
        """The object with an identity."""
        place = self._places.get(uid)
        item = self.get(*place) if place else None
        return (place, item) if place and item else None

    def dependents(self, uid: str) -> list[Place]:
        """The objects that name `uid` as an owner, in the order in which they came to do so."""
        return list(self._dependents.get(uid, ()))

    def compact(self) -> None:
        """Forgets all that was: from now on, every resourceVersion below the present one is too old."""
        self._floor = self.rv
        for collection in self._collections.values():
            collection.log.compact(self.rv)

    def wake_all(self) -> None:
        """Calls everyone who reads any log, as if something had happened."""
        for collection in self._collections.values():
            collection.wake()

    def clear(self) -> None:
        """Removes every object, with an event for each; the counter goes on."""
        for kind, collection in self._collections.items():
            for key in list(collection.items):
                self.remove(kind, key)

    def _next(self, key: str, body: Mapping[str, Value]) -> Stored:
        self.rv += 1
        metadata = {**mapping(body.get("metadata")), "resourceVersion": str(self.rv)}
        return Stored(key, {**body, "metadata": metadata}, self.rv)

    def _emit(self, collection: Collection, kind: EventType, new: Stored, old: Stored | None) -> None:
        collection.log.append(Event(new.rv, kind, new.key, new, old))
        if collection.readers:
            collection.wake()

    def _index(self, place: Place, old: Stored | None, new: Stored | None) -> None:
        before, after = (old.uid if old else ""), (new.uid if new else "")
        if before != after:
            self._places.pop(before, None)
        if after:
            self._places[after] = place
        owners_before, owners_after = set(owners_of(old)), list(owners_of(new))
        for uid in owners_before.difference(owners_after):
            dependents = self._dependents.get(uid, {})
            dependents.pop(place, None)
            if not dependents:
                self._dependents.pop(uid, None)
        for uid in owners_after:
            self._dependents.setdefault(uid, {})[place] = None


def owners_of(item: Stored | None) -> Iterable[str]:
    """The uids of the owners that an object names."""
    references = item.metadata.get("ownerReferences") if item else None
    if not isinstance(references, list):
        return []
    return [str(mapping(reference).get("uid", "")) for reference in references]
