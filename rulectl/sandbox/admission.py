"""From what a client wrote to what is stored: defaults, pruning and validation, the same on every write."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.sandbox import builtin, custom, structural
from rulectl.sandbox.naming import Wrong, wrong_metadata
from rulectl.sandbox.registry import Served
from rulectl.sandbox.status import invalid
from rulectl.sandbox.world import World
from rulectl.sandbox.writes import CRDS
from rulectl.value import Value, mapping, text

_OMITTED_WHEN_EMPTY = ("labels", "annotations", "finalizers", "ownerReferences")
_KEPT = frozenset({"apiVersion", "kind", "metadata"})


def admitted(world: World, served: Served, body: Mapping[str, Value]) -> dict[str, Value]:
    """The object with defaults filled in and, for a custom resource, unknown fields dropped.

    Raises:
        ApiError: 422 with every cause when it is not valid.
    """
    metadata = mapping(body.get("metadata"))
    if any(key in metadata and not metadata[key] for key in _OMITTED_WHEN_EMPTY):
        metadata = {key: value for key, value in metadata.items() if value or key not in _OMITTED_WHEN_EMPTY}
        body = {**body, "metadata": metadata}
    wrong: list[Wrong] = list(wrong_metadata(metadata))
    if served.custom and served.node is not None:
        pruned = mapping(structural.default(structural.prune(body, served.node), served.node))
        # apiVersion, kind and metadata follow their own rules, whatever the schema says.
        result = {**pruned, **{key: body[key] for key in _KEPT if key in body}}
        wrong.extend(structural.violations(result, served.node))
    else:
        result = builtin.with_defaults(served, mapping(without_nulls(body)))
        wrong.extend(builtin.wrong_spec(served, result))
    if wrong:
        raise invalid(served.kind.kind, served.kind.group, text(metadata.get("name")), wrong)
    if served.storage == CRDS:
        custom.check(result)
        deleting = metadata.get("deletionTimestamp")
        result = result if deleting else custom.established(result, world.timestamp())
    return result


def without_nulls(value: Value) -> Value:
    """The value without the keys that hold null, which a built-in kind cannot keep; itself if it has none."""
    if isinstance(value, dict):
        kept = {key: without_nulls(entry) for key, entry in value.items() if entry is not None}
        unchanged = len(kept) == len(value) and all(kept[key] is value[key] for key in kept)
        return value if unchanged else kept
    if isinstance(value, list):
        items = [without_nulls(entry) for entry in value]
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items
    return value
