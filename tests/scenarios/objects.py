"""The objects and rules that scenarios are about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rulectl.resource import Kind, Resource

POD = Resource(Kind("v1", "Pod"), "pods", namespaced=True)
NODE = Resource(Kind("v1", "Node"), "nodes", namespaced=False)
CONFIGMAP = Resource(Kind("v1", "ConfigMap"), "configmaps", namespaced=True)
NAMESPACE = Resource(Kind("v1", "Namespace"), "namespaces", namespaced=False)
DEPLOYMENT = Resource(Kind("apps/v1", "Deployment"), "deployments", namespaced=True)

SEEN: Mapping[str, Any] = {
    "event": "${{ event.type }}",
    "now": "${{ annotation(object, 'bw') }}",
    "old": "${{ annotation(old, 'bw') }}",
}
"""What the default action tells its server."""


def pod(name: str = "a", bw: str | None = None, phase: str = "Running", **metadata: Any) -> dict[str, Any]:
    annotations = {"bw": bw} if bw is not None else {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "annotations": annotations, **metadata},
        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
        "status": {"phase": phase},
    }


def node(name: str = "n", ready: str = "True", since: str = "2023-11-14T22:13:20Z") -> dict[str, Any]:
    condition = {"type": "Ready", "status": ready, "lastTransitionTime": since}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": {"conditions": [condition]}}


def configmap(name: str, **data: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def deployment(name: str, *configmaps: str) -> dict[str, Any]:
    env = [{"configMapRef": {"name": one}} for one in configmaps]
    container = {"name": "c", "image": "nginx", "envFrom": env}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": spec,
    }


def call(body: Mapping[str, Any] = SEEN, name: str = "push", **common: Any) -> dict[str, Any]:
    """An action that tells a server `body`."""
    return {"name": name, "http": {"method": "PUT", "url": f"http://agent/{name}", "json": body}, **common}


def rule(name: str = "r", watch: Mapping[str, Any] | None = None, **spec: Any) -> str:
    """A rule as JSON, which is YAML; `for` and `from` are written with a trailing underscore."""
    spec = {key.removesuffix("_"): value for key, value in spec.items()}
    spec.setdefault("actions", [call()])
    spec["watch"] = watch or {"apiVersion": "v1", "kind": "Pod"}
    document = {
        "apiVersion": "rulectl.dev/v1alpha1",
        "kind": "Rule",
        "metadata": {"name": name},
        "spec": spec,
    }
    return json.dumps(document)


def step(event: str, old: str | None, now: str | None) -> dict[str, Any]:
    """The body of the default action."""
    return {"event": event, "now": now, "old": old}
