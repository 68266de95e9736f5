"""CustomResourceDefinitions as they are written in manifests: the schemas of their kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rulectl.openapi import Node, node_of_crd
from rulectl.resource import Kind
from rulectl.value import Value, mapping, text

KIND = "CustomResourceDefinition"


def definitions_in(document: Value) -> Iterator[Mapping[str, Value]]:
    """The CustomResourceDefinitions that a manifest is, or that it lists."""
    written = mapping(document)
    if written.get("kind") == KIND and text(written.get("apiVersion")).startswith("apiextensions.k8s.io/"):
        yield written
    elif text(written.get("kind")).endswith("List"):
        for item in _values(written.get("items")):
            yield from definitions_in(item)


def schemas_of(definition: Mapping[str, Value]) -> dict[Kind, Node]:
    """The schema of each version; a version that has none, or whose objects are not pruned by it, is left out.

    Raises:
        ValueError: a schema has a ``$ref``, which servers refuse.
    """
    spec = mapping(definition.get("spec"))
    group, kind = text(spec.get("group")), text(mapping(spec.get("names")).get("kind"))
    found: dict[Kind, Node] = {}
    if spec.get("preserveUnknownFields") is True:
        return found
    for version in _values(spec.get("versions")):
        schema = mapping(mapping(mapping(version).get("schema")).get("openAPIV3Schema"))
        if schema:
            _refuse_references(schema)
            found[Kind(f"{group}/{text(mapping(version).get('name'))}", kind)] = node_of_crd(schema)
    return found


def _refuse_references(schema: Mapping[str, Value]) -> None:
    waiting: list[Value] = [schema]
    seen: set[int] = set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, Mapping):
            reference = part.get("$ref")
            if isinstance(reference, str):  # a mapping here describes a field of that name
                msg = f"$ref {reference!r} cannot be followed: write the schema out in place"
                raise ValueError(msg)  # noqa: TRY004 - what openapi.node_of_crd raises
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            waiting.extend(part)


def _values(value: Value) -> list[Value]:
    return list(value) if isinstance(value, list | tuple) else []
