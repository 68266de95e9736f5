"""Who owns which fields after a create, an update or a patch that is no apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rulectl.openapi import Node
from rulectl.sandbox.patch.difference import difference
from rulectl.sandbox.patch.fieldset import EMPTY
from rulectl.sandbox.patch.managers import (
    Claim,
    ManagerKey,
    Managers,
    capped,
    decode_managers,
    encode_managers,
    resets,
    taken_over,
)
from rulectl.sandbox.patch.meta import (
    NEVER_OWNED,
    FieldNames,
    field_paths,
    managed_fields,
    with_managed_fields,
    without_managed_fields,
)
from rulectl.value import Value


def track_update(
    old: Mapping[str, Value] | None,
    new: Mapping[str, Value],
    *,
    manager: str,
    node: Node | None,
    now: str,
    api_version: str,
    subresource: str = "",
    ignored: Iterable[FieldNames] = (),
) -> Mapping[str, Value]:
    """`new`, which is to replace `old`, with the managedFields it then has.

    What differs between the two belongs to `manager` (operation Update) and to nobody else any more; what
    is gone belongs to nobody. An object that nobody ever owned anything of stays so, unless it is new
    (`old` None). managedFields in `new` itself are taken as a wish, as on the server: an empty list, or one
    empty entry, starts anew; what cannot be read, or is missing, counts as unchanged.

    `new` may be returned as it is; where nothing changed, the managedFields equal those of `old`, times too.

    Args:
        old: The object before, None on create.
        new: The object as it is to be stored.
        manager: The field manager's name.
        node: The kind's schema; None: maps field by field, lists as a whole.
        now: RFC 3339, in seconds; stands in the manager's entry if it changed anything.
        api_version: Under which the write came.
        subresource: For example ``status``; managedFields in `new` count only without one.
        ignored: Paths of keys that this write cannot change (``("status",)`` where it is a subresource).
    """
    key = ManagerKey.updater(manager, api_version, subresource)
    managers = _known(old, new, subresource)
    if not managers and old is not None:
        return without_managed_fields(new)
    try:
        tracked = tracked_managers(managers, old, new, key=key, node=node, now=now, ignored=ignored)
    except ValueError:
        # A list whose items cannot be named: the server keeps what it knew rather than fail the write.
        tracked = managers
    return with_managed_fields(new, encode_managers(tracked))


def tracked_managers(
    managers: Managers,
    old: Mapping[str, Value] | None,
    new: Mapping[str, Value],
    *,
    key: ManagerKey,
    node: Node | None,
    now: str,
    ignored: Iterable[FieldNames] = (),
) -> Managers:
    """The managers after `key` replaced `old` by `new`.

    Raises:
        ValueError: an item of a keyed list has no name.
    """
    before = without_managed_fields(old) if old is not None else unborn(node)
    change = difference(before, without_managed_fields(new), node).without(field_paths(ignored))
    left = taken_over(managers, change.written, change.removed)
    taken = change.written - NEVER_OWNED
    if taken:
        previous = left.get(key, Claim(EMPTY, key.api_version))
        left[key] = replace(previous, fields=previous.fields | taken, time=now)
    return capped(left)


def unborn(node: Node | None) -> Mapping[str, Value]:
    """What a created object is compared with: a built-in kind is never without its structs, a CR is empty."""
    if node is None or not node.name:
        return {}
    return {key: _struct(node.properties[key]) for key in ("metadata", "spec", "status") if key in node.properties}


def _struct(node: Node) -> Value:
    empty: dict[str, Value] = {}
    template = node.properties.get("template")
    if template is not None and template.properties:
        empty["template"] = {
            key: _struct(template.properties[key]) for key in ("metadata", "spec") if key in template.properties
        }
    lists = (key for key in node.required if key in node.properties and node.properties[key].type == "array")
    return empty | dict.fromkeys(lists)


def _known(old: Mapping[str, Value] | None, new: Mapping[str, Value], subresource: str) -> Managers:
    wished = managed_fields(new)
    if not subresource:
        if resets(wished):
            return {}
        try:
            managers = decode_managers(wished)
        except ValueError:
            managers = {}
        if managers:
            return managers
    try:
        return decode_managers(managed_fields(old))
    except ValueError:
        return {}
