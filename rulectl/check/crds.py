"""The schemas of custom resources, from the manifests of their definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rulectl.check.typing import Schemas
from rulectl.openapi import Node, node_of_crd
from rulectl.problem import Problem
from rulectl.resource import Kind
from rulectl.rule.files import find_files, read_file
from rulectl.value import Value, mapping, text


@dataclass(frozen=True, slots=True)
class CrdSchemas:
    """The schemas that were found, by kind, and what was wrong with the files."""

    nodes: Mapping[Kind, Node]
    problems: tuple[Problem, ...]

    def or_else(self, others: Schemas) -> Schemas:
        """These schemas, and those of `others` for kinds that are not among them."""

        def schema(kind: Kind) -> Node | None:
            return self.nodes.get(kind) or others(kind)

        return schema


def crds_in(paths: Iterable[Path]) -> CrdSchemas:
    """The schemas of the CustomResourceDefinitions in files and folders; other documents are passed over.

    Raises:
        UsageError: a path does not exist.
    """
    found = find_files(paths)
    problems = list(found.problems)
    nodes: dict[Kind, Node] = {}
    for file in found.files:
        reading = read_file(file)
        problems += reading.problems
        for document in reading.documents:
            nodes |= _schemas_of(document.value)
    return CrdSchemas(nodes, tuple(problems))


def _schemas_of(document: Value) -> dict[Kind, Node]:
    manifest = mapping(document)
    if manifest.get("kind") != "CustomResourceDefinition":
        return {}
    spec = mapping(manifest.get("spec"))
    group, kind = text(spec.get("group")), text(mapping(spec.get("names")).get("kind"))
    versions = spec.get("versions")
    nodes: dict[Kind, Node] = {}
    for version in versions if isinstance(versions, list) else ():
        schema = mapping(mapping(mapping(version).get("schema")).get("openAPIV3Schema"))
        if schema:
            nodes[Kind(f"{group}/{text(mapping(version).get('name'))}", kind)] = node_of_crd(schema)
    return nodes
