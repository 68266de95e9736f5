"""The discovery documents, read: what is served under which names; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rulectl.resource import Kind, Resource
from rulectl.value import Value, mapping, text


@dataclass(frozen=True, slots=True)
class Served:
    """A resource with the other names it goes by."""

    resource: Resource
    singular: str = ""
    short_names: tuple[str, ...] = ()
    verbs: frozenset[str] = frozenset()

    def is_called(self, name: str) -> bool:
        """Whether lower-case `name` is one of its names."""
        kind = self.resource.kind.kind.lower()
        return name in (self.resource.plural, self.singular, kind, *self.short_names)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that a server serves: core first, then the groups in the server's order, preferred versions first."""

    served: tuple[Served, ...]
    unavailable: tuple[str, ...] = ()

    def by_kind(self, kind: Kind) -> Resource | None:
        """The resource of `kind`; the one that can be watched, if there are several."""
        found = [entry for entry in self.served if entry.resource.kind == kind]
        found.sort(key=lambda entry: "watch" not in entry.verbs)
        return found[0].resource if found else None

    def search(self, word: str) -> tuple[Resource, ...]:
        """The resources that `word` may mean; see `Discovery.search`."""
        name, _, rest = word.lower().partition(".")
        return tuple(
            entry.resource for entry in self.served if entry.is_called(name) and _is_in(entry.resource.kind, rest)
        )


def _is_in(kind: Kind, rest: str) -> bool:
    """`rest` is a group, a version, or a version and a group; empty: any."""
    return rest in ("", kind.group, kind.version, f"{kind.version}.{kind.group}")


def catalogue_of(document: Mapping[str, Value]) -> tuple[list[Served], list[str]]:
    """What an APIGroupDiscoveryList serves, and the versions it has no fresh knowledge of."""
    served: list[Served] = []
    unavailable: list[str] = []
    for group in _objects(document.get("items")):
        name = text(mapping(group.get("metadata")).get("name"))
        for version in _objects(group.get("versions")):
            label = text(version.get("version"))
            api_version = f"{name}/{label}" if name else label
            if version.get("freshness") == "Stale" and not version.get("resources"):
                unavailable.append(api_version)
            served += (_aggregated(api_version, entry) for entry in _objects(version.get("resources")))
    return served, unavailable


def served_by_version(api_version: str, document: Mapping[str, Value]) -> list[Served]:
    """What an APIResourceList serves."""
    entries = list(_objects(document.get("resources")))
    subresources: dict[str, set[str]] = {}
    for entry in entries:
        plural, slash, subresource = text(entry.get("name")).partition("/")
        if slash:
            subresources.setdefault(plural, set()).add(subresource)
    return [
        Served(
            Resource(
                Kind(api_version, text(entry.get("kind"))),
                text(entry.get("name")),
                entry.get("namespaced") is True,
                frozenset(subresources.get(text(entry.get("name")), ())),
            ),
            text(entry.get("singularName")),
            tuple(_texts(entry.get("shortNames"))),
            frozenset(_texts(entry.get("verbs"))),
        )
        for entry in entries
        if "/" not in text(entry.get("name"))
    ]


def versions_of(document: Mapping[str, Value]) -> list[str]:
    """The apiVersions in an APIVersions (core) or APIGroupList document, each group's preferred one first."""
    found = list(_texts(document.get("versions")))
    for group in _objects(document.get("groups")):
        preferred = text(mapping(group.get("preferredVersion")).get("groupVersion"))
        listed = [text(version.get("groupVersion")) for version in _objects(group.get("versions"))]
        found += sorted(listed, key=lambda version: version != preferred)
    return found


def _aggregated(api_version: str, entry: Mapping[str, Value]) -> Served:
    names = {text(part.get("subresource")) for part in _objects(entry.get("subresources"))}
    resource = Resource(
        Kind(api_version, text(mapping(entry.get("responseKind")).get("kind"))),
        text(entry.get("resource")),
        entry.get("scope") == "Namespaced",
        frozenset(names),
    )
    return Served(
        resource,
        text(entry.get("singularResource")),
        tuple(_texts(entry.get("shortNames"))),
        frozenset(_texts(entry.get("verbs"))),
    )


def _objects(value: Value) -> Iterator[Mapping[str, Value]]:
    yield from (mapping(item) for item in (value if isinstance(value, list) else ()))


def _texts(value: Value) -> Iterable[str]:
    return [item for item in (value if isinstance(value, list) else ()) if isinstance(item, str)]
