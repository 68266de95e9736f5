"""The examples do what their READMEs say."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulectl.sandbox import SandboxServer

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = ROOT / "examples"


def python(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, *map(str, command)]
    return subprocess.run(
        arguments, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(load=[EXAMPLES / "01-pod-bandwidth" / "manifests"]) as running:
        yield running


def test_the_bandwidth_demo_makes_every_call() -> None:
    done = python(EXAMPLES / "01-pod-bandwidth" / "demo.py", "--exit")
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.findall(r"agent: ((?:PUT|DELETE) +shop/[\w-]+(?:: ingress \w+, egress \w+)?)", done.stdout)
    assert sorted(told) == [
        "DELETE shop/web-2",
        "PUT    shop/batch-1: ingress None, egress 1M",
        "PUT    shop/web-1: ingress 10M, egress 20M",
        "PUT    shop/web-1: ingress 50M, egress 20M",
        "PUT    shop/web-2: ingress 5M, egress None",
    ]


def test_the_informer_example_prints_the_nodes(server: SandboxServer) -> None:
    done = python(EXAMPLES / "02-informer-as-a-cache" / "nodes.py", "once", KUBECONFIG=str(server.kubeconfig_path))
    assert done.stdout.splitlines() == [
        "added   node-1",
        "1 nodes in the cache; change one with kubectl, end with Ctrl-C",
    ]


def test_the_informer_example_ends_quietly_at_ctrl_c(server: SandboxServer) -> None:
    command = [sys.executable, str(EXAMPLES / "02-informer-as-a-cache" / "nodes.py")]
    config = {**os.environ, "KUBECONFIG": str(server.kubeconfig_path)}
    with subprocess.Popen(command, env=config, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while not process.stdout.readline().endswith("end with Ctrl-C\n"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert (process.returncode, said) == (0, "")


def test_the_informer_example_is_under_20_lines() -> None:
    lines = (EXAMPLES / "02-informer-as-a-cache" / "nodes.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) < 20


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on this machine")
def test_kubectl_beside_a_running_controller(server: SandboxServer, tmp_path: Path) -> None:
    rule = tmp_path / "rule.yaml"
    rule.write_text(
        """
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata: {name: front}
spec:
  watch: {apiVersion: v1, kind: Pod}
  changed: {annotations: [tier]}
  events: [added, modified]
  actions: [{label: {set: {tier: "${{ annotation(object, 'tier') }}"}}}]
"""
    )
    config = {"KUBECONFIG": str(server.kubeconfig_path)}
    command = [sys.executable, "-m", "rulectl", "run", str(rule), "--state", f"sqlite:{tmp_path / 's'}"]
    process = subprocess.Popen(command, env={**os.environ, **config}, stdout=subprocess.PIPE, text=True)
    try:
        kubectl = ["kubectl", "-n", "shop"]
        for change in (["annotate", "pod", "cache-1", "tier=back"], ["annotate", "pod", "web-1", "tier=front"]):
            subprocess.run([*kubectl, *change], env={**os.environ, **config}, check=True, capture_output=True)
        wait = ["wait", "--for=jsonpath={.metadata.labels.tier}=front", "pod/web-1", "--timeout=60s"]
        subprocess.run([*kubectl, *wait], env={**os.environ, **config}, check=True, capture_output=True)
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=40)
    assert process.returncode == 0
    assert re.search(r"front (added|modified) Pod shop/web-1: .*tier.*front", said)
