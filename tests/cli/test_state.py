"""``rulectl state``, with and without a rulectl at work."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rulectl.resource import Kind, Resource
from rulectl.sandbox import SandboxServer
from rulectl.testing.cluster import Cluster
from tests.cli.shell import rulectl, started

POD = Resource(Kind("v1", "Pod"), "pods", namespaced=True)
RULE = """
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata: {name: seen}
spec:
  watch: {apiVersion: v1, kind: Pod}
  changed: {annotations: [bw]}
  events: [added, deleted]
  actions: [{log: {message: "${{ event.type }} ${{ object.metadata.name }}"}}]
"""


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        metadata: dict[str, Any] = {"name": "a", "namespace": "default", "annotations": {"bw": "1M"}}
        spec: dict[str, Any] = {"containers": [{"name": "c", "image": "nginx"}]}
        Cluster(running.api).apply({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
        yield running


@pytest.fixture
def place(server: SandboxServer, tmp_path: Path) -> list[str]:
    (tmp_path / "rule.yaml").write_text(RULE)
    return ["--kubeconfig", str(server.kubeconfig_path), "--state", f"sqlite:{tmp_path / 'state'}"]


def run(place: list[str], tmp_path: Path) -> None:
    assert rulectl("run", str(tmp_path / "rule.yaml"), "--once", *place).status == 0


def test_nothing_is_remembered_before_the_first_run(place: list[str]) -> None:
    shown = rulectl("state", "list", *place)
    assert (shown.status, shown.err[:38]) == (2, "error: nothing is remembered yet for -")


def test_a_held_deletion_is_listed_shown_and_let_go_while_rulectl_runs(
    server: SandboxServer, place: list[str], tmp_path: Path
) -> None:
    run(place, tmp_path)
    with server.api.lock:
        Cluster(server.api).delete(POD, "a", "default")
    with started("run", str(tmp_path / "rule.yaml"), *place) as program:
        program.wait_for("seen: 1 run held")
        assert "held: a list lacked it" in rulectl("state", "show", "seen", *place).out
        acked = rulectl("state", "ack", "seen", *place)
        assert (acked.status, acked.out) == (0, "done: 1 object\n")
        program.wait_for("seen deleted Pod default/a")
        assert program.end(signal.SIGTERM) == 0


def test_a_rule_that_is_not_loaded_is_renamed_and_cleared(place: list[str], tmp_path: Path) -> None:
    run(place, tmp_path)
    assert rulectl("state", "rename", "seen", "watched", *place).status == 0
    assert "watched  1" in rulectl("state", "list", *place).out
    assert rulectl("state", "clear", "watched", *place).status == 0
    assert rulectl("state", "list", *place).out == "nothing is remembered yet\n"


def test_a_misspelt_rule_is_told_with_the_nearest_name(place: list[str], tmp_path: Path) -> None:
    run(place, tmp_path)
    shown = rulectl("state", "show", "sen", *place)
    assert (shown.status, shown.err.strip().endswith("did you mean 'seen'?")) == (2, True)


def test_a_state_in_memory_cannot_be_looked_at(place: list[str]) -> None:
    shown = rulectl("state", "list", *place[:2], "--state", "memory")
    assert (shown.status, "gone with its process" in shown.err) == (2, True)
