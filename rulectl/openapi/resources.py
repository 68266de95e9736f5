"""The resources of a stock API server: what discovery answers with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from rulectl.openapi import packaged
from rulectl.openapi.schema import Table
from rulectl.resource import Kind, Resource
from rulectl.value import Value, mapping, text

RESOURCES = "resources.json.gz"


@dataclass(frozen=True, slots=True)
class ApiSubresource:
    """What is served below an object, such as ``status``, and the kind that is sent to it."""

    name: str
    kind: Kind
    verbs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApiResource:
    """One row of discovery. Verbs are sorted and include ``watch`` where the server has it."""

    kind: Kind
    plural: str
    singular: str
    namespaced: bool
    verbs: tuple[str, ...]
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[ApiSubresource, ...] = ()

    @property
    def resource(self) -> Resource:
        """The same as the rest of the package names it."""
        names = frozenset(subresource.name for subresource in self.subresources)
        return Resource(self.kind, self.plural, self.namespaced, names)

    @property
    def stable(self) -> bool:
        """Whether the version is neither alpha nor beta: what a stock server serves unasked."""
        return re.fullmatch(r"v\d+", self.kind.version) is not None

    def subresource(self, name: str) -> ApiSubresource | None:
        """The subresource of that name, or None."""
        return next((subresource for subresource in self.subresources if subresource.name == name), None)


def builtin_resources(version: str | None = None) -> tuple[ApiResource, ...]:
    """The resources of Kubernetes `version` (default: the newest known), in order of group, version, plural.

    Alpha and beta versions are among them: see `ApiResource.stable`. For an older version, those
    of today's resources that it had; what was removed since is not there. Streams (exec, attach,
    portforward, proxy, log) are no objects and left out.

    Raises:
        ValueError: there is no such version; the message names those that are.
    """
    return _resources(version or packaged.newest())


@cache
def _resources(version: str) -> tuple[ApiResource, ...]:
    known = Table.packaged(version)
    rows = packaged.load(RESOURCES)["resources"]
    found = (_row(mapping(row)) for row in (rows if isinstance(rows, list) else ()))
    return tuple(row for row in found if known.definition_name(row.kind))


def _row(row: Mapping[str, Value]) -> ApiResource:
    subresources = row.get("subresources")
    return ApiResource(
        kind=Kind(text(row["apiVersion"]), text(row["kind"])),
        plural=text(row["plural"]),
        singular=text(row["singular"]),
        namespaced=row["namespaced"] is True,
        verbs=_texts(row.get("verbs")),
        short_names=_texts(row.get("shortNames")),
        categories=_texts(row.get("categories")),
        subresources=tuple(
            ApiSubresource(
                text(part["name"]),
                Kind(text(part["apiVersion"]), text(part["kind"])),
                _texts(part.get("verbs")),
            )
            for part in map(mapping, subresources if isinstance(subresources, list) else ())
        ),
    )


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(text(part) for part in value) if isinstance(value, list) else ()
