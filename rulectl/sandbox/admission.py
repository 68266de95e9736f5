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

_KEPT = frozenset({"apiVersion", "kind", "metadata"})


def admitted(world: World, served: Served, body: Mapping[str, Value]) -> dict[str, Value]:
    """The object with defaults filled in and, for a custom resource, unknown fields dropped.

    Raises:
        ApiError: 422 with every cause when it is not valid.
    """
    metadata = mapping(body.get("metadata"))
    wrong: list[Wrong] = list(wrong_metadata(metadata))
    if served.custom and served.node is not None:
        pruned = mapping(structural.default(structural.prune(body, served.node), served.node))
        # apiVersion, kind and metadata follow their own rules, whatever the schema says.
        result = {**pruned, **{key: body[key] for key in _KEPT if key in body}}
        wrong.extend(structural.violations(result, served.node))
    else:
        result = builtin.with_defaults(served, body)
        wrong.extend(builtin.wrong_spec(served, result))
    if wrong:
        raise invalid(served.kind.kind, served.kind.group, text(metadata.get("name")), wrong)
    if served.storage == CRDS:
        custom.check(result)
        deleting = metadata.get("deletionTimestamp")
        result = result if deleting else custom.established(result, world.timestamp())
    return result
