"""Schemas from the manifests of CustomResourceDefinitions."""

from __future__ import annotations

from pathlib import Path

from rulectl.check.crds import crds_in
from rulectl.check.inspection import builtin_schema, inspect
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
---
apiVersion: v1
kind: ConfigMap
"""
WIDGET = "watch: {apiVersion: acme.io/v1, kind: Widget}\n"


def test_rules_about_custom_resources_are_checked_against_their_definitions(tmp_path: Path) -> None:
    found = crds_in([write(tmp_path, {"crds/widgets.yaml": CRD})])
    assert (sorted(found.nodes), found.problems) == ([Kind("acme.io/v1", "Widget"), Kind("acme.io/v2", "Widget")], ())
    problems = inspect(compile_text(rule(f"{WIDGET}when: [object.spec.sise]")), found.or_else(builtin_schema))
    assert [(problem.code, problem.hint) for problem in problems] == [("RC421", "did you mean 'size'?")]


def test_metadata_of_custom_resources_is_known_though_their_schema_does_not_say_it(tmp_path: Path) -> None:
    schemas = crds_in([write(tmp_path, {"widgets.yaml": CRD})]).or_else(builtin_schema)
    terms = "when: [object.metadata.labels.app, \"object.kind == 'Widget'\", \"annotation(object, 'a')\"]"
    assert inspect(compile_text(rule(WIDGET + terms)), schemas) == ()


def test_built_in_kinds_are_still_known(tmp_path: Path) -> None:
    schemas = crds_in([write(tmp_path, {"widgets.yaml": CRD})]).or_else(builtin_schema)
    assert schemas(Kind("v1", "Pod")) is builtin_schema(Kind("v1", "Pod"))


def test_a_broken_manifest_is_a_problem_of_its_file(tmp_path: Path) -> None:
    found = crds_in([write(tmp_path, {"a.yaml": "a: [", "b.yaml": CRD})])
    assert [problem.code for problem in found.problems] == ["RC104"]
    assert len(found.nodes) == 2
