"""The garbage collector: what follows a deletion, done before the request that caused it is answered.

Owners are known by uid. An object is collected when an owner of it is deleted here and no other owner
is left; one that was loaded with owners that never were here is left alone. Unlike on a cluster, where
controllers do this some time later, all of it has happened when the answer comes.
"""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.sandbox import custom
from rulectl.sandbox.deleting import GC_FINALIZERS, DeleteOptions, Propagation, delete_item
from rulectl.sandbox.registry import Served
from rulectl.sandbox.store import Place
from rulectl.sandbox.stored import Stored
from rulectl.sandbox.world import World
from rulectl.sandbox.writes import CRDS, NAMESPACES, put, remove, remove_as
from rulectl.value import Value, mapping, text

_FOREGROUND = GC_FINALIZERS[Propagation.FOREGROUND]
_ORPHAN = GC_FINALIZERS[Propagation.ORPHAN]


def settle(world: World) -> None:
    """Works off the agenda, and what that adds to it."""
    while world.agenda:
        place, _ = world.agenda.popitem(last=False)
        item = world.store.get(*place)
        served = world.registry.of_storage(place.type)
        if item is not None and served is not None:
            _look_at(world, served, place, item)


def _look_at(world: World, served: Served, place: Place, item: Stored) -> None:
    if not item.metadata.get("deletionTimestamp"):
        _collect(world, served, item)
    elif place.type == NAMESPACES:
        _drain(world, served, item)
    elif _ORPHAN in _finalizers(item):
        _release_dependents(world, item)
        _drop_finalizer(world, served, item, _ORPHAN)
    elif _FOREGROUND in _finalizers(item):
        _delete_dependents(world, item)
        if not _blockers(world, item):
            _drop_finalizer(world, served, item, _FOREGROUND)
    elif place.type == CRDS and custom.FINALIZER in _finalizers(item):
        _delete_instances(world, served, item)
    else:
        _collect(world, served, item)


def _collect(world: World, served: Served, item: Stored) -> None:
    """Deletes an object that has lost its last owner; takes away references to owners that are gone."""
    references = _references(item)
    left = [reference for reference in references if world.store.find(text(reference.get("uid")))]
    if len(left) == len(references):
        return
    if not left:
        if not item.metadata.get("deletionTimestamp"):
            delete_item(world, served, item, DeleteOptions(Propagation.BACKGROUND))
        return
    metadata = {**item.metadata, "ownerReferences": left}
    put(world, served, item.key, {**item.object, "metadata": metadata})


def _release_dependents(world: World, owner: Stored) -> None:
    for place in world.store.dependents(owner.uid):
        item, served = world.store.get(*place), world.registry.of_storage(place.type)
        if item is None or served is None:
            continue
        left = [reference for reference in _references(item) if reference.get("uid") != owner.uid]
        metadata: dict[str, Value] = {**item.metadata, "ownerReferences": left}
        if not left:
            del metadata["ownerReferences"]
        put(world, served, item.key, {**item.object, "metadata": metadata})


def _delete_dependents(world: World, owner: Stored) -> None:
    for place in world.store.dependents(owner.uid):
        item, served = world.store.get(*place), world.registry.of_storage(place.type)
        if item is None or served is None or item.metadata.get("deletionTimestamp"):
            continue
        policy = Propagation.FOREGROUND if _blockers(world, item) else Propagation.BACKGROUND
        delete_item(world, served, item, DeleteOptions(policy))


def _blockers(world: World, owner: Stored) -> list[Place]:
    found: list[Place] = []
    for place in world.store.dependents(owner.uid):
        item = world.store.get(*place)
        if item is None:
            continue
        mine = (reference for reference in _references(item) if reference.get("uid") == owner.uid)
        if any(reference.get("blockOwnerDeletion") is True for reference in mine):
            found.append(place)
    return found


def _drain(world: World, served: Served, namespace: Stored) -> None:
    """Deletes all that is in a namespace, and the namespace once nothing is left."""
    left = False
    for content in world.registry.storages(namespaced=True):
        collection = world.store.collection(content.storage)
        for item in list(collection.in_order(namespace.name)):
            deleting = item.metadata.get("deletionTimestamp")
            if deleting or delete_item(world, content, item, DeleteOptions(Propagation.BACKGROUND)):
                left = True
    current = world.store.get(NAMESPACES, namespace.key)
    if not left and current is not None and not _finalizers(current):
        remove(world, served, current)


def _delete_instances(world: World, served: Served, crd: Stored) -> None:
    storage = custom.storage_of(crd.object)
    instances = world.registry.of_storage(storage)
    if instances is not None and instances.custom:
        for item in list(world.store.collection(storage).in_order()):
            if not item.metadata.get("deletionTimestamp"):
                delete_item(world, instances, item, DeleteOptions(Propagation.BACKGROUND))
        if world.store.collection(storage).items:
            return
    current = world.store.get(CRDS, crd.key)
    if current is not None:
        _drop_finalizer(world, served, current, custom.FINALIZER)


def _drop_finalizer(world: World, served: Served, item: Stored, name: str) -> None:
    item = world.store.get(served.storage, item.key) or item
    left = [entry for entry in _finalizers(item) if entry != name]
    metadata: dict[str, Value] = {**item.metadata, "finalizers": list(left)}
    if not left:
        del metadata["finalizers"]
    body = {**item.object, "metadata": metadata}
    if left:
        put(world, served, item.key, body)
    else:
        remove_as(world, served, item, body)


def _finalizers(item: Stored) -> list[str]:
    finalizers = item.metadata.get("finalizers")
    return [text(entry) for entry in finalizers] if isinstance(finalizers, list) else []


def _references(item: Stored) -> list[Mapping[str, Value]]:
    references = item.metadata.get("ownerReferences")
    return [mapping(reference) for reference in references] if isinstance(references, list) else []
