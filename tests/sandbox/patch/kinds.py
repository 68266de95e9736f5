"""Schemas and short ways to say things that the tests of patches share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rulectl.openapi import Node, Table, node_of_crd
from rulectl.resource import Kind
from rulectl.sandbox.patch import apply, track_update
from rulectl.value import Value, mapping

NOW = "2026-01-01T00:00:00Z"
LATER = "2026-01-01T00:00:07Z"

Object = Mapping[str, Value]


def node_of(api_version: str, kind: str) -> Node:
    node = Table.packaged().schema(Kind(api_version, kind))
    assert node is not None
    return node


CONFIGMAP = node_of("v1", "ConfigMap")
DEPLOYMENT = node_of("apps/v1", "Deployment")
SERVICE = node_of("v1", "Service")

WIDGET = node_of_crd(
    {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {
                    "size": {"type": "integer"},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
                    "order": {"type": "array", "items": {"type": "string"}},
                    "parts": {
                        "type": "array",
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["name"],
                        "items": {
                            "type": "object",
                            "properties": {
                                "name": {"type": "string"},
                                "a": {"type": "string"},
                                "b": {"type": "string"},
                            },
                        },
                    },
                },
            },
            "status": {"type": "object", "properties": {"size": {"type": "integer"}}},
        },
    }
)


def widget(**spec: Any) -> Object:
    return {"apiVersion": "x.io/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}


def configmap(**data: str) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": data}


def deployment(*containers: Object, **spec: Any) -> Object:
    template: Value = {"metadata": {"labels": {"app": "d"}}, "spec": {"containers": list(containers)}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"selector": {"matchLabels": {"app": "d"}}, "template": template, **spec},
    }


def applied(
    live: Object | None,
    wanted: Object,
    manager: str = "one",
    *,
    force: bool = False,
    node: Node | None = WIDGET,
    **more: Any,
) -> Object:
    """Server-side apply under the version that the configuration names."""
    version = str(wanted["apiVersion"])
    given = {"now": NOW, **more}
    return apply(live, wanted, manager=manager, force=force, node=node, api_version=version, **given)


def updated(old: Object | None, new: Object, manager: str = "up", *, node: Node | None = WIDGET, **more: Any) -> Object:
    version = str(new["apiVersion"])
    given = {"now": NOW, **more}
    return track_update(old, new, manager=manager, node=node, api_version=version, **given)


def owners(obj: Object) -> dict[str, Value]:
    """Who owns what: ``{"one Apply": fieldsV1}``."""
    entries = mapping(obj["metadata"]).get("managedFields")
    found = [mapping(entry) for entry in entries] if isinstance(entries, list) else []
    return {f"{entry['manager']} {entry['operation']}": entry["fieldsV1"] for entry in found}


def spec(obj: Object) -> Value:
    return obj["spec"]
