"""`rulectl validate` and `rulectl plan`: what they add to the report and the plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulectl.cli.output import Palette
from rulectl.cli.problems import coloured
from rulectl.problem import Place, Problem
from rulectl.value import decode, mapping
from tests.cli.shell import Shown, rulectl, started

GOOD = """\
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata: {name: one}
spec:
  watch: {apiVersion: v1, kind: Pod}
  actions:
  - log: {message: "${{ object.metadata.name }}"}
"""
BAD = GOOD.replace("name: one", "name: two").replace("spec:\n", "spec:\n  event: [added]\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(GOOD)
    return tmp_path


def plain(shown: Shown, folder: Path) -> str:
    return (shown.out + shown.err).replace(f"{folder}/", "")


def test_good_rules_are_fine(folder: Path) -> None:
    shown = rulectl("validate", str(folder))
    assert (shown.status, shown.out, shown.err) == (0, "1 rule: no problems\n", "")


def test_faults_are_told_with_place_line_and_caret(folder: Path) -> None:
    (folder / "bad.yaml").write_text(BAD)
    shown = rulectl("validate", str(folder))
    assert shown.status == 1
    assert plain(shown, folder) == (
        "bad.yaml:5:3: RC203 unknown key 'event' in spec\n"
        "    |   event: [added]\n"
        "    |   ^^^^^\n"
        "    = did you mean 'events'?\n"
        "2 rules: 1 error\n"
    )


def test_faults_are_data_for_machines(folder: Path) -> None:
    (folder / "bad.yaml").write_text(BAD)
    told = mapping(decode(rulectl("validate", str(folder), "-o", "json").out))
    assert (told["ok"], told["errors"]) == (False, 1)


@pytest.mark.parametrize(
    ("form", "part"),
    [
        ("sarif", '"ruleId": "RC203"'),
        ("junit", "<failure message=\"RC203 unknown key 'event' in spec\">"),
        ("github", "bad.yaml,line=5,col=3,endColumn=7,title=RC203::unknown key 'event' in spec%0Adid you mean"),
    ],
)
def test_faults_are_told_in_the_forms_of_ci_systems(form: str, part: str, folder: Path) -> None:
    (folder / "bad.yaml").write_text(BAD)
    shown = rulectl("validate", str(folder), "-o", form)
    assert (shown.status, shown.err) == (1, "")
    assert part in shown.out


def test_warnings_fail_only_with_strict(folder: Path) -> None:
    (folder / "good.yaml").write_text(GOOD.replace("actions:", "when: [length(object.spec.volumes) > `0`]\n  actions:"))
    assert rulectl("validate", str(folder)).status == 0
    shown = rulectl("validate", str(folder), "--strict")
    assert (shown.status, shown.out.splitlines()[-1]) == (1, "1 rule: 1 warning (warnings fail with --strict)")


def test_people_see_colours() -> None:
    problem = Problem(Place("a.yaml", 1, 1, 2), "RC203", "unknown key", hint="did you mean 'b'?", source="a: 1")
    assert coloured([problem], Palette(colour=True)) == (
        "\x1b[1ma.yaml:1:1:\x1b[0m \x1b[31mRC203\x1b[0m unknown key\n"
        "    | a: 1\n"
        "    | \x1b[31m^\x1b[0m\n"
        "    = \x1b[32mdid you mean 'b'?\x1b[0m\n"
        "1 error\n"
    )


def test_actions_of_plugins_are_known(folder: Path) -> None:
    (folder / "good.yaml").write_text(GOOD.replace("log: {message:", "page: {who:"))
    assert rulectl("validate", str(folder)).status == 1
    assert rulectl("validate", str(folder), "--plugin", "tests.cli.plugin").status == 0


@pytest.mark.parametrize(
    ("form", "beginning"),
    [
        ("text", "Informers\n"),
        ("json", '{\n  "informers": ['),
        ("dot", "digraph rulectl {\n"),
        ("mermaid", "flowchart LR\n"),
    ],
)
def test_a_plan_is_drawn_in_the_form_asked_for(form: str, beginning: str, folder: Path) -> None:
    shown = rulectl("plan", str(folder), "-o", form)
    assert (shown.status, shown.err) == (0, "")
    assert shown.out.startswith(beginning)


def test_a_plan_has_the_good_rules_and_the_faults_are_told_beside_it(folder: Path) -> None:
    (folder / "bad.yaml").write_text(BAD)
    shown = rulectl("plan", str(folder), "-o", "json")
    assert shown.status == 1
    assert "RC203 unknown key 'event'" in shown.err
    assert [mapping(rule)["name"] for rule in mapping(decode(shown.out))["rules"]] == ["one"]  # type: ignore[union-attr]


WIDGET = GOOD.replace("{apiVersion: v1, kind: Pod}", "{apiVersion: acme.io/v1, kind: Widget}").replace(
    "  actions:", "  when: [object.spec.sise]\n  actions:"
)
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.acme.io}
spec:
  group: acme.io
  names: {kind: Widget, plural: widgets, singular: widget}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, properties: {size: {type: integer}}}
"""
MISSPELT = (
    "rule.yaml:6:22: RC421 there is no field 'sise' of spec\n"
    "    |   when: [object.spec.sise]\n"
    "    |                      ^^^^\n"
    "    = did you mean 'size'?\n"
    "1 rule: 1 error\n"
)


