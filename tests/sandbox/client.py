"""A client without sockets: one sandbox on a virtual clock, and the few requests that the tests make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rulectl.clock import VirtualClock
from rulectl.sandbox import Answer, Reply, Sandbox, WatchAnswer
from rulectl.value import decode, encode

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
PARTIAL = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1"

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"


class Client:
    """Every method gives decoded JSON; one that is refused fails the test unless `code` expects it."""

    def __init__(self, **options: Any) -> None:
        self.clock = VirtualClock()
        self.sandbox = Sandbox(clock=self.clock, seed=1, **options)
        self.headers: Mapping[str, str] = {}

    def ask(self, method: str, path: str, body: object = None, kind: str = "", accept: str = "", **query: Any) -> Reply:
        """Any request, with whatever comes back."""
        headers = {"Content-Type": kind or "application/json", "Accept": accept or "application/json"}
        data = body if isinstance(body, bytes) else b"" if body is None else encode(body)
        return self.sandbox.api.handle(method, path, query, headers, data)

    def call(
        self, method: str, path: str, body: object = None, code: int = 0, kind: str = "", accept: str = "", **query: Any
    ) -> Any:
        """A request that is answered at once, with the status `code` (default: one below 300)."""
        reply = self.ask(method, path, body, kind, accept, **query)
        assert isinstance(reply, Answer), reply
        self.headers = reply.headers
        assert reply.status == code if code else reply.status < 300, (reply.status, reply.body)
        return decode(reply.body) if "json" in reply.headers["Content-Type"] else reply.body.decode()

    def get(self, path: str, code: int = 200, accept: str = "", **query: Any) -> Any:
        return self.call("GET", path, None, code, accept=accept, **query)

    def create(self, path: str, body: object, code: int = 201, **query: Any) -> Any:
        return self.call("POST", path, body, code, **query)

    def put(self, path: str, body: object, code: int = 200, **query: Any) -> Any:
        return self.call("PUT", path, body, code, **query)

    def patch(self, path: str, body: object, code: int = 0, kind: str = MERGE, **query: Any) -> Any:
        return self.call("PATCH", path, body, code, kind, **query)

    def apply(self, path: str, body: object, manager: str = "me", code: int = 0, **query: Any) -> Any:
        return self.call("PATCH", path, body, code, APPLY, fieldManager=manager, **query)

    def delete(self, path: str, body: object = None, code: int = 200, **query: Any) -> Any:
        return self.call("DELETE", path, body, code, **query)

    def names(self, path: str, **query: Any) -> list[str]:
        return [item["metadata"]["name"] for item in self.get(path, **query)["items"]]

    def watch(self, path: str, accept: str = "", **query: Any) -> WatchAnswer:
        reply = self.ask("GET", path, accept=accept, watch="true", **query)
        assert isinstance(reply, WatchAnswer), reply
        return reply

    def version(self) -> str:
        return str(self.sandbox.store.rv)


def events(watch: WatchAnswer) -> list[Any]:
    """All that is there to read now."""
    return list(_events(watch))


def told(watch: WatchAnswer) -> list[tuple[str, str]]:
    """The same as pairs of type and name."""
    return [(event["type"], event["object"]["metadata"].get("name", "")) for event in _events(watch)]


def _events(watch: WatchAnswer) -> Iterator[Any]:
    while lines := watch.read():
        yield from map(decode, lines.splitlines())


def config_map(name: str, data: Mapping[str, str] | None = None, **metadata: Any) -> dict[str, Any]:
    """A ConfigMap in the default namespace."""
    meta = {"name": name, "namespace": "default", **metadata}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": dict(data or {"a": "1"})}


def pod(name: str, **spec: Any) -> dict[str, Any]:
    """A Pod in the default namespace."""
    containers = [{"name": "c", "image": "nginx"}]
    meta = {"name": name, "namespace": "default", "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": containers, **spec}}


def deployment(name: str, replicas: int = 1) -> dict[str, Any]:
    """A Deployment in the default namespace."""
    containers = [{"name": "c", "image": "nginx"}, {"name": "side", "image": "busybox"}]
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def owner(obj: Mapping[str, Any], *, block: bool = False) -> list[dict[str, Any]]:
    """The ownerReferences of an object that `obj` owns."""
    reference = {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "name": obj["metadata"]["name"]}
    return [{**reference, "uid": obj["metadata"]["uid"], **({"blockOwnerDeletion": True} if block else {})}]


def widget_crd(**version: Any) -> dict[str, Any]:
    """A CRD for Widgets with a status subresource, a default and a limit; `version` adds to its version."""
    size = {"type": "integer", "minimum": 1}
    spec = {"type": "object", "properties": {"size": size, "color": {"type": "string", "default": "red"}}}
    status = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec, "status": status}}}
    first = {"name": "v1", "served": True, "storage": True, "subresources": {"status": {}}, "schema": schema}
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wd"]}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [{**first, **version}]},
    }


def widget(name: str, **spec: Any) -> dict[str, Any]:
    """A Widget in the default namespace."""
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}
