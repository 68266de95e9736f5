"""Decoding with the rules as the schema: an object's bytes -> the fields that are read."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar, Protocol, cast

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from rulectl.fields import WHOLE, FieldTree, tree_of
from rulectl.kube.leaves import EVERYTHING, Leaves
from rulectl.kube.object import KubeObject, PlainObject, same_json, without_version
from rulectl.kube.structs import Type, Unprojectable, define, optional, type_of
from rulectl.kube.transport import JSON
from rulectl.resource import Kind, ObjectKey
from rulectl.value import Value, decode, encode, mapping, text

PARTIAL = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

IDENTITY = tree_of("metadata", leaf=FieldTree(fields=dict.fromkeys(("name", "namespace", "uid"), WHOLE)))
"""What every object keeps, whoever reads it."""

_TYPE_FIELDS = ("apiVersion", "kind")


def metadata_only(tree: FieldTree) -> bool:
    """Whether all that `tree` reads is inside metadata, apiVersion and kind apart."""
    inside = {*_TYPE_FIELDS, "metadata"}
    return not tree.whole and tree.items is None and tree.entries is None and tree.fields.keys() <= inside


def accept_for(tree: FieldTree, *, page: bool = False) -> str:
    """The Accept header that makes the server send no more than it must; `page` for lists.

    The plain form stays acceptable, so that servers without the transformation answer too.
    """
    if not metadata_only(tree):
        return JSON
    return f"{PARTIAL_LIST if page else PARTIAL},{JSON}"


class Envelope(Protocol):
    """One line of a watch."""

    type: str
    object: KubeObject


class PageMetadata(Struct, frozen=True):
    """The metadata of a list."""

    version: str | None = field(default=None, name="resourceVersion")
    token: str | None = field(default=None, name="continue")


class Page(Protocol):
    """The answer to a list request."""

    metadata: PageMetadata
    items: list[KubeObject] | None


@dataclass(frozen=True, slots=True)
class Types:
    """The generated decoders of a projection."""

    root: type[Struct]
    objects: msgspec.json.Decoder[KubeObject]
    lines: msgspec.json.Decoder[Envelope]
    pages: msgspec.json.Decoder[Page]
    leaves: Leaves


class Projection:
    """Decodes objects of one kind down to a tree; immutable, for any number of threads.

    The kept value of an object always equals ``projection.tree.prune(full)``, where `full` is the object as
    the server has it, with apiVersion and kind (which lists leave out) and without managedFields
    unless the tree names it.
    """

    def __init__(self, tree: FieldTree, kind: Kind | None = None) -> None:
        """`kind`: what to show as apiVersion and kind; None takes them from the data, as they are."""
        self.tree = tree | IDENTITY
        self._kind = kind
        self._names_version = "resourceVersion" in _metadata_of(self.tree).fields
        self._drops_managed = "managedFields" not in _metadata_of(self.tree).fields
        self.types = _types(self.tree, kind)
        """The decoders; None where no type can keep exactly what the tree keeps."""

    def decode(self, data: bytes | Raw) -> KubeObject:
        """The object in `data`.

        Raises:
            ValueError: it is no JSON, or no object with a name.
        """
        if self.types is not None:
            try:
                return self.types.objects.decode(data)
            except ValueError:
                pass
        return self.of(mapping(decode(bytes(data))))

    def of(self, full: Mapping[str, Value]) -> KubeObject:
        """An object that is decoded already: pruned, not typed.

        Raises:
            ValueError: it has no name.
        """
        metadata = mapping(full.get("metadata"))
        name, namespace = text(metadata.get("name")), text(metadata.get("namespace"))
        if not name:
            raise ValueError("the object has no metadata.name")
        if self._drops_managed and "managedFields" in metadata:
            kept = {part: value for part, value in metadata.items() if part != "managedFields"}
            full = {**full, "metadata": kept}
        if self._kind is not None:
            full = {**full, "apiVersion": self._kind.api_version, "kind": self._kind.kind}
        return PlainObject(
            mapping(self.tree.prune(full)),
            key=ObjectKey(sys.intern(namespace), name),
            resource_version=text(metadata.get("resourceVersion")),
            versioned=self._names_version,
        )

    def equal(self, old: KubeObject, new: KubeObject) -> bool:
        """`old.same_fields(new)` in the fields of this projection, wherever the two come from."""
        if type(old) is type(new) and not isinstance(old, PlainObject):
            return old.same_fields(new)
        if self._names_version and old.resource_version != new.resource_version:
            return False
        return same_json(self._cut(old), self._cut(new))

    def changed(self, old: KubeObject, new: KubeObject) -> int:
        """The leaves in which the two differ, see `Leaves.changed`; `EVERYTHING`: that cannot be told so."""
        if self.types is None or not (isinstance(old, self.types.root) and isinstance(new, self.types.root)):
            return EVERYTHING
        return self.types.leaves.changed(old, new)

    def _cut(self, item: KubeObject) -> Mapping[str, Value]:
        return mapping(self.tree.prune(without_version(item.value())))


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a generated root class knows about its own slots."""

    leaves: Leaves
    has_lists: bool
    names_version: bool
    constants: Mapping[str, Value]


