"""The parts of an object's metadata that field ownership is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rulectl.sandbox.patch.element import field
from rulectl.sandbox.patch.fieldset import FieldSet
from rulectl.value import Value, mapping

FieldNames = tuple[str, ...]

NEVER_OWNED = FieldSet.of(
    tuple(field(name) for name in path)
    for path in (
        ("apiVersion",),
        ("kind",),
        ("metadata",),
        ("metadata", "name"),
        ("metadata", "namespace"),
        ("metadata", "creationTimestamp"),
        ("metadata", "selfLink"),
        ("metadata", "uid"),
        ("metadata", "clusterName"),
        ("metadata", "generation"),
        ("metadata", "managedFields"),
        ("metadata", "resourceVersion"),
    )
)
"""What says which object it is, or is the server's, belongs to no manager."""


def managed_fields(obj: Mapping[str, Value] | None) -> Value:
    """An object's ``metadata.managedFields``, None when it has none."""
    return mapping(mapping(obj).get("metadata")).get("managedFields")


def without_managed_fields(obj: Mapping[str, Value]) -> Mapping[str, Value]:
    """`obj` without its ``metadata.managedFields``."""
    meta = mapping(obj.get("metadata"))
    if "managedFields" not in meta:
        return obj
    return {**obj, "metadata": {key: value for key, value in meta.items() if key != "managedFields"}}


def with_managed_fields(obj: Mapping[str, Value], entries: list[Value]) -> Mapping[str, Value]:
    """`obj` with these ``metadata.managedFields``; none at all when there are no entries."""
    bare = without_managed_fields(obj)
    if not entries:
        return bare
    return {**bare, "metadata": {**mapping(bare.get("metadata")), "managedFields": entries}}


def field_paths(names: Iterable[FieldNames]) -> FieldSet:
    """Paths of object keys as a set."""
    return FieldSet.of(tuple(field(name) for name in path) for path in names)


def restored(obj: Mapping[str, Value], names: Iterable[FieldNames], origin: Mapping[str, Value]) -> Mapping[str, Value]:
    """`obj` with these paths of keys as they are in `origin` (gone where they are not there)."""
    for path in names:
        obj = mapping(_restored(obj, path, origin))
    return obj


def _restored(obj: Value, path: FieldNames, origin: Value) -> Value:
    fields, source = dict(mapping(obj)), mapping(origin)
    name, rest = path[0], path[1:]
    if not rest:
        fields.pop(name, None)
        return {**fields, name: source[name]} if name in source else fields
    if name in fields or name in source:
        below = _restored(fields.get(name), rest, source.get(name))
        if below or name in fields:
            fields[name] = below
    return fields
