"""`rulectl explain`: a rule in words, why it fires, what a code means."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rulectl.sandbox import SandboxServer
from tests.cli.shell import rulectl

RULE = """\
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata: {name: one}
spec:
  watch: {apiVersion: v1, kind: Pod}
  changed: {fields: [status.phase]}
  lookup: {node: {apiVersion: v1, kind: Node, name: "${{ object.spec.nodeName }}"}}
  when: [lookup.node.spec.unschedulable]
  actions:
  - log: {message: "${{ object.metadata.name }}"}
"""
POD = "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {nodeName: n1}, status: {phase: %s}}\n"
SERVICES = "watch: {apiVersion: v1, kind: Service}"
NODE = "{apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {unschedulable: true}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rule.yaml").write_text(RULE)
    (tmp_path / "old.yaml").write_text(POD % "Pending")
    (tmp_path / "new.yaml").write_text(POD % "Running")
    (tmp_path / "node.yaml").write_text(NODE)
    return tmp_path


def test_a_rule_is_told_in_words(folder: Path) -> None:
    shown = rulectl("explain", str(folder / "rule.yaml"))
    assert (shown.status, shown.err) == (0, "")
    assert "  watches   v1 Pod objects\n" in shown.out


def test_with_objects_it_is_told_whether_the_rule_fires(folder: Path) -> None:
    files = [f"{folder}/{name}.yaml" for name in ("rule", "new", "old", "node")]
    shown = rulectl("explain", files[0], "-f", files[1], "--old", files[2], "--with", files[3])
    assert (shown.status, shown.out) == (0, """\
one, Pod shop/web, as modified: it fires
  1 watched value differs, and all terms hold
  in its scope:
    yes  its kind is v1 Pod
  changed, any of:
    yes  status.phase changed  ("Pending" -> "Running")
  when, all of:
    yes  lookup.node.spec.unschedulable  (true)
  actions:
    yes  log: {"message":"web"}
""")  # fmt: skip


def test_the_same_is_data_for_machines(folder: Path) -> None:
    shown = rulectl("explain", f"{folder}/rule.yaml", "--old", f"{folder}/old.yaml", "-o", "json")
    [found] = json.loads(shown.out)
    assert (found["rule"], found["event"], found["outcome"]) == ("one", "deleted", "nothing")
    [words] = json.loads(rulectl("explain", f"{folder}/rule.yaml", "-o", "json").out)
    assert words["words"]["watches"] == ["v1 Pod objects"]


def test_a_live_object_and_what_it_looks_up_come_from_the_cluster(folder: Path) -> None:
    namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n"
    pod = (POD % "Running").replace("nodeName: n1", "nodeName: n1, containers: [{name: a, image: b}]")
    (folder / "live").mkdir()
    (folder / "live" / "all.yaml").write_text("---\n".join([namespace, NODE, pod]))
    with SandboxServer(load=[folder / "live"]) as server:
        flags = ["--kubeconfig", str(server.kubeconfig_path), "-n", "shop"]
        shown = rulectl("explain", f"{folder}/rule.yaml", "pod", "web", "--old", f"{folder}/old.yaml", *flags)
    assert shown.out.startswith("one, Pod shop/web, as modified: it fires\n")


def test_only_the_rules_that_are_named_are_told(folder: Path) -> None:
    (folder / "two.yaml").write_text(RULE.replace("name: one", "name: two"))
    shown = rulectl("explain", str(folder), "--rule", "two")
    assert shown.out.startswith("two (")
    assert "\none (" not in shown.out


def test_a_bad_rule_is_told_beside_the_good_ones(folder: Path) -> None:
    (folder / "bad.yaml").write_text(RULE.replace("name: one", "name: two").replace("changed:", "chnged:"))
    shown = rulectl("explain", str(folder))
    assert shown.status == 1
    assert "RC203 unknown key 'chnged'" in shown.err
    assert shown.out.startswith("one (")


@pytest.mark.parametrize(("code", "status"), [("RC107", 0), ("rc107", 0)])
def test_a_code_is_told_with_wrong_and_right(code: str, status: int) -> None:
    shown = rulectl("explain", code)
    assert shown.status == status
    assert "\n\nWrong:\n    workers: 010\n\nRight:\n    workers: 10\n" in shown.out


def test_all_codes_can_be_listed() -> None:
    assert "RC203  an unknown key\n" in rulectl("explain", "codes").out
    assert json.loads(rulectl("explain", "codes", "-o", "json").out)["RC203"] == "an unknown key"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["RC9"], "there is no code 'RC9'"),
        (["missing.yaml"], "no such file or folder: missing.yaml"),
        (["rule.yaml", "--rule", "on"], "--rule on: there is no such rule; did you mean 'one'?"),
        (["rule.yaml", "pod", "x", "-f", "old.yaml"], "give either -f FILE or KIND NAME, not both"),
        (["rule.yaml", "-f", "none.yaml"], "none.yaml cannot be read"),
        (["rule.yaml", "--old", "many.yaml"], "many.yaml holds 2 objects; --old takes one"),
    ],
)
def test_wrong_usage_is_told(arguments: list[str], message: str, folder: Path) -> None:
    (folder / "many.yaml").write_text(f"{NODE}---\n{NODE}")
    shown = rulectl("explain", *(str(folder / one) if one.endswith(".yaml") else one for one in arguments))
    assert shown.status == 2
    assert message in shown.err.replace(f"{folder}/", "")


def test_rules_about_other_kinds_are_only_named_beside_those_about_this_one(folder: Path) -> None:
    other = RULE.replace("name: one}", "name: two}").replace("watch: {apiVersion: v1, kind: Pod}", SERVICES)
    (folder / "rule.yaml").write_text(f"{RULE}---\n{other}")
    shown = rulectl("explain", f"{folder}/rule.yaml", "-f", f"{folder}/new.yaml", "--old", f"{folder}/old.yaml")
    assert shown.out.startswith("one, Pod shop/web, as modified: ")
    assert shown.out.endswith("\nabout other kinds: two\n")


def test_where_no_rule_is_about_this_kind_each_says_so(folder: Path) -> None:
    shown = rulectl("explain", f"{folder}/rule.yaml", "-f", f"{folder}/node.yaml")
    assert "    no   its kind is v1 Pod  (it is v1 Node)\n" in shown.out