class Projected(Struct, frozen=True, gc=False):
    """The base of generated root classes; a `KubeObject`."""

    shape: ClassVar[_Shape]

    @property
    def key(self) -> ObjectKey:
        """See `KubeObject.key`."""
        metadata = self.metadata  # type: ignore[attr-defined]  # every generated class has this slot
        namespace = metadata.namespace
        return ObjectKey("" if namespace is UNSET else namespace, metadata.name)

    @property
    def uid(self) -> str:
        """See `KubeObject.uid`."""
        uid: str | UnsetType = self.metadata.uid  # type: ignore[attr-defined]
        return "" if uid is UNSET else uid

    @property
    def resource_version(self) -> str:
        """See `KubeObject.resource_version`."""
        version: str | UnsetType = self.metadata.version  # type: ignore[attr-defined]
        return "" if version is UNSET else version

    def value(self) -> Mapping[str, Value]:
        """See `KubeObject.value`; a fresh copy each time."""
        shape = self.shape
        # Lists are kept as tuples; by way of JSON they come out as lists.
        made = decode(encode(self)) if shape.has_lists else msgspec.to_builtins(self)
        value = cast("dict[str, Any]", made)
        if not shape.names_version:
            value["metadata"].pop("resourceVersion", None)
        value.update(shape.constants)
        return value

    def same_fields(self, other: KubeObject) -> bool:
        """See `KubeObject.same_fields`."""
        if type(self) is type(other):
            return _identity(self) == _identity(other) and self.shape.leaves.changed(self, other) == 0
        if self.shape.names_version and self.resource_version != other.resource_version:
            return False
        return same_json(without_version(self.value()), without_version(other.value()))


_identity = attrgetter("metadata.name", "metadata.namespace", "metadata.uid")


def _types(tree: FieldTree, kind: Kind | None) -> Types | None:
    try:
        root, leaves = _root_type(tree, kind)
    except Unprojectable:
        return None
    line = define("Line", [("type", str, ""), ("object", root, msgspec.NODEFAULT)], {})
    columns = [("metadata", PageMetadata, msgspec.NODEFAULT), ("items", list[root] | None, None)]  # type: ignore[valid-type]
    page = define("Page", columns, {})
    decoder = msgspec.json.Decoder
    return Types(root, decoder(cast("Any", root)), decoder(cast("Any", line)), decoder(cast("Any", page)), leaves)


def _root_type(tree: FieldTree, kind: Kind | None) -> tuple[type[Struct], Leaves]:
    """The root class for `tree`, which includes IDENTITY, and its leaves."""
    metadata = _metadata_of(tree)
    if tree.whole or tree.items is not None or tree.entries is not None:
        raise Unprojectable("the whole object is read")
    if metadata.whole or metadata.items is not None or metadata.entries is not None:
        raise Unprojectable("all of metadata is read")
    identity = {"version": "resourceVersion", "name": "name", "namespace": "namespace", "uid": "uid"}
    columns: list[tuple[str, Type, Any]] = [
        ("version", str | UnsetType, UNSET),
        ("name", str, msgspec.NODEFAULT),
        ("namespace", str | UnsetType, UNSET),
        ("uid", str | UnsetType, UNSET),
    ]
    others = [name for name in metadata.fields if name not in identity.values()]
    inner = {f"m{index}": name for index, name in enumerate(others)}
    columns += [(slot, optional(type_of(metadata.fields[name])), UNSET) for slot, name in inner.items()]
    metadata_type = define("Metadata", columns, {**identity, **inner})

    constants: dict[str, Value] = {}
    if kind is not None:
        values = {"apiVersion": kind.api_version, "kind": kind.kind}
        constants = {name: values[name] for name in _TYPE_FIELDS if name in tree.fields}
    rest = [name for name in tree.fields if name != "metadata" and name not in constants]
    outer = {f"f{index}": name for index, name in enumerate(rest)}
    roots: list[tuple[str, Type, Any]] = [("metadata", metadata_type, msgspec.NODEFAULT)]
    roots += [(slot, optional(type_of(tree.fields[name])), UNSET) for slot, name in outer.items()]

    names_version = "resourceVersion" in metadata.fields
    leaves = Leaves(tree, inner, outer)
    shape = _Shape(leaves, _has_lists(tree), names_version, constants)
    return define("Root", roots, outer, bases=(Projected,), namespace={"shape": shape}), leaves


def _has_lists(tree: FieldTree) -> bool:
    children = [*tree.fields.values(), *([tree.entries] if tree.entries is not None else [])]
    return tree.items is not None or any(map(_has_lists, children))


def _metadata_of(tree: FieldTree) -> FieldTree:
    return tree.child("metadata") or IDENTITY
