"""From a kind to the resource that RBAC names: Kubernetes' own, those of CRDs, and guesses for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from rulectl.openapi import builtin_resources
from rulectl.resource import Kind, Resource
from rulectl.rule.files import find_files, read_file
from rulectl.value import Value, mapping, text

Find: TypeAlias = Callable[[Kind], Resource | None]
"""The resource of a kind; None: it is not known here."""


@dataclass(frozen=True, slots=True)
class Known:
    """The resource, and whether its plural is only a guess."""

    resource: Resource
    is_guess: bool = False


def resource_of(kind: Kind, find: Find | None = None) -> Known:
    """The resource of `kind`: as `find` knows it, else Kubernetes' own, else guessed from the kind's name."""
    found = find(kind) if find is not None else None
    found = found or builtin_resource(kind)
    return Known(found) if found is not None else Known(Resource(kind, guessed_plural(kind.kind), True), is_guess=True)


def builtin_resource(kind: Kind) -> Resource | None:
    """The resource of a kind of Kubernetes' own, of any version that is known; None for others."""
    rows = [one.resource for one in builtin_resources() if one.kind.kind == kind.kind and one.kind.group == kind.group]
    exact = [resource for resource in rows if resource.kind == kind]
    return next(iter([*exact, *rows]), None)


def guessed_plural(kind: str) -> str:
    """How most plurals are made: ``NetworkPolicy`` networkpolicies, ``Ingress`` ingresses, ``Widget`` widgets."""
    word = kind.lower()
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"


def crd_resources(paths: Iterable[Path]) -> Mapping[Kind, Resource]:
    """The resources that the CustomResourceDefinitions in files and folders define.

    Raises:
        UsageError: a path does not exist.
    """
    documents = (document for file in find_files(paths).files for document in read_file(file).documents)
    return {resource.kind: resource for document in documents for resource in _defined(document.value)}


def _defined(document: Value) -> Iterable[Resource]:
    manifest = mapping(document)
    if manifest.get("kind") != "CustomResourceDefinition":
        return
    spec = mapping(manifest.get("spec"))
    names = mapping(spec.get("names"))
    versions = spec.get("versions")
    for version in versions if isinstance(versions, list) else ():
        kind = Kind(f"{text(spec.get('group'))}/{text(mapping(version).get('name'))}", text(names.get("kind")))
        yield Resource(kind, text(names.get("plural")), spec.get("scope") == "Namespaced")
