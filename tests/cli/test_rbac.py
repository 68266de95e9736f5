"""`rulectl rbac`: prints, compares, asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from rulectl.sandbox import SandboxServer
from tests.cli.shell import rulectl

RULE = """\
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata: {name: one}
spec:
  watch: {apiVersion: example.com/v1, kind: Fish, namespaces: [sea]}
  actions:
  - label: {set: {seen: "true"}}
"""
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: fish.example.com}
spec:
  group: example.com
  names: {kind: Fish, plural: fish, singular: fish}
  scope: Namespaced
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "one.yaml").write_text(RULE)
    (tmp_path / "crds.yaml").write_text(CRD)
    return tmp_path


def test_roles_are_printed_for_kubectl(folder: Path) -> None:
    shown = rulectl("rbac", f"{folder}/rules", "--state", "memory", "--schemas", f"{folder}/crds.yaml", "-n", "ops")
    role, binding = yaml.safe_load_all(shown.out)
    assert (shown.status, shown.err) == (0, "")
    assert (role["kind"], role["metadata"]["namespace"]) == ("Role", "sea")
    fish = {"apiGroups": ["example.com"], "resources": ["fish"], "verbs": ["get", "list", "patch", "watch"]}
    assert fish in role["rules"]
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "rulectl", "namespace": "ops"}]


def test_a_plural_that_is_not_known_is_said_to_be_a_guess(folder: Path) -> None:
    shown = rulectl("rbac", f"{folder}/rules")
    assert "# the plural is a guess: give --schemas or --cluster\n- apiGroups: [example.com]\n" in shown.out
    assert "resources: [fishes]" in shown.out


def test_the_same_as_json(folder: Path) -> None:
    plain = list(yaml.safe_load_all(rulectl("rbac", f"{folder}/rules").out))
    assert json.loads(rulectl("rbac", f"{folder}/rules", "-o", "json").out)["items"] == plain


def test_a_file_with_enough_passes_the_check(folder: Path) -> None:
    (folder / "rbac.yaml").write_text(rulectl("rbac", f"{folder}/rules").out)
    shown = rulectl("rbac", f"{folder}/rules", "--check", f"{folder}/rbac.yaml", "--strict")
    assert shown.status == 0
    assert shown.out.endswith(" permissions needed, 0 missing, 0 more than needed\n")
    assert shown.out.count("\n") == 1


def test_a_file_with_less_fails_the_check_and_more_only_with_strict(folder: Path) -> None:
    (folder / "rbac.yaml").write_text(rulectl("rbac", f"{folder}/rules", "--state", "memory").out)
    shown = rulectl("rbac", f"{folder}/rules", "--state", "sqlite", "--check", f"{folder}/rbac.yaml")
    assert (shown.status, shown.out.splitlines()[0]) == (
        1,
        "missing: get namespaces/kube-system (rulectl: to know which cluster the state is of)",
    )
    (folder / "rbac.yaml").write_text(rulectl("rbac", f"{folder}/rules", "--state", "sqlite").out)
    arguments = ["rbac", f"{folder}/rules", "--state", "memory", "--check", f"{folder}/rbac.yaml"]
    assert [rulectl(*arguments).status, rulectl(*arguments, "--strict").status] == [0, 1]
    assert "not needed: get namespaces/kube-system (ClusterRole rulectl)\n" in rulectl(*arguments).out


def test_the_cluster_can_be_asked(folder: Path) -> None:
    with SandboxServer(load=[folder / "crds.yaml"]) as server:
        shown = rulectl("rbac", f"{folder}/rules", "--verify", "--kubeconfig", str(server.kubeconfig_path))
        named = rulectl("rbac", f"{folder}/rules", "--cluster", "--kubeconfig", str(server.kubeconfig_path))
    assert shown.status == 0
    assert shown.out.endswith(f" permissions needed, 0 not allowed on {server.url}\n")
    assert "resources: [fish]" in named.out


def test_a_cluster_that_does_not_answer_is_status_3(folder: Path) -> None:
    assert rulectl("rbac", f"{folder}/rules", "--verify", "--server", "http://127.0.0.1:1").status == 3


def test_bad_rules_are_told_and_left_out(folder: Path) -> None:
    (folder / "rules" / "bad.yaml").write_text(RULE.replace("watch:", "wach:").replace("name: one", "name: two"))
    shown = rulectl("rbac", f"{folder}/rules")
    assert shown.status == 1
    assert "RC203 unknown key 'wach'" in shown.err
    assert "kind: Role" in shown.out


def test_check_and_verify_exclude_each_other(folder: Path) -> None:
    shown = rulectl("rbac", f"{folder}/rules", "--verify", "--check", "x")
    assert (shown.status, shown.err) == (2, "error: give either --check FILE or --verify, not both\n")
