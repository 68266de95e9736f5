"""Server-side apply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from rulectl.openapi import Node
from rulectl.sandbox.patch import lastapplied
from rulectl.sandbox.patch.combine import combine
from rulectl.sandbox.patch.declared import undeclared
from rulectl.sandbox.patch.difference import difference
from rulectl.sandbox.patch.element import shown
from rulectl.sandbox.patch.fault import Cause, PatchError, bad_request
from rulectl.sandbox.patch.fieldset import EMPTY, FieldSet
from rulectl.sandbox.patch.managed import tracked_managers
from rulectl.sandbox.patch.managers import (
    Claim,
    Conflict,
    ManagerKey,
    Managers,
    conflicts,
    decode_managers,
    encode_managers,
    taken_over,
)
from rulectl.sandbox.patch.meta import (
    NEVER_OWNED,
    FieldNames,
    field_paths,
    managed_fields,
    restored,
    with_managed_fields,
    without_managed_fields,
)
from rulectl.sandbox.patch.owned import fields_of
from rulectl.sandbox.patch.removal import given_up, tidied
from rulectl.value import Value, mapping, same, text

BEFORE_FIRST_APPLY = "before-first-apply"


def apply(
    live: Mapping[str, Value] | None,
    applied: Mapping[str, Value],
    *,
    manager: str,
    force: bool,
    node: Node | None,
    now: str,
    api_version: str,
    subresource: str = "",
    ignored: Iterable[FieldNames] = (),
) -> Mapping[str, Value]:
    """The object that results when `manager` applies a configuration, managedFields included.

    Applied values win over live ones, and the manager owns them; what it applied before and now leaves
    out goes, unless another manager owns it too. Applying the same again gives `live` back, the very
    same object. Neither argument is changed.

    Args:
        live: The object before, None when there is none.
        applied: The configuration: the fields that the manager has an opinion about.
        manager: The field manager's name.
        force: Take fields from other managers instead of failing.
        node: The kind's schema; None: maps field by field, lists as a whole.
        now: RFC 3339, in seconds; stands in the manager's entry if the object changed.
        api_version: Under which the request came; the configuration must be of the same.
        subresource: For example ``status``.
        ignored: Paths of keys that this request cannot change (``("status",)`` where it is a subresource):
            they stay as in `live` and are not owned.

    Raises:
        PatchError: 409 with a cause for each field that another manager owns with another value (not with
            `force`); 400 for a configuration of another version or with managedFields; 500, as on the
            server, for fields that the schema does not have and list items without or with the same name.
    """
    _check(applied, node, api_version)
    request = _Request(ManagerKey.applier(manager, subresource), node, now, api_version, tuple(ignored))
    before = without_managed_fields(live) if live is not None else {}
    try:
        managers: Managers = decode_managers(managed_fields(live))
        if not managers and live is not None:
            first = ManagerKey.updater(BEFORE_FIRST_APPLY, api_version, subresource)
            managers = tracked_managers({}, None, before, key=first, node=node, now=now)
        merged, claimed = request.merge(before, applied, managers)
        change = difference(before, merged, node).without(field_paths(request.ignored))
        lost = [] if force else conflicts(managers, request.key, change.written)
        if manager == lastapplied.MANAGER:
            lost = lastapplied.unforgiven(lost, before, node, api_version)
    except ValueError as fault:
        raise PatchError(500, "", f"failed to merge the applied configuration: {fault}") from fault
    if lost:
        raise conflict_error(lost)
    # A map or list that is applied empty and lost all it held is there, empty. The server's library leaves
    # null or nothing until the next apply; here applying the same again changes nothing from the start.
    merged = mapping(combine(tidied(merged, node), applied, node))
    merged = restored(merged, request.ignored, before)
    left = taken_over(managers, change.written, change.removed, by=request.key)
    final = request.with_claim(left, claimed, changed=not same(before, merged))
    if manager == lastapplied.MANAGER:
        merged = lastapplied.updated(merged, applied)
    result = with_managed_fields(merged, encode_managers(final))
    return live if live is not None and same(live, result) else result


@dataclass(frozen=True, slots=True)
class _Request:
    key: ManagerKey
    node: Node | None
    now: str
    api_version: str
    ignored: tuple[FieldNames, ...]

    def merge(
        self, before: Mapping[str, Value], applied: Mapping[str, Value], managers: Managers
    ) -> tuple[Mapping[str, Value], FieldSet]:
        """The object after the apply, and what the applier claims by it."""
        claimed = fields_of(applied, self.node).without_trees(field_paths(self.ignored))
        last = managers[self.key].fields if self.key in managers else EMPTY
        others = (claim.fields for key, claim in managers.items() if key != self.key)
        merged = given_up(combine(before, applied, self.node), self.node, last, [claimed, *others])
        return mapping(merged), claimed

    def with_claim(self, left: Managers, claimed: FieldSet, *, changed: bool) -> Managers:
        """The managers with the applier's new claim. Its time moves only when the object changed."""
        final = dict(left)
        previous = final.pop(self.key, Claim(EMPTY, self.api_version))
        owned = claimed - NEVER_OWNED
        if owned:
            time = self.now if changed else previous.time
            final[self.key] = replace(previous, fields=owned, api_version=self.api_version, time=time)
        return final


def _check(applied: Mapping[str, Value], node: Node | None, api_version: str) -> None:
    if applied.get("apiVersion") != api_version:
        raise bad_request(
            "Incorrect version specified in apply patch. Specified patch version:"
            f" {text(applied.get('apiVersion'))}, expected: {api_version}"
        )
    if managed_fields(applied) is not None:
        raise bad_request("metadata.managedFields must be nil")
    faults = list(undeclared(applied, node))
    if faults:
        meta = mapping(applied.get("metadata"))
        of = f"{text(meta.get('namespace'))}/{text(meta.get('name'))}; {_kind(applied)}"
        told = faults[0] if len(faults) == 1 else "errors:\n  " + "\n  ".join(faults)
        raise PatchError(500, "", f"failed to create typed patch object ({of}): {told}")


def _kind(applied: Mapping[str, Value]) -> str:
    version, kind = text(applied.get("apiVersion")), text(applied.get("kind"))
    return f"{version if '/' in version else '/' + version}, Kind={kind}"


def conflict_error(lost: list[Conflict]) -> PatchError:
    """The 409 that names every field that belongs to another manager."""
    causes = [Cause("FieldManagerConflict", f"conflict with {entry.key}", shown(entry.path)) for entry in lost]
    if len(lost) == 1:
        told = f"Apply failed with 1 conflict: conflict with {lost[0].key}: {shown(lost[0].path)}"
    else:
        lines: list[str] = []
        for key in dict.fromkeys(entry.key for entry in lost):
            lines.append(f"conflicts with {key}:")
            lines.extend(f"- {shown(entry.path)}" for entry in lost if entry.key == key)
        told = f"Apply failed with {len(lost)} conflicts: " + "\n".join(lines)
    return PatchError(409, "Conflict", told, causes)