def test_a_kind_without_a_schema_is_said_to_be_unchecked(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(WIDGET)
    shown = rulectl("validate", str(tmp_path), "--strict")
    assert shown.status == 0
    assert plain(shown, tmp_path) == (
        "rule.yaml:5:41: RC703 note: fields of Widget (acme.io/v1) are not checked: its schema is not known\n"
        "    |   watch: {apiVersion: acme.io/v1, kind: Widget}\n"
        "    |                                         ^^^^^^\n"
        "    = give its CRD with --schemas, or ask a cluster with --cluster\n"
        "1 rule: 1 note\n"
    )


@pytest.mark.parametrize("where", ["among the rules", "given"])
def test_custom_resources_are_checked_against_their_definitions(where: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "rule.yaml").write_text(WIDGET)
    (tmp_path / "crd.yaml" if where == "given" else rules / "crd.yaml").write_text(CRD)
    given = ["--schemas", str(tmp_path / "crd.yaml")] if where == "given" else []
    shown = rulectl("validate", str(rules), *given)
    assert (shown.status, plain(shown, rules)) == (1, MISSPELT)


def test_rules_are_checked_against_a_cluster(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(WIDGET)
    (tmp_path / "crds").mkdir()
    (tmp_path / "crds" / "crd.yaml").write_text(CRD)
    kubeconfig = tmp_path / "kubeconfig"
    with started("sandbox", "--kubeconfig", str(kubeconfig), "--load", str(tmp_path / "crds")) as sandbox:
        sandbox.wait_for("kubeconfig", errors=False)
        shown = rulectl("validate", str(tmp_path / "rule.yaml"), "--cluster", "--kubeconfig", str(kubeconfig))
    assert (shown.status, plain(shown, tmp_path)) == (1, MISSPELT)


def test_a_cluster_that_is_not_there_ends_with_its_status(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(WIDGET)
    shown = rulectl("validate", str(tmp_path), "--cluster", "--server", "http://127.0.0.1:9")
    assert (shown.status, shown.out) == (3, "")


def test_a_version_of_kubernetes_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(GOOD.replace("object.metadata.name", "object.status.observedGeneration"))
    assert rulectl("validate", str(tmp_path)).status == 0
    assert "RC421" in rulectl("validate", str(tmp_path), "--kubernetes-version", "1.30").out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--kubernetes-version", "1.2"], "no schemas of Kubernetes 1.2; known are 1.30 to "),
        (["--schemas", "nowhere"], "no such file or folder: nowhere"),
        (["--cluster", "--kubernetes-version", "1.30"], "--cluster has a version of its own"),
        (["--context", "a"], "flags of a connection need --cluster"),
    ],
)
def test_flags_that_make_no_sense_are_refused(flags: list[str], message: str, folder: Path) -> None:
    shown = rulectl("validate", str(folder), *flags)
    assert (shown.status, shown.out) == (2, "")
    assert shown.err.startswith(f"error: {message}")
