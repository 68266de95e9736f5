"""The only three ways into the store for handlers: they also tell the registry and the garbage collector."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.sandbox import custom
from rulectl.sandbox.registry import Served
from rulectl.sandbox.store import Place, StorageType, key_of, owners_of
from rulectl.sandbox.stored import Stored
from rulectl.sandbox.world import World
from rulectl.value import Value, mapping

NAMESPACES = StorageType("", "namespaces")
CRDS = StorageType("apiextensions.k8s.io", "customresourcedefinitions")


def put(world: World, served: Served, key: str, body: Mapping[str, Value]) -> Stored:
    """Stores a new or changed object; `body` is in the stored form."""
    stored = world.store.put(served.storage, key, body)
    if served.storage == CRDS:
        custom.serve(world.registry, stored.object)
    if stored.metadata.get("deletionTimestamp"):
        world.agenda[Place(served.storage, key)] = None
    return stored


def remove(world: World, served: Served, item: Stored) -> Stored:
    """Takes an object out of the store; whoever hangs on it is looked at before the request ends."""
    return remove_as(world, served, item, item.object)


def remove_as(world: World, served: Served, item: Stored, last: Mapping[str, Value]) -> Stored:
    """The same, with a last state (in the stored form) that watchers see as the deleted one."""
    gone = world.store.remove(served.storage, item.key, last)
    world.agenda.update(dict.fromkeys(world.store.dependents(item.uid)))
    for uid in owners_of(item):
        _look_again(world, world.store.find(uid))
    if served.namespaced:
        _look_again(world, _found(world, NAMESPACES, item.namespace))
    if served.custom:
        _look_again(world, _found(world, CRDS, f"{served.plural}.{served.kind.group}"))
    if served.storage == CRDS:
        custom.withdraw(world.registry, item.object)
        world.store.collection(custom.storage_of(item.object)).wake()
    return gone


def namespace_of(world: World, name: str) -> Mapping[str, Value] | None:
    """The Namespace object of that name, or None."""
    item = world.store.get(NAMESPACES, key_of("", name))
    return item.object if item else None


def _found(world: World, kind: StorageType, name: str) -> tuple[Place, Stored] | None:
    item = world.store.get(kind, name)
    return (Place(kind, name), item) if item else None


def _look_again(world: World, found: tuple[Place, Stored] | None) -> None:
    if found and mapping(found[1].object.get("metadata")).get("deletionTimestamp"):
        world.agenda[found[0]] = None
