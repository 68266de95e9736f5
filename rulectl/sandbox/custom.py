"""CustomResourceDefinitions: their conditions, and the resources that they make the server serve."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.openapi import ApiResource, ApiSubresource, node_of_crd
from rulectl.resource import Kind
from rulectl.sandbox.registry import PrinterColumn, Registry, ScalePaths, Served, version_order
from rulectl.sandbox.status import invalid
from rulectl.sandbox.store import StorageType
from rulectl.value import Value, mapping, text

FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_OF_OBJECT = ("get", "patch", "update")


def storage_of(crd: Mapping[str, Value]) -> StorageType:
    """Where the objects of a CRD are kept."""
    spec = mapping(crd.get("spec"))
    return StorageType(text(spec.get("group")), text(mapping(spec.get("names")).get("plural")))


def check(crd: Mapping[str, Value]) -> None:
    """Refuses what no resource can be made of.

    Raises:
        ApiError: 422 with every cause.
    """
    spec, name = mapping(crd.get("spec")), text(mapping(crd.get("metadata")).get("name"))
    names = mapping(spec.get("names"))
    wrong = [
        (f"spec.{path}", "Required value")
        for path, value in {
            "group": spec.get("group"),
            "scope": spec.get("scope"),
            "names.plural": names.get("plural"),
            "names.kind": names.get("kind"),
            "versions": spec.get("versions"),
        }.items()
        if not value
    ]
    if not wrong and name != f"{names['plural']}.{spec['group']}":
        wrong.append(("metadata.name", f'Invalid value: "{name}": must be spec.names.plural+"."+spec.group'))
    if text(spec.get("scope")) not in {"Namespaced", "Cluster", ""}:
        wrong.append(("spec.scope", 'Unsupported value: supported values: "Cluster", "Namespaced"'))
    versions = _versions(crd)
    if versions and sum(version.get("storage") is True for version in versions) != 1:
        wrong.append(("spec.versions", "Invalid value: must have exactly one version marked as storage version"))
    for index, version in enumerate(versions):
        schema = mapping(mapping(version.get("schema")).get("openAPIV3Schema"))
        path = f"spec.versions[{index}].schema.openAPIV3Schema"
        if not schema:
            wrong.append((path, "Required value: schemas are required"))
        elif schema.get("type") != "object":
            wrong.append((f"{path}.type", 'Invalid value: must be "object" at the root'))
        else:
            try:
                node_of_crd(schema)
            except ValueError as error:
                wrong.append((path, f"Invalid value: {error}"))
    if wrong:
        raise invalid("CustomResourceDefinition", "apiextensions.k8s.io", name, wrong)


def established(crd: Mapping[str, Value], timestamp: str) -> dict[str, Value]:
    """The CRD as it is once its names are accepted, with what a server fills in."""
    spec, metadata = mapping(crd.get("spec")), mapping(crd.get("metadata"))
    given = mapping(spec.get("names"))
    kind = text(given.get("kind"))
    names = {"singular": kind.lower(), "listKind": f"{kind}List", **given}
    finalizers = [name for name in _texts(metadata.get("finalizers")) if name != FINALIZER]
    stored = [text(version.get("name")) for version in _versions(crd) if version.get("storage") is True]
    before = mapping(crd.get("status"))
    kept = [name for name in _texts(before.get("storedVersions")) if name not in stored]
    return {
        **crd,
        "metadata": {**metadata, "finalizers": [*finalizers, FINALIZER]},
        "spec": {"conversion": {"strategy": "None"}, **spec, "names": names},
        "status": {
            "conditions": before.get("conditions")
            or [
                _condition("NamesAccepted", "NoConflicts", "no conflicts found", timestamp),
                _condition("Established", "InitialNamesAccepted", "the initial names are accepted", timestamp),
            ],
            "acceptedNames": names,
            "storedVersions": [*kept, *stored],
        },
    }


def serve(registry: Registry, crd: Mapping[str, Value]) -> None:
    """Lets the server answer for every served version of a CRD, as the CRD is now."""
    storage = storage_of(crd)
    known = registry.of_storage(storage)
    if known is not None and not known.custom:
        return
    registry.withdraw(storage)
    versions = [version for version in _versions(crd) if version.get("served") is True]
    versions.sort(key=lambda version: version_order(text(version.get("name"))))
    registry.serve(_served(crd, version) for version in versions)


def withdraw(registry: Registry, crd: Mapping[str, Value]) -> None:
    """Stops answering for a CRD."""
    registry.withdraw(storage_of(crd))


def _served(crd: Mapping[str, Value], version: Mapping[str, Value]) -> Served:
    spec = mapping(crd.get("spec"))
    names, group = mapping(spec.get("names")), text(spec.get("group"))
    kind = Kind(f"{group}/{text(version.get('name'))}", text(names.get("kind")))
    subresources = mapping(version.get("subresources"))
    below: list[ApiSubresource] = []
    scale = None
    if "status" in subresources:
        below.append(ApiSubresource("status", kind, _OF_OBJECT))
    if isinstance(subresources.get("scale"), Mapping):
        paths = mapping(subresources["scale"])
        below.append(ApiSubresource("scale", Kind("autoscaling/v1", "Scale"), _OF_OBJECT))
        scale = ScalePaths(
            text(paths.get("specReplicasPath")),
            text(paths.get("statusReplicasPath")),
            text(paths.get("labelSelectorPath")),
        )
    stored = next(other for other in _versions(crd) if other.get("storage") is True)
    row = ApiResource(
        kind,
        plural=text(names.get("plural")),
        singular=text(names.get("singular")) or kind.kind.lower(),
        namespaced=spec.get("scope") == "Namespaced",
        verbs=_VERBS,
        short_names=_texts(names.get("shortNames")),
        categories=_texts(names.get("categories")),
        subresources=tuple(below),
    )
    selectable = version.get("selectableFields")
    return Served(
        row,
        storage_of(crd),
        stored_as=f"{group}/{text(stored.get('name'))}",
        node=node_of_crd(mapping(mapping(version.get("schema")).get("openAPIV3Schema"))),
        custom=True,
        selectable=tuple(
            text(mapping(field).get("jsonPath")).lstrip(".")
            for field in (selectable if isinstance(selectable, list) else ())
        ),
        columns=_columns(version),
        scale=scale,
        list_kind=text(names.get("listKind")),
    )


def _columns(version: Mapping[str, Value]) -> tuple[PrinterColumn, ...]:
    columns = version.get("additionalPrinterColumns")
    return tuple(
        PrinterColumn(
            text(column.get("name")),
            text(column.get("type")),
            text(column.get("jsonPath")),
            text(column.get("description")),
            int(str(column.get("priority") or 0)),
        )
        for column in map(mapping, columns if isinstance(columns, list) else ())
    )


def _versions(crd: Mapping[str, Value]) -> list[Mapping[str, Value]]:
    versions = mapping(crd.get("spec")).get("versions")
    return [mapping(version) for version in versions] if isinstance(versions, list) else []


def _condition(kind: str, reason: str, message: str, timestamp: str) -> dict[str, Value]:
    return {
        "type": kind,
        "status": "True",
        "lastTransitionTime": timestamp,
        "reason": reason,
        "message": message,
    }


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(part for part in value if isinstance(part, str)) if isinstance(value, list) else ()
