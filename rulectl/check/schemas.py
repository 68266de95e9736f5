"""Where the schemas of kinds come from: Kubernetes' own by version, CRD manifests, a cluster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import yaml

from rulectl.check.crd import KIND, definitions_in, schemas_of
from rulectl.errors import UsageError
from rulectl.openapi import Node, Table
from rulectl.problem import Place, Problem, Severity
from rulectl.resource import Kind
from rulectl.rule.document import Document
from rulectl.rule.files import find_files
from rulectl.value import Value, decode

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Source(Protocol):
    """Something that knows the schemas of some kinds."""

    def __call__(self, kind: Kind) -> Node | None:
        """The schema of a kind's objects; None when it is not known here."""
        ...


@dataclass(frozen=True, slots=True)
class KindSchemas:
    """The schema of a kind from the first of `sources` that knows it. One thread at a time."""

    sources: tuple[Source, ...]
    found: dict[Kind, Node | None] = field(default_factory=dict)

    def __call__(self, kind: Kind) -> Node | None:
        """See `Source`; each source is asked once for a kind."""
        if kind not in self.found:
            answers = (source(kind) for source in self.sources)
            self.found[kind] = next((answer for answer in answers if answer is not None), None)
        return self.found[kind]


def packaged_schemas(version: str | None = None) -> Source:
    """The kinds of Kubernetes `version`, by default the newest that is known; nothing is read before it is asked.

    Raises:
        UsageError: that version is not known.
    """
    if version is not None and _minor(version) not in Table.versions():
        known = Table.versions()
        raise UsageError(f"no schemas of Kubernetes {version}; known are {known[-1]} to {known[0]}")
    return lambda kind: Table.packaged(version).schema(kind)


@dataclass(slots=True)
class CrdSchemas:
    """The kinds that CustomResourceDefinitions define; what cannot be used is told in `problems`.

    Of the files only those are read as YAML that name the group and the kind that are asked for.
    """

    kinds: dict[Kind, Node] = field(default_factory=dict)
    files: dict[Path, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @staticmethod
    def of_files(paths: Iterable[Path]) -> CrdSchemas:
        """Those in files and folders.

        Raises:
            UsageError: a path does not exist.
        """
        given = list(paths)
        found = find_files(given)
        result = CrdSchemas(problems=list(found.problems))
        for file in found.files:
            result.keep(file)
        if given and not result.files and not result.problems:
            place = Place(str(given[0]))
            message = "no schemas found: no file here has a CustomResourceDefinition"
            hint = "kubectl get crd NAME -o yaml writes one"
            result.problems.append(Problem(place, "RC704", message, Severity.WARNING, hint))
        return result

    @staticmethod
    def of_documents(documents: Iterable[Document]) -> CrdSchemas:
        """Those that stood among rules."""
        result = CrdSchemas()
        for document in documents:
            result.add(document.value, document.file)
        return result

    def __call__(self, kind: Kind) -> Node | None:
        """See `Source`."""
        wanted = (kind.kind.encode(), kind.group.encode())
        for file in [file for file, data in self.files.items() if all(word in data for word in wanted)]:
            for document in self._documents(file, self.files.pop(file)):
                self.add(document, str(file))
        return self.kinds.get(kind)

    def keep(self, file: Path) -> None:
        """Remembers a file if there is a definition in it."""
        try:
            data = file.read_bytes()
        except OSError as fault:
            message = f"cannot be read: {fault.strerror or fault}"
            self.problems.append(Problem(Place(str(file)), "RC101", message, hint="check the path and its permissions"))
            return
        if KIND.encode() in data:
            self.files[file] = data

    def _documents(self, file: Path, data: bytes) -> list[Value]:
        try:
            if file.suffix.lower() == ".json":
                return [decode(data)]
            return list(yaml.load_all(data, Loader=_LOADER))
        except (yaml.YAMLError, ValueError, RecursionError) as fault:
            mark = getattr(fault, "problem_mark", None)
            place = Place(str(file), mark.line + 1, mark.column + 1) if mark is not None else Place(str(file))
            reason = getattr(fault, "problem", None) or str(fault).partition("\n")[0]
            self.problems.append(Problem(place, "RC104", f"cannot be read: {reason}", hint="correct the syntax"))
            return []

    def add(self, document: Value, file: str) -> None:
        """Adds the definitions in a manifest."""
        for definition in definitions_in(document):
            try:
                self.kinds.update(schemas_of(definition))
            except ValueError as fault:
                message = f"a CustomResourceDefinition cannot be used: {fault}"
                self.problems.append(Problem(Place(file), "RC704", message, Severity.WARNING))


def _minor(version: str) -> str:
    return ".".join(version.removeprefix("v").split(".")[:2])
