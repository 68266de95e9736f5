"""The cluster of a bench, as tests of rules write to it."""

from __future__ import annotations

from typing import Any

from rulectl.resource import Kind, Resource
from rulectl.sandbox.sandbox import Sandbox
from rulectl.testing.cluster import Cluster
from rulectl.value import mapping

WIDGETS = Resource(Kind("example.com/v1", "Widget"), "widgets", namespaced=True)
DEFINITION: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                    }
                },
            }
        ],
    },
}


def widget(size: int) -> dict[str, Any]:
    metadata = {"name": "a", "namespace": "default"}
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": metadata, "spec": {"size": size}}


def test_a_custom_resource_is_applied_again_and_again() -> None:
    cluster = Cluster(Sandbox().api)
    cluster.apply(DEFINITION)
    for size in (1, 2, 3):
        cluster.apply(widget(size))
    found = cluster.get(WIDGETS, "a", "default")
    assert mapping(mapping(found)["spec"]) == {"size": 3}
