"""What authors of plugins test with."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from rulectl.action import ActionContext, Done, Failed, RetryAfter
from rulectl.action.plugin import BadParameters
from rulectl.errors import Conflict, Forbidden, Unreachable, UsageError
from rulectl.resource import Kind, ObjectKey
from rulectl.sandbox import SandboxServer
from rulectl.testing import FakeKube, FakeLog, FakeWeb, KubeCall, context_for, faults_of, run_action, sandbox, secret

pytest_plugins = ["rulectl.testing.fixtures"]
NODE = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget", "singular": "widget"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}


def paint(context: ActionContext, colour: str) -> None:
    """Label the object."""
    context.log(f"painting {context.key}")
    body = {"metadata": {"labels": {"colour": colour}}}
    context.kube.patch(context.resource, context.key, body, "merge", field_manager=context.field_manager)


def test_a_plugin_acts_on_an_object_that_is_put_there_for_it(kube: FakeKube) -> None:
    log = FakeLog()
    assert run_action(paint, {"colour": "red"}, context_for(NODE, kube, log=log)) == Done()
    assert kube.writes == [KubeCall("patch", "Node", ObjectKey("", "n1"), {"metadata": {"labels": {"colour": "red"}}})]
    node = kube.see("v1", "Node", "n1")
    assert node is not None
    assert log.lines == [("painting n1", "info")]


def test_custom_resources_come_after_their_crd(kube: FakeKube) -> None:
    kube.put(CRD)
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "shop"}}
    assert run_action(paint, {"colour": "red"}, context_for(widget, kube)) == Done()
    assert kube.see("example.com/v1", "Widget", "w", "shop") is not None


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Forbidden("not you"), Failed("not you")),
        (Conflict("too late"), Failed("too late")),
        (Unreachable("gone fishing"), RetryAfter(None, "gone fishing")),
    ],
    ids=["forbidden", "conflict", "unreachable"],
)
def test_a_call_can_be_made_to_fail_once(kube: FakeKube, fault: Conflict, outcome: object) -> None:
    context = context_for(NODE, kube)
    kube.fail("patch", fault)
    assert run_action(paint, {"colour": "red"}, context) == outcome
    assert run_action(paint, {"colour": "red"}, context) == Done()


def test_objects_can_be_put_in_at_once_and_taken_out(kube: FakeKube) -> None:
    other = FakeKube(NODE, secret("agent", "shop", token="abcd"))
    assert other.see("v1", "Secret", "agent", "shop") is not None
    other.remove("v1", "Node", "n1")
    assert other.see("v1", "Node", "n1") is None
    assert [one["metadata"] for one in other.list(other.resolve(Kind("v1", "Node")))] == []
    assert kube.calls == []


def test_what_does_not_fit_is_told_as_validate_would() -> None:
    assert faults_of(paint, {"color": "red"}) == ["color: unknown parameter 'color' (did you mean 'colour'?)"]
    with pytest.raises(BadParameters, match="did you mean 'colour'"):
        run_action(paint, {"color": "red"})
    with pytest.raises(UsageError, match="has to take"):
        run_action(lambda: None)


def test_other_servers_answer_as_scripted(web: FakeWeb) -> None:
    assert web.calls == []


def test_the_sandbox_is_a_context_manager_and_a_fixture(sandbox_server: SandboxServer, tmp_path: Path) -> None:
    (tmp_path / "node.yaml").write_text("{apiVersion: v1, kind: Node, metadata: {name: n1}}")
    with sandbox(tmp_path) as server, urllib.request.urlopen(f"{server.url}/api/v1/nodes/n1") as answer:
        assert answer.status == 200
    with urllib.request.urlopen(f"{sandbox_server.url}/version") as answer:
        assert answer.status == 200
