"""Changing the objects of an API server in memory, as somebody with kubectl would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rulectl.resource import Kind, Resource
from rulectl.sandbox.answer import Answer
from rulectl.sandbox.api import Api
from rulectl.value import Value, decode, encode, mapping, text

_MERGE = "application/merge-patch+json"


@dataclass(slots=True)
class Cluster:
    """Each call is one request; one that is refused raises ValueError with the server's words."""

    api: Api

    def apply(self, obj: Mapping[str, Value]) -> Mapping[str, Value]:
        """Creates `obj`, or replaces what has its name; its status is kept."""
        path = self._path(obj)
        collection, _, _ = path.rpartition("/")
        answer = self._call("GET", path)
        if answer.status == 404:
            made = self._good(self._call("POST", collection, obj))
        else:
            # Custom resources are replaced only by who names the version that is replaced.
            version = mapping(self._good(answer)["metadata"])["resourceVersion"]
            newer = {**obj, "metadata": {"resourceVersion": version, **mapping(obj.get("metadata"))}}
            made = self._good(self._call("PUT", path, newer))
        if "status" in obj:
            self._call("PATCH", f"{path}/status", {"status": obj["status"]})
            made = self._good(self._call("GET", path))
        return made

    def get(self, resource: Resource, name: str, namespace: str = "") -> Mapping[str, Value] | None:
        """The object, or None."""
        answer = self._call("GET", resource.path(namespace, name))
        return None if answer.status == 404 else self._good(answer)

    def objects(self, resource: Resource, namespace: str = "") -> list[Mapping[str, Value]]:
        """All objects of a namespace, or of all of them."""
        items = self._good(self._call("GET", resource.path(namespace))).get("items")
        return [mapping(item) for item in items] if isinstance(items, list) else []

    def patch(
        self, resource: Resource, name: str, body: Mapping[str, Value], namespace: str = "", subresource: str = ""
    ) -> Mapping[str, Value]:
        """Merges `body` into the object."""
        return self._good(self._call("PATCH", resource.path(namespace, name, subresource), body))

    def delete(self, resource: Resource, name: str, namespace: str = "") -> None:
        """Deletes the object."""
        self._good(self._call("DELETE", resource.path(namespace, name)))

    def _path(self, obj: Mapping[str, Value]) -> str:
        version, kind = text(obj.get("apiVersion")), text(obj.get("kind"))
        metadata = mapping(obj.get("metadata"))
        served = self.api.registry.of_kind(Kind(version, kind))
        if served is not None:
            resource = Resource(served.kind, served.plural, served.namespaced)
            return resource.path(text(metadata.get("namespace")), text(metadata.get("name")))
        msg = f"the server has no {version} {kind}"
        raise ValueError(msg)

    def _call(self, method: str, path: str, body: Mapping[str, Value] | None = None) -> Answer:
        headers = {"content-type": _MERGE if method == "PATCH" else "application/json", "user-agent": "somebody"}
        reply = self.api.handle(method, path, {}, headers, b"" if body is None else encode(body))
        if not isinstance(reply, Answer):
            msg = f"{method} {path}: no answer ({reply})"
            raise TypeError(msg)
        return reply

    @staticmethod
    def _good(answer: Answer) -> Mapping[str, Value]:
        value = mapping(decode(answer.body))
        if answer.status >= 300:
            raise ValueError(text(value.get("message")))
        return value
