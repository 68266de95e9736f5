"""From a URL path to the resource, namespace, object and subresource that it names."""

from __future__ import annotations

from dataclasses import dataclass

from rulectl.sandbox.registry import Registry, Served

_OF_NAMESPACE_OBJECTS = frozenset({"status", "finalize"})


@dataclass(frozen=True, slots=True)
class Route:
    """What a path below /api or /apis names; an empty `name` means the collection."""

    served: Served
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    legacy_watch: bool = False


def route(registry: Registry, path: str) -> Route | None:
    """The route of a path, or None when nothing that is served has this path."""
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) >= 3:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) >= 4:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    legacy = rest[0] == "watch"
    rest = rest[1:] if legacy else rest
    namespace = ""
    if len(rest) >= 3 and rest[0] == "namespaces" and not _of_namespace(rest, group):
        namespace, rest = rest[1], rest[2:]
    if not rest or not all(rest):
        return None
    served = registry.find(group, version, rest[0])
    if served is None or len(rest) > 3 or (namespace and not served.namespaced):
        return None
    name = rest[1] if len(rest) > 1 else ""
    subresource = rest[2] if len(rest) > 2 else ""
    if name and served.namespaced and not namespace:
        return None
    return Route(served, namespace, name, subresource, legacy)


def _of_namespace(rest: list[str], group: str) -> bool:
    """Whether ``namespaces/NAME/WORD`` is a Namespace's subresource, not a collection in a namespace."""
    return not group and len(rest) == 3 and rest[2] in _OF_NAMESPACE_OBJECTS
