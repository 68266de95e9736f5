"""Where schemas come from: Kubernetes' versions, manifests of CustomResourceDefinitions, and which of them wins."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulectl.check.inspection import inspect
from rulectl.check.schemas import CrdSchemas, KindSchemas, packaged_schemas
from rulectl.errors import UsageError
from rulectl.openapi import Node
from rulectl.plan.compiler import compile_text
from rulectl.resource import Kind
from tests.rule.marked import rule
from tests.rule.test_files import write

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.acme.io}
spec:
  group: acme.io
  names: {kind: Widget, plural: widgets}
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer}}}
  - name: v2
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
  - name: v3
---
apiVersion: v1
kind: ConfigMap
"""
POD, WIDGET = Kind("v1", "Pod"), Kind("acme.io/v1", "Widget")
ABOUT = "watch: {apiVersion: acme.io/v1, kind: Widget}\n"


def given(folder: Path, files: dict[str, str]) -> KindSchemas:
    return KindSchemas((CrdSchemas.of_files([write(folder, files)]), packaged_schemas()))


def told(spec: str, schemas: KindSchemas) -> list[tuple[str, str]]:
    return [(problem.code, problem.hint) for problem in inspect(compile_text(rule(ABOUT + spec)), schemas)]


def test_rules_about_custom_resources_are_checked_against_their_definitions(tmp_path: Path) -> None:
    schemas = given(tmp_path, {"crds/widgets.yaml": CRD})
    assert told("when: [object.spec.sise]", schemas) == [("RC421", "did you mean 'size'?")]
    assert told("when: ['object.spec.size > `5`']", schemas) == []


def test_metadata_of_custom_resources_is_known_though_their_schema_does_not_say_it(tmp_path: Path) -> None:
    schemas = given(tmp_path, {"widgets.yaml": CRD})
    terms = "when: [object.metadata.labels.app, \"object.kind == 'Widget'\", \"annotation(object, 'a')\"]"
    assert told(terms, schemas) == []
    assert told("when: [object.metadata.label.app]", schemas) == [("RC421", "did you mean 'labels'?")]


def test_a_version_that_keeps_unknown_fields_may_have_any(tmp_path: Path) -> None:
    schemas = given(tmp_path, {"widgets.yaml": CRD})
    assert schemas(Kind("acme.io/v2", "Widget")) is not None
    text = rule("watch: {apiVersion: acme.io/v2, kind: Widget}\nwhen: [object.anything.at.all]")
    assert inspect(compile_text(text), schemas) == ()


def test_a_version_without_a_schema_is_said_to_be_unchecked(tmp_path: Path) -> None:
    schemas = given(tmp_path, {"widgets.yaml": CRD})
    text = rule("watch: {apiVersion: acme.io/v3, kind: Widget}\nwhen: [object.spec.sise]")
    [note] = inspect(compile_text(text), schemas)
    assert (note.code, note.severity, note.place.line, note.place.column) == ("RC703", "note", 5, 41)
    assert note.message == "fields of Widget (acme.io/v3) are not checked: its schema is not known"


def test_lists_and_json_are_read_too(tmp_path: Path) -> None:
    definition = (
        '{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "apiextensions.k8s.io/v1",'
        ' "kind": "CustomResourceDefinition", "spec": {"group": "acme.io", "names": {"kind": "Widget"},'
        ' "versions": [{"name": "v1", "schema": {"openAPIV3Schema": {"type": "object"}}}]}}]}'
    )
    assert given(tmp_path, {"all.json": definition})(WIDGET) is not None


def test_built_in_kinds_are_still_known(tmp_path: Path) -> None:
    assert given(tmp_path, {"widgets.yaml": CRD})(POD) is packaged_schemas()(POD)


