"""Discovery: /api, /apis and what is below them, classic and in one document."""

from __future__ import annotations

from collections.abc import Iterator

from rulectl.openapi import ApiSubresource
from rulectl.resource import Kind
from rulectl.sandbox.registry import Registry, Served
from rulectl.value import Value

_AGGREGATED: dict[str, Value] = {
    "kind": "APIGroupDiscoveryList",
    "apiVersion": "apidiscovery.k8s.io/v2",
    "metadata": {},
}
AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def core_versions(registry: Registry, address: str) -> dict[str, Value]:
    """``/api``."""
    versions: list[Value] = [version for group, version in registry.group_versions() if not group]
    addresses: list[Value] = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
    return {"kind": "APIVersions", "versions": versions, "serverAddressByClientCIDRs": addresses}


def groups(registry: Registry) -> dict[str, Value]:
    """``/apis``."""
    found: list[Value] = [_group(registry, name) for name in _named_groups(registry)]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def group(registry: Registry, name: str) -> dict[str, Value] | None:
    """``/apis/GROUP``; None when there is no such group."""
    if name not in _named_groups(registry):
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(registry, name)}


def resources(registry: Registry, group_name: str, version: str) -> dict[str, Value] | None:
    """``/api/v1`` and ``/apis/GROUP/VERSION``; None when there is no such version."""
    served = registry.resources(group_name, version)
    if not served:
        return None
    rows: list[Value] = []
    for resource in served:
        rows.append(_classic(resource))
        rows.extend(_classic_below(resource, below) for below in resource.row.subresources)
    name = f"{group_name}/{version}" if group_name else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": rows}


def aggregated(registry: Registry, *, core: bool) -> dict[str, Value]:
    """``/api`` or ``/apis`` as one APIGroupDiscoveryList."""
    names = [""] if core else _named_groups(registry)
    items: list[Value] = []
    for name in names:
        versions: list[Value] = [
            {
                "version": version,
                "freshness": "Current",
                "resources": [_aggregated(resource) for resource in registry.resources(name, version)],
            }
            for version in _versions(registry, name)
        ]
        metadata: dict[str, Value] = {"creationTimestamp": None}
        if name:
            metadata["name"] = name
        items.append({"metadata": metadata, "versions": versions})
    return {**_AGGREGATED, "items": items}


def _named_groups(registry: Registry) -> list[str]:
    return list(dict.fromkeys(name for name, _ in registry.group_versions() if name))


def _versions(registry: Registry, name: str) -> list[str]:
    return [version for group_name, version in registry.group_versions() if group_name == name]


def _group(registry: Registry, name: str) -> dict[str, Value]:
    versions: list[Value] = [
        {"groupVersion": f"{name}/{version}", "version": version} for version in _versions(registry, name)
    ]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _classic(served: Served) -> dict[str, Value]:
    row = served.row
    described: dict[str, Value] = {
        "name": row.plural,
        "singularName": row.singular,
        "namespaced": row.namespaced,
        "kind": row.kind.kind,
        "verbs": list(row.verbs),
    }
    if row.short_names:
        described["shortNames"] = list(row.short_names)
    if row.categories:
        described["categories"] = list(row.categories)
    return described


def _classic_below(served: Served, below: ApiSubresource) -> dict[str, Value]:
    described: dict[str, Value] = {
        "name": f"{served.plural}/{below.name}",
        "singularName": "",
        "namespaced": served.namespaced,
        "kind": below.kind.kind,
        "verbs": list(below.verbs),
    }
    if below.kind.api_version != served.kind.api_version:
        described |= {"group": below.kind.group, "version": below.kind.version}
    return described


def _aggregated(served: Served) -> dict[str, Value]:
    row = served.row
    described: dict[str, Value] = {
        "resource": row.plural,
        "responseKind": _kind(row.kind),
        "scope": "Namespaced" if row.namespaced else "Cluster",
        "singularResource": row.singular,
        "verbs": list(row.verbs),
        **dict(_optional(served)),
    }
    if row.subresources:
        described["subresources"] = [
            {"subresource": below.name, "responseKind": _kind(below.kind), "verbs": list(below.verbs)}
            for below in row.subresources
        ]
    return described


def _optional(served: Served) -> Iterator[tuple[str, Value]]:
    if served.row.short_names:
        yield "shortNames", list(served.row.short_names)
    if served.row.categories:
        yield "categories", list(served.row.categories)


def _kind(kind: Kind) -> dict[str, Value]:
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}
