"""Manifests into the store: as they are, status and uid included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rulectl.errors import UsageError
from rulectl.resource import Kind
from rulectl.sandbox import builtin, garbage
from rulectl.sandbox.admission import admitted
from rulectl.sandbox.api import Api
from rulectl.sandbox.fieldcheck import unknown_fields
from rulectl.sandbox.manifest import parse_documents
from rulectl.sandbox.naming import wrong_name
from rulectl.sandbox.registry import Served
from rulectl.sandbox.status import ApiError
from rulectl.sandbox.store import key_of
from rulectl.sandbox.world import World
from rulectl.sandbox.writes import NAMESPACES, namespace_of, put
from rulectl.value import Value, mapping, text

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})
_FIRST = {"CustomResourceDefinition": 0, "Namespace": 1}
_LATER = 2


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object and the file it is from."""

    source: str
    body: Mapping[str, Value]


def load(api: Api, paths: Iterable[str | Path]) -> int:
    """Stores the objects of manifest files, or of all such files below folders; how many there were.

    CustomResourceDefinitions come first, namespaces next; a namespace that is missing is made. Unlike a
    create, loading keeps uid, times, owners and status; an object that is there already is replaced.
    Everything is read before anything is stored.

    Raises:
        UsageError: a file cannot be read, or an object cannot be stored; the message names the file.
    """
    return load_objects(api, _read(paths))


def load_objects(api: Api, manifests: Iterable[Manifest]) -> int:
    """The same for objects that have been read."""
    ordered = sorted(manifests, key=lambda manifest: _FIRST.get(text(manifest.body.get("kind")), _LATER))
    with api.lock:
        for manifest in ordered:
            try:
                _store(api.world, manifest)
            except ApiError as error:
                raise UsageError(f"{manifest.source}: {error.message}") from error
        garbage.settle(api.world)
    return len(ordered)


def manifests_of(source: str, content: str | bytes) -> list[Manifest]:
    """The objects in a text.

    Raises:
        UsageError: it is not YAML, or no manifest.
    """
    try:
        return [Manifest(source, body) for body in parse_documents(content)]
    except ValueError as error:
        raise UsageError(f"{source}: {error}") from error


def _read(paths: Iterable[str | Path]) -> Iterator[Manifest]:
    for given in paths:
        for path in _files(Path(given)):
            try:
                content = path.read_bytes()
            except OSError as error:
                raise UsageError(f"{path} cannot be read: {error.strerror}") from error
            yield from manifests_of(str(path), content)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.rglob("*") if file.suffix in _SUFFIXES and file.is_file())
    if not path.exists():
        raise UsageError(f"there is no file or folder {path}: check what is to be loaded")
    return [path]


def _store(world: World, manifest: Manifest) -> None:
    body = manifest.body
    kind = Kind(text(body.get("apiVersion")), text(body.get("kind")))
    served = world.registry.of_kind(kind)
    if served is None or "list" not in served.row.verbs:
        hint = "load its CustomResourceDefinition with it, or check apiVersion and kind"
        raise UsageError(f"{manifest.source}: the sandbox serves no {kind}; {hint}")
    metadata = mapping(body.get("metadata"))
    name = text(metadata.get("name"))
    fault = wrong_name(served, name)
    if fault:
        raise UsageError(f"{manifest.source}: {kind} {name!r}: metadata.name: {fault}")
    namespace = ""
    if served.namespaced:
        namespace = text(metadata.get("namespace")) or "default"
        if namespace_of(world, namespace) is None:
            ensure_namespace(world, namespace)
    put_as_given(world, served, namespace, {**body, "metadata": {**metadata, "name": name}})


def ensure_namespace(world: World, name: str) -> None:
    """Makes a namespace unless it is there."""
    served = world.registry.of_storage(NAMESPACES)
    if served is not None and namespace_of(world, name) is None:
        head: dict[str, Value] = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        put_as_given(world, served, "", head)


def put_as_given(world: World, served: Served, namespace: str, body: Mapping[str, Value]) -> None:
    """Stores an object with everything that it says of itself, and the rest filled in.

    Raises:
        ApiError: it is not valid, or has a value of a wrong type.
    """
    given = mapping(body.get("metadata"))
    name = text(given["name"])
    key = key_of(namespace, name)
    there = world.store.get(served.storage, key)
    metadata: dict[str, Value] = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    metadata.update({key: value for key, value in given.items() if key != "resourceVersion"})
    metadata["uid"] = given.get("uid") or (there.uid if there else world.new_uid())
    metadata["creationTimestamp"] = given.get("creationTimestamp") or world.timestamp()
    if builtin.counts_generations(served):
        metadata["generation"] = given.get("generation") or 1
    unknown_fields(served, body)
    new = admitted(world, served, {**body, "metadata": metadata})
    if "status" not in new and (status := builtin.initial_status(served)) is not None:
        new["status"] = status
    put(world, served, key, served.kept(new))