def test_a_broken_manifest_is_a_problem_of_its_file_once_it_is_needed(tmp_path: Path) -> None:
    broken = CRD.replace("metadata: {", "metadata: [")
    crds = CrdSchemas.of_files([write(tmp_path, {"a.yaml": broken, "b.yaml": CRD, "c.yaml": "a: ["})])
    assert (crds(WIDGET) is not None, crds(WIDGET) is not None) == (True, True)
    [problem] = crds.problems
    assert (problem.code, problem.place.file, problem.place.line) == ("RC104", str(tmp_path / "a.yaml"), 3)


def test_a_file_that_names_none_of_the_kinds_is_not_parsed(tmp_path: Path) -> None:
    crds = CrdSchemas.of_files([write(tmp_path, {"a.yaml": CRD.replace("metadata: {", "metadata: [")})])
    assert (crds(Kind("other.io/v1", "Gadget")), crds.problems) == (None, [])


def test_a_definition_with_references_is_told_and_not_used(tmp_path: Path) -> None:
    crds = CrdSchemas.of_files([write(tmp_path, {"a.yaml": CRD.replace("{type: integer}", "{$ref: '#/x'}")})])
    assert crds(WIDGET) is None
    assert [(problem.code, problem.message) for problem in crds.problems] == [
        (
            "RC704",
            "a CustomResourceDefinition cannot be used: $ref '#/x' cannot be followed: write the schema out in place",
        )
    ]


def test_a_field_that_is_called_ref_is_no_reference(tmp_path: Path) -> None:
    fields = "{size: {type: integer}, $ref: {type: string}}"
    schemas = given(tmp_path, {"a.yaml": CRD.replace("{size: {type: integer}}", fields)})
    assert told("when: ['object.spec.\"$ref\" == `5`']", schemas) == [("RC422", "a text is written '5'")]


def test_a_folder_without_definitions_is_told(tmp_path: Path) -> None:
    [problem] = CrdSchemas.of_files([write(tmp_path, {"a.yaml": "kind: ConfigMap"})]).problems
    assert (problem.code, problem.severity) == ("RC704", "warning")


@pytest.mark.parametrize("content", ["kind: CustomResourceDefinition", "- CustomResourceDefinition", "", "a: [\n"])
def test_anything_may_stand_in_files(content: str, tmp_path: Path) -> None:
    assert given(tmp_path, {"a.yaml": f"{content} # CustomResourceDefinition acme.io Widget"})(WIDGET) is None


def test_definitions_among_the_rules_are_used() -> None:
    compilation = compile_text(f"{rule(ABOUT + 'when: [object.spec.sise]')}---\n{CRD}")
    schemas = KindSchemas((CrdSchemas.of_documents(compilation.others), packaged_schemas()))
    assert [problem.code for problem in inspect(compilation, schemas)] == ["RC421"]


def test_a_version_of_kubernetes_decides_about_fields_and_kinds() -> None:
    field = compile_text(rule("when: ['object.status.observedGeneration > `1`']"))
    kind = compile_text(rule("watch: {apiVersion: networking.k8s.io/v1, kind: ServiceCIDR}"))
    old, new = packaged_schemas("1.30"), packaged_schemas("v1.34.1")
    assert [problem.code for problem in inspect(field, old, version="1.30")] == ["RC421"]
    assert inspect(field, new, version="1.34") == ()
    assert [problem.code for problem in inspect(kind, old, version="1.30")] == ["RC420"]
    assert inspect(kind, new, version="1.34") == ()


@pytest.mark.parametrize("version", ["1.29", "2.0", "new", ""])
def test_a_version_that_is_not_known_is_refused(version: str) -> None:
    with pytest.raises(UsageError, match=r"no schemas of Kubernetes .*; known are 1\.30 to 1\.\d+"):
        packaged_schemas(version)


def test_the_first_source_that_knows_a_kind_decides_and_is_asked_once() -> None:
    asked: list[Kind] = []

    def first(kind: Kind) -> Node | None:
        asked.append(kind)
        return Node(type="object") if kind == WIDGET else None

    schemas = KindSchemas((first, packaged_schemas()))
    assert [schemas(kind) is not None for kind in (WIDGET, POD, WIDGET, POD)] == [True, True, True, True]
    assert asked == [WIDGET, POD]
