"""The server under test, and a plain HTTP client for it."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import requests
import urllib3

JSON = "application/json"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
PATIENCE_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Target:
    """Where the server is, and whether it is a real one (which is slower, and does things later)."""

    url: str
    token: str | None
    real: bool


class Api:
    """Requests to one server, with one namespace to be at home in."""

    def __init__(self, target: Target, namespace: str = "default") -> None:
        self.target = target
        self.namespace = namespace
        self._session = _session(target)

    def close(self) -> None:
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def path(self, plural: str, name: str = "", api: str = "v1", below: str = "") -> str:
        """The path of a collection in the own namespace, or of an object in it."""
        root = f"/apis/{api}" if "/" in api else f"/api/{api}"
        return "/".join(filter(None, [f"{root}/namespaces/{self.namespace}/{plural}", name, below]))

    def maps(self, name: str = "") -> str:
        """The path of the ConfigMaps, or of one."""
        return self.path("configmaps", name)

    def deployments(self, name: str = "", below: str = "") -> str:
        """The path of the Deployments, or of one."""
        return self.path("deployments", name, "apps/v1", below)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        kind: str = JSON,
        accept: str = JSON,
        code: int | Sequence[int] | None = None,
        **query: Any,
    ) -> requests.Response:
        """A request; `code` is the status it must have."""
        data = body if isinstance(body, str | bytes) or body is None else json.dumps(body)
        headers = {"Accept": accept, **({"Content-Type": kind} if body is not None else {})}
        shown = {key: str(value) for key, value in query.items()}
        response = self._session.request(
            method, self.target.url + path, params=shown, data=data, headers=headers, timeout=PATIENCE_SECONDS
        )
        expected = [code] if isinstance(code, int) else code
        assert expected is None or response.status_code in expected, f"{response.status_code}: {response.text[:300]}"
        return response

    def get(self, path: str, code: int = 200, **query: Any) -> Any:
        return self.send("GET", path, code=code, **query).json()

    def create(self, path: str, body: object, code: int | Sequence[int] = 201, **query: Any) -> Any:
        return self.send("POST", path, body, code=code, **query).json()

    def put(self, path: str, body: object, code: int = 200) -> Any:
        return self.send("PUT", path, body, code=code).json()

    def patch(self, path: str, body: object, kind: str = MERGE, code: int = 200, **query: Any) -> Any:
        return self.send("PATCH", path, body, kind=kind, code=code, **query).json()

    def apply(self, name: str, data: object, manager: str, code: Sequence[int] = (200, 201), **query: Any) -> Any:
        """Server-side apply of a ConfigMap."""
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}
        return self.send("PATCH", self.maps(name), body, kind=APPLY, code=code, fieldManager=manager, **query).json()

    def delete(self, path: str, body: object = None, code: int | Sequence[int] = 200, **query: Any) -> Any:
        return self.send("DELETE", path, body, code=code, **query).json()

    def names(self, path: str, **query: Any) -> list[str]:
        """The names in a list, sorted."""
        return sorted(item["metadata"]["name"] for item in self.get(path, **query)["items"])

    def version(self, path: str | None = None) -> str:
        """The resourceVersion of now."""
        version: str = self.get(path or self.maps())["metadata"]["resourceVersion"]
        return version

    def watch(self, path: str, accept: str = JSON, **query: Any) -> Watch:
        return Watch(self.target, path, accept, {"watch": "true", **query})


class Watch:
    """An open watch; events are read as they come, within `PATIENCE_SECONDS`."""

    def __init__(self, target: Target, path: str, accept: str, query: dict[str, object]) -> None:
        self._session = _session(target)
        shown = {key: str(value) for key, value in query.items()}
        self.response = self._session.get(
            target.url + path, params=shown, headers={"Accept": accept}, stream=True, timeout=PATIENCE_SECONDS
        )
        self._lines = self.response.iter_lines(chunk_size=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.response.close()
        self._session.close()

    def next(self) -> Any:
        """The next event."""
        return json.loads(next(line for line in self._lines if line))

    def take(self, count: int) -> list[Any]:
        """The next events."""
        return [self.next() for _ in range(count)]

    def rest(self) -> list[Any]:
        """All events until the server ends the stream."""
        return [json.loads(line) for line in self._lines if line]


def _session(target: Target) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = False
    if target.url.startswith("https"):
        # A real server's certificate is rarely one that this machine knows.
        warnings.filterwarnings("ignore", category=urllib3.exceptions.InsecureRequestWarning)
    if target.token:
        session.headers["Authorization"] = f"Bearer {target.token}"
    return session


def config_map(
    name: str, data: dict[str, str] | None = None, labels: dict[str, str] | None = None, **metadata: Any
) -> Any:
    meta = {"name": name, **({"labels": labels} if labels else {}), **metadata}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data or {"a": "1"}}


def pod(name: str, **spec: Any) -> Any:
    containers = [{"name": "c", "image": "nginx"}]
    meta = {"name": name, "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": containers, **spec}}


def deployment(name: str, replicas: int = 1, image: str = "nginx") -> Any:
    first = {"name": "c", "image": image, "env": [{"name": "X", "value": "1"}]}
    labels = {"app": name}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [first, {"name": "side", "image": "busybox"}]},
    }
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def crd(group: str) -> Any:
    """A CRD for Widgets with a schema and a status subresource."""
    spec = {
        "type": "object",
        "properties": {"size": {"type": "integer", "minimum": 1}, "color": {"type": "string", "default": "red"}},
    }
    status = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec, "status": status}}},
    }
    names = {"plural": "widgets", "singular": "widget", "kind": "Widget", "shortNames": ["wd"]}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [version]},
    }


def widget(group: str, name: str, **spec: Any) -> Any:
    return {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": name}, "spec": spec}


def moments(seconds: float = 20.0, pause: float = 0.05) -> Iterator[None]:
    """Ticks for waiting until something is so, which on a real server takes a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(pause)
    raise AssertionError(f"it did not come true within {seconds} s")
