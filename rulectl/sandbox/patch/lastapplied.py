"""kubectl's client-side apply annotation: how an object moves over to server-side apply without conflicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rulectl.openapi import Node
from rulectl.sandbox.patch.difference import difference
from rulectl.sandbox.patch.managers import Conflict
from rulectl.sandbox.patch.meta import without_managed_fields
from rulectl.sandbox.patch.owned import fields_of
from rulectl.value import Value, decode, encode, mapping, text

MANAGER = "kubectl"
"""Only for the manager of this name does the annotation count."""
ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"


def unforgiven(
    lost: Sequence[Conflict], live: Mapping[str, Value], node: Node | None, api_version: str
) -> list[Conflict]:
    """The conflicts about fields that client-side apply did not set to the value they still have.

    Where it did, kubectl takes over what was kubectl's. Without a readable annotation all remain.
    """
    written = _annotation(live)
    try:
        before = decode(written) if lost and written else None
    except ValueError:
        before = None
    if not isinstance(before, Mapping) or before.get("apiVersion") != api_version:
        return list(lost)
    change = difference(before, live, node)
    own = fields_of(before, node) - change.written - change.removed
    return [entry for entry in lost if entry.path not in own]


def updated(obj: Mapping[str, Value], applied: Mapping[str, Value]) -> Mapping[str, Value]:
    """`obj` with its annotation saying what was applied now; as it is when it has no annotation."""
    if not _annotation(obj):
        return obj
    meta = mapping(obj.get("metadata"))
    annotations = mapping(meta.get("annotations"))
    bare = _without_annotation(without_managed_fields(applied))
    told = encode(bare).decode() + "\n"
    return {**obj, "metadata": {**meta, "annotations": {**annotations, ANNOTATION: told}}}


def _annotation(obj: Mapping[str, Value]) -> str:
    return text(mapping(mapping(obj.get("metadata")).get("annotations")).get(ANNOTATION))


def _without_annotation(obj: Mapping[str, Value]) -> Mapping[str, Value]:
    meta = mapping(obj.get("metadata"))
    annotations = mapping(meta.get("annotations"))
    if ANNOTATION not in annotations:
        return obj
    rest = {key: value for key, value in annotations.items() if key != ANNOTATION}
    return {**obj, "metadata": {**meta, "annotations": rest}}
