"""kubectl's commands as people use them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.conformance.kubectl import Kubectl
from tests.conformance.target import Api, deployment

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on this machine's PATH")


@pytest.fixture
def kubectl(api: Api, tmp_path: Path) -> Kubectl:
    return Kubectl(api, tmp_path)


@pytest.fixture
def deployed(kubectl: Kubectl) -> Kubectl:
    """The same, with a Deployment ``d``."""
    kubectl("apply", "-f", "-", text=json.dumps(deployment("d")))
    return kubectl


def path(kubectl: Kubectl, what: str, expression: str) -> str:
    return kubectl("get", *what.split(), "-o", f"jsonpath={expression}")


def test_it_knows_the_server_s_version(kubectl: Kubectl) -> None:
    assert "Server Version" in kubectl("version")


def test_it_lists_resources_and_versions(kubectl: Kubectl) -> None:
    assert "deployments" in kubectl("api-resources")
    assert "apps/v1" in kubectl("api-versions")


def test_it_creates_and_shows_namespaces(kubectl: Kubectl) -> None:
    name = f"{kubectl.api.namespace}-new"
    kubectl("create", "namespace", name)
    assert name in kubectl("get", "namespaces")
    kubectl("delete", "namespace", name, "--timeout=20s")


@pytest.mark.parametrize("validate", ["true", "false"])
def test_it_applies_with_and_without_validation(kubectl: Kubectl, validate: str) -> None:
    text = kubectl.config_map("a")
    assert "created" in kubectl("apply", f"--validate={validate}", "-f", "-", text=text)


def test_applying_again_merges_three_ways(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", text=kubectl.config_map("a", k="1", gone="1"))
    kubectl("patch", "configmap", "a", "--type=merge", "-p", '{"data": {"theirs": "1"}}')
    kubectl("apply", "-f", "-", text=kubectl.config_map("a", k="2"))
    assert json.loads(path(kubectl, "configmap a", "{.data}")) == {"k": "2", "theirs": "1"}


def test_a_misspelt_field_is_found_by_validation(deployed: Kubectl) -> None:
    body = deployment("d")
    body["spec"]["replcas"] = 2
    told = deployed("apply", "-f", "-", text=json.dumps(body), may_fail=True)
    assert 'unknown field "spec.replcas"' in told


@pytest.mark.parametrize("output", ["", "-o=wide", "-o=yaml", "-o=json"])
def test_it_shows_objects_in_every_form(kubectl: Kubectl, output: str) -> None:
    kubectl("apply", "-f", "-", text=kubectl.config_map("a"))
    told = kubectl("get", "configmaps", *filter(None, [output]))
    assert "a" in told
    assert ("NAME" in told) is (output in {"", "-o=wide"})


def test_it_selects(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", text=kubectl.config_map("a"))
    kubectl("get", "configmaps", "--all-namespaces")
    named = kubectl("get", "configmaps", "--field-selector", "metadata.name=a", "-o", "name")
    assert named == "configmap/a\n"
    assert "configmap/a" not in kubectl("get", "configmaps", "-l", "no=such", "-o", "name")


def test_it_annotates_and_labels(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", text=kubectl.config_map("a"))
    kubectl("annotate", "configmap", "a", "x=y")
    kubectl("label", "configmap", "a", "l=1")
    assert path(kubectl, "configmap a", "{.metadata.annotations.x}{.metadata.labels.l}") == "y1"


def test_it_patches_by_merge_and_by_json(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", text=kubectl.config_map("a"))
    kubectl("patch", "configmap", "a", "--type=merge", "-p", '{"data": {"m": "1"}}')
    steps = '[{"op": "add", "path": "/data/j", "value": "2"}]'
    kubectl("patch", "configmap", "a", "--type=json", "-p", steps)
    assert path(kubectl, "configmap a", "{.data.m}{.data.j}") == "12"


def test_its_own_kind_of_patch_keeps_the_other_containers(deployed: Kubectl) -> None:
    containers = [{"name": "new", "image": "b"}]
    body = {"spec": {"template": {"spec": {"containers": containers}}}}
    deployed("patch", "deployment", "d", "-p", json.dumps(body))
    names = path(deployed, "deployment d", "{.spec.template.spec.containers[*].name}")
    assert names.split() == ["new", "c", "side"]


def test_it_applies_on_the_server(kubectl: Kubectl) -> None:
    told = kubectl("apply", "--server-side", "-f", "-", text=kubectl.config_map("a"))
    assert "serverside-applied" in told


def test_it_scales_sets_images_and_restarts(deployed: Kubectl) -> None:
    deployed("scale", "deployment", "d", "--replicas=3")
    deployed("set", "image", "deployment/d", "c=nginx:7")
    deployed("rollout", "restart", "deployment/d")
    shown = path(deployed, "deployment d", "{.spec.replicas} {.spec.template.spec.containers[0].image}")
    assert shown == "3 nginx:7"


def test_watching_shows_what_is_there_once_and_then_what_comes(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", text=kubectl.config_map("a"))
    command = ("get", "configmaps", "--watch", "-o", "name", "--field-selector", "metadata.name!=kube-root-ca.crt")
    with kubectl.following(*command) as lines:
        kubectl("create", "configmap", "b", "--from-literal=a=b")
        kubectl("create", "configmap", "c", "--from-literal=a=b")
        assert [next(lines) for _ in range(3)] == ["configmap/a", "configmap/b", "configmap/c"]


def test_watching_only_shows_what_comes(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", text=kubectl.config_map("a"))
    with kubectl.following("get", "configmaps", "--watch-only", "-o", "name") as lines:
        kubectl("create", "configmap", "b", "--from-literal=a=b")
        assert next(lines) == "configmap/b"


def test_it_replaces(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", text=kubectl.config_map("a", k="1", l="2"))
    kubectl("replace", "-f", "-", text=kubectl.config_map("a", k="5"))
    assert json.loads(path(kubectl, "configmap a", "{.data}")) == {"k": "5"}


def test_it_describes(deployed: Kubectl) -> None:
    deployed("apply", "-f", "-", text=deployed.config_map("a"))
    assert "Name:         a" in deployed("describe", "configmap", "a")
    assert "Replicas:" in deployed("describe", "deployment", "d")


def test_it_waits_and_deletes(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", text=kubectl.config_map("a", k="5"))
    kubectl("wait", "--for=jsonpath={.data.k}=5", "configmap/a", "--timeout=5s")
    kubectl("delete", "configmap", "a", "--timeout=8s")
    assert "NotFound" in kubectl("get", "configmap", "a", may_fail=True)


def test_it_explains_fields(kubectl: Kubectl) -> None:
    assert "containers" in kubectl("explain", "pods.spec")


def test_it_finds_custom_resources_by_their_short_names(kubectl: Kubectl) -> None:
    group = f"{kubectl.api.namespace}.ex.com"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"gadgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "gadgets", "singular": "gadget", "kind": "Gadget", "shortNames": ["gg"]},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }
    kubectl("apply", "-f", "-", text=json.dumps(crd))
    kubectl("wait", "--for=condition=Established", f"crd/gadgets.{group}", "--timeout=8s")
    gadget = {"apiVersion": f"{group}/v1", "kind": "Gadget", "metadata": {"name": "g"}, "spec": {"a": 1}}
    kubectl("apply", "-f", "-", text=json.dumps(gadget))
    assert kubectl("get", "gg", "-o", "name") == f"gadget.{group}/g\n"
    kubectl("delete", "crd", f"gadgets.{group}", "--timeout=20s")


def test_it_shows_what_an_apply_would_change(deployed: Kubectl) -> None:
    told = deployed("diff", "-f", "-", text=json.dumps(deployment("d", image="nginx:3")), may_fail=True)
    assert "+      - image: nginx:3" in told or "nginx:3" in told
    assert path(deployed, "deployment d", "{.spec.template.spec.containers[0].image}") == "nginx"


def test_it_creates_what_it_sends_as_protobuf(kubectl: Kubectl) -> None:
    kubectl("create", "serviceaccount", "robot")
    kubectl("create", "secret", "generic", "s", "--from-literal=a=b")
    kubectl("create", "configmap", "m", "--from-literal=a=b")
    assert path(kubectl, "secret s", "{.data.a}") == "Yg=="
    assert "yes" in kubectl("auth", "can-i", "list", "pods")


def test_it_shows_events(kubectl: Kubectl) -> None:
    kubectl("get", "events")


def test_it_reads_raw_paths_and_pages(kubectl: Kubectl) -> None:
    assert "v1" in kubectl("get", "--raw", "/api")
    for name in "abc":
        kubectl("apply", "-f", "-", text=kubectl.config_map(name))
    told = kubectl("get", "configmaps", "--chunk-size=2", "-o", "name")
    assert {"configmap/a", "configmap/b", "configmap/c"} <= set(told.split())


def test_it_deletes_by_the_dozen(deployed: Kubectl) -> None:
    deployed("delete", "deployments", "--all", "--timeout=8s")
    deployed("apply", "-f", "-", text=deployed.config_map("a"))
    deployed("label", "configmap", "a", "go=y")
    assert "deleted" in deployed("delete", "configmaps", "-l", "go=y")
    deployed("delete", "namespace", deployed.api.namespace, "--timeout=20s")
