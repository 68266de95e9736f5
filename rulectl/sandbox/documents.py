"""OpenAPI documents: version 2 as a whole, version 3 per group and version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from rulectl.openapi import definitions
from rulectl.resource import Kind
from rulectl.sandbox.registry import Registry, Served
from rulectl.sandbox.store import StorageType
from rulectl.sandbox.stored import Stored
from rulectl.value import Value, encode, mapping, text

_GVK = "x-kubernetes-group-version-kind"
_V2 = "#/definitions/"
_V3 = "#/components/schemas/"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_PATCHES = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)
_WRITE_PARAMETERS = ("dryRun", "fieldManager", "fieldValidation", "pretty")
_METHODS = {"get": "get", "put": "update", "patch": "patch", "delete": "delete"}
_OF_COLLECTION = {"get": "list", "post": "create", "delete": "deletecollection"}
CRDS = StorageType("apiextensions.k8s.io", "customresourcedefinitions")


class Documents:
    """Makes the documents when they are asked for, and keeps them until what is served changes."""

    def __init__(self, registry: Registry, version: str) -> None:
        self._registry = registry
        self._version = version
        self._kept: dict[str, bytes] = {}
        self._revision = -1

    def index(self) -> bytes:
        """``/openapi/v3``: where the documents of each group and version are."""

        def build() -> dict[str, Value]:
            paths: dict[str, Value] = {}
            for group, version in self._registry.group_versions():
                name = f"apis/{group}/{version}" if group else f"api/{version}"
                digest = hashlib.sha256(f"{name}{self._registry.revision}".encode()).hexdigest()[:32]
                paths[name] = {"serverRelativeURL": f"/openapi/v3/{name}?hash={digest.upper()}"}
            return {"paths": paths}

        return self._keep("index", build())

    def version3(self, group: str, version: str, crds: Mapping[str, Stored]) -> bytes | None:
        """The document of one group and version; None when it is not served."""
        served = self._registry.resources(group, version)
        if not served:
            return None
        name = f"v3/{group}/{version}"
        return self._find(name) or self._keep(
            name,
            {
                "openapi": "3.0.0",
                "info": {"title": "Kubernetes (rulectl sandbox)", "version": self._version},
                "paths": self._paths(served, 3),
                "components": {"schemas": self._schemas(served, crds, _V3)},
            },
        )

    def version2(self, crds: Mapping[str, Stored]) -> bytes:
        """``/openapi/v2``."""
        served = [
            resource
            for group, version in self._registry.group_versions()
            for resource in self._registry.resources(group, version)
        ]
        return self._find("v2") or self._keep(
            "v2",
            {
                "swagger": "2.0",
                "info": {"title": "Kubernetes (rulectl sandbox)", "version": self._version},
                "paths": self._paths(served, 2),
                "definitions": self._schemas(served, crds, _V2),
            },
        )

    def _find(self, name: str) -> bytes | None:
        if self._revision != self._registry.revision:
            self._kept.clear()
            self._revision = self._registry.revision
        return self._kept.get(name)

    def _keep(self, name: str, document: Mapping[str, Value]) -> bytes:
        self._find(name)
        return self._kept.setdefault(name, encode(document))

    def _schemas(self, served: list[Served], crds: Mapping[str, Stored], prefix: str) -> dict[str, Value]:
        table = self._registry.table
        names = [table.definition_name(resource.kind) for resource in served if not resource.custom]
        below = [table.definition_name(part.kind) for resource in served for part in resource.row.subresources]
        schemas = definitions(table, [*names, *below, _META], prefix=prefix)
        for resource in served:
            if resource.custom:
                schemas[_definition_name(resource)] = _custom_schema(resource, crds, prefix)
        return schemas

    def _paths(self, served: list[Served], document: int) -> dict[str, Value]:
        paths: dict[str, Value] = {}
        for resource in served:
            root = resource.row.resource
            bases = [root.path(), root.path("{namespace}")] if resource.namespaced else [root.path()]
            for base in bases:
                verbs = set(resource.row.verbs)
                if resource.namespaced and base == bases[0]:
                    verbs = verbs & {"list"}
                paths[base] = self._operations(resource, _OF_COLLECTION, verbs, document)
            if "get" in resource.row.verbs:
                one = f"{bases[-1]}/{{name}}"
                paths[one] = self._operations(resource, _METHODS, set(resource.row.verbs), document)
        return paths

    def _operations(
        self, served: Served, methods: Mapping[str, str], verbs: set[str], document: int
    ) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for method, verb in methods.items():
            if verb in verbs:
                found[method] = self._operation(served, method, verb, document)
        return found

    def _operation(self, served: Served, method: str, verb: str, document: int) -> dict[str, Value]:
        operation: dict[str, Value] = {
            "operationId": f"{verb}{served.kind.group}{served.kind.version}{served.plural}",
            "x-kubernetes-action": verb,
            _GVK: _gvk(served.kind),
            "responses": {"200": {"description": "OK"}},
        }
        if method in {"put", "post", "patch"}:
            operation["parameters"] = [_parameter(name, document) for name in _WRITE_PARAMETERS]
        if method == "patch":
            types: list[Value] = [kind for kind in _PATCHES if not (served.custom and "strategic" in kind)]
            if document == 2:
                operation["consumes"] = types
            else:
                operation["requestBody"] = {"content": {text(kind): {"schema": {"type": "object"}} for kind in types}}
        return operation


def _parameter(name: str, document: int) -> dict[str, Value]:
    parameter: dict[str, Value] = {"name": name, "in": "query"}
    return {**parameter, "type": "string"} if document == 2 else {**parameter, "schema": {"type": "string"}}


def _gvk(kind: Kind) -> dict[str, Value]:
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}


def _definition_name(served: Served) -> str:
    reverse = ".".join(reversed(served.kind.group.split(".")))
    return f"{reverse}.{served.kind.version}.{served.kind.kind}"


def _custom_schema(served: Served, crds: Mapping[str, Stored], prefix: str) -> dict[str, Value]:
    crd = crds.get(f"{served.plural}.{served.kind.group}")
    versions = mapping(crd.object.get("spec")).get("versions") if crd else None
    for version in versions if isinstance(versions, list) else ():
        if mapping(version).get("name") == served.kind.version:
            schema = mapping(mapping(mapping(version).get("schema")).get("openAPIV3Schema"))
            reference: dict[str, Value] = {"$ref": prefix + _META}
            metadata: Value = {"allOf": [reference]} if prefix == _V3 else reference
            own: dict[str, Value] = {
                "apiVersion": {"type": "string"},
                "kind": {"type": "string"},
                "metadata": metadata,
            }
            properties = {**mapping(schema.get("properties")), **own}
            return {**schema, "properties": properties, _GVK: [_gvk(served.kind)]}
    return {"type": "object", _GVK: [_gvk(served.kind)]}
