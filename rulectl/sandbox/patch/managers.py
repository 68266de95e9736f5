"""``metadata.managedFields``: who owns which fields, read and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from rulectl.sandbox.patch.element import Path
from rulectl.sandbox.patch.fieldset import FieldSet
from rulectl.value import Value, mapping, text

APPLY = "Apply"
UPDATE = "Update"
MOST_UPDATERS = 10
"""From the eleventh on, the oldest Update entries are joined under one name, as on the server."""
_ANCIENT = "ancient-changes"


@dataclass(frozen=True, slots=True, order=True)
class ManagerKey:
    """What tells managers apart: the same name with Apply and with Update is two of them.

    An updater is another one for each apiVersion it used; an applier is not (its version is empty here).
    """

    manager: str
    operation: str
    api_version: str = ""
    subresource: str = ""

    @staticmethod
    def applier(manager: str, subresource: str = "") -> ManagerKey:
        """The one that server-side apply acts for."""
        return ManagerKey(manager, APPLY, "", subresource)

    @staticmethod
    def updater(manager: str, api_version: str, subresource: str = "") -> ManagerKey:
        """The one that creates, updates and other patches act for."""
        return ManagerKey(manager, UPDATE, api_version, subresource)

    def __str__(self) -> str:
        told = f'"{self.manager}"'
        if self.subresource:
            told += f' with subresource "{self.subresource}"'
        return f"{told} using {self.api_version}" if self.operation == UPDATE else told


@dataclass(frozen=True, slots=True)
class Claim:
    """The fields that one manager owns, under which apiVersion, and when it last changed them (RFC 3339)."""

    fields: FieldSet
    api_version: str
    time: str = ""


Managers: TypeAlias = Mapping[ManagerKey, Claim]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that another manager owns and the applied configuration would change."""

    key: ManagerKey
    path: Path


def decode_managers(entries: Value) -> dict[ManagerKey, Claim]:
    """The managers in a ``managedFields`` list.

    Raises:
        ValueError: an entry is malformed; the message says how.
    """
    found: dict[ManagerKey, Claim] = {}
    for place, written in enumerate(entries if isinstance(entries, list | tuple) else ()):
        entry = mapping(written)
        operation, version = text(entry.get("operation")), text(entry.get("apiVersion"))
        if operation not in (APPLY, UPDATE):
            raise ValueError("operation must be `Apply` or `Update`")
        if not version:
            raise ValueError("apiVersion must not be empty")
        if entry.get("fieldsType") != "FieldsV1":
            raise ValueError(f"missing or invalid fieldsType in managed fields entry {place}")
        key = ManagerKey(
            text(entry.get("manager")),
            operation,
            version if operation == UPDATE else "",
            text(entry.get("subresource")),
        )
        fields = FieldSet.from_fields_v1(mapping(entry.get("fieldsV1")))
        found[key] = Claim(fields, version, text(entry.get("time")))
    return found


def encode_managers(managers: Managers) -> list[Value]:
    """The ``managedFields`` list, in the server's order: operation, time, manager, version, subresource."""

    def place(item: tuple[ManagerKey, Claim]) -> tuple[str, ...]:
        key, claim = item
        return key.operation, claim.time, key.manager, claim.api_version, key.subresource

    return [_entry(key, claim) for key, claim in sorted(managers.items(), key=place)]


def _entry(key: ManagerKey, claim: Claim) -> dict[str, Value]:
    entry: dict[str, Value] = {
        "manager": key.manager,
        "operation": key.operation,
        "apiVersion": claim.api_version,
    }
    if claim.time:
        entry["time"] = claim.time
    entry |= {"fieldsType": "FieldsV1", "fieldsV1": claim.fields.to_fields_v1()}
    if key.subresource:
        entry["subresource"] = key.subresource
    return entry


def resets(entries: Value) -> bool:
    """Whether a writer asked for ownership to start anew: an empty list, or a list of one empty entry."""
    return isinstance(entries, list | tuple) and all(not entry for entry in entries) and len(entries) <= 1


def conflicts(managers: Managers, writer: ManagerKey, written: FieldSet) -> list[Conflict]:
    """What `writer` would take from others by writing these fields, sorted by manager and path."""
    return [
        Conflict(key, path)
        for key, claim in sorted(managers.items())
        if key != writer
        for path in claim.fields & written
    ]


def taken_over(
    managers: Managers, written: FieldSet, removed: FieldSet, *, by: ManagerKey | None = None
) -> dict[ManagerKey, Claim]:
    """The managers after all but `by` lost what was written or removed; who owns nothing is gone."""
    left: dict[ManagerKey, Claim] = {}
    for key, claim in managers.items():
        fields = claim.fields if key == by else claim.fields - written - removed
        if fields:
            left[key] = claim if fields == claim.fields else replace(claim, fields=fields)
    return left


def capped(managers: Managers) -> dict[ManagerKey, Claim]:
    """The managers with the oldest updaters joined, by version, down to `MOST_UPDATERS` of them."""
    result = dict(managers)
    updaters = sorted((key for key in result if key.operation == UPDATE), key=lambda key: (result[key].time, key))
    surplus = len(updaters) - MOST_UPDATERS
    first: dict[str, ManagerKey] = {}
    for key in updaters:
        if surplus <= 0:
            break
        claim = result[key]
        if claim.api_version not in first:
            first[claim.api_version] = key
            continue
        bucket = ManagerKey.updater(_ANCIENT, claim.api_version)
        if bucket not in result:
            result[bucket] = result.pop(first[claim.api_version])
        del result[key]
        result[bucket] = replace(claim, fields=claim.fields | result[bucket].fields)
        surplus -= 1
    return result
