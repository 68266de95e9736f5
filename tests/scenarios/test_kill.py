"""The real process, killed with SIGKILL at random moments while somebody changes the cluster."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rulectl.sandbox import SandboxServer
from rulectl.testing.cluster import Cluster
from tests.scenarios.objects import POD, pod

RULE = """
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata: {name: kill}
spec:
  env: {RECEIVER: ""}
  watch: {apiVersion: v1, kind: Pod, excludeNamespaces: [kube-*]}
  events: [added, modified, deleted]
  changed: {annotations: [bw]}
  actions:
  - http:
      method: PUT
      url: ${{ env.RECEIVER }}
      json:
        pod: ${{ object.metadata.name }}
        bw: ${{ annotation(object, 'bw') }}
        event: ${{ event.type }}
"""
SECONDS_TO_SETTLE = 60.0


class Receiver(ThreadingHTTPServer):
    """Keeps what it was told last of every pod, and every key it has seen."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.last: dict[str, str | None] = {}
        self.keys: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def told(self) -> dict[str, str]:
        with self.lock:
            return {name: value for name, value in self.last.items() if value is not None}


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.last[body["pod"]] = None if body["event"] == "deleted" else body["bw"]
            self.server.keys.append(self.headers["Idempotency-Key"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Churn:
    """Sets, changes and removes an annotation, deletes and makes pods again, until it is stopped."""

    server: SandboxServer
    rng: random.Random
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        while not self.stop.wait(self.rng.random() * 0.01):
            with self.server.api.lock, contextlib.suppress(ValueError):
                self.one()

    def one(self) -> None:
        cluster, name = Cluster(self.server.api), f"p{self.rng.randrange(30):02}"
        match self.rng.randrange(5):
            case 0:
                cluster.delete(POD, name, "default")
            case 1:
                cluster.apply(pod(name))
            case _:
                cluster.apply(pod(name, bw=str(self.rng.randrange(4))))

    def truth(self) -> dict[str, str]:
        with self.server.api.lock:
            items = Cluster(self.server.api).objects(POD)
        found: dict[str, str] = {}
        for item in items:
            metadata: Any = item["metadata"]
            if "bw" in metadata.get("annotations", {}):
                found[metadata["name"]] = metadata["annotations"]["bw"]
        return found


@contextlib.contextmanager
def controller(folder: Path, server: SandboxServer, receiver: Receiver) -> Iterator[subprocess.Popen[bytes]]:
    rules = folder / "rule.yaml"
    rules.write_text(RULE)
    command = [sys.executable, "-m", "rulectl", "run", str(rules), "--kubeconfig", str(server.kubeconfig_path)]
    command += ["--state", f"sqlite:{folder / 'state.sqlite'}"]
    environment = {**os.environ, "RECEIVER": receiver.url}
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(folder: Path, text: str) -> None:
    """Waits until the process that was started last has said `text`."""
    end = time.monotonic() + SECONDS_TO_SETTLE
    before = (folder / "seen").read_text() if (folder / "seen").exists() else "0"
    while time.monotonic() < end:
        said = (folder / "log").read_text().count(text)
        if said > int(before):
            (folder / "seen").write_text(str(said))
            return
        time.sleep(0.05)


def agree(receiver: Receiver, churn: Churn) -> bool:
    end = time.monotonic() + SECONDS_TO_SETTLE
    while receiver.told() != churn.truth() and time.monotonic() < end:
        time.sleep(0.1)
    return receiver.told() == churn.truth()


@pytest.mark.parametrize("kills", [3, pytest.param(40, marks=pytest.mark.slow)])
def test_after_kills_at_random_moments_the_receiver_knows_what_the_cluster_has(tmp_path: Path, kills: int) -> None:
    rng = random.Random(kills)
    receiver = Receiver()
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    with SandboxServer() as server:
        Cluster(server.api).apply(pod("bystander"))
        churn = Churn(server, rng)
        changes = threading.Thread(target=churn.run, daemon=True)
        changes.start()
        for _ in range(kills):
            with controller(tmp_path, server, receiver):
                if rng.random() < 0.8:
                    wait_for(tmp_path, " ready:")
                time.sleep(rng.random())
        churn.stop.set()
        changes.join()
        with controller(tmp_path, server, receiver):
            settled = agree(receiver, churn)
            time.sleep(2.5)  # what was done last is on the disk by then: killed before, it may be repeated
            calls = len(receiver.keys)
        with controller(tmp_path, server, receiver):
            time.sleep(2.0)
        repeats = len(receiver.keys) - len(set(receiver.keys))
        print(f"{kills} kills: {calls} calls, {repeats} repeats with the same key")
        assert settled, (tmp_path / "log").read_text()[-3000:]
        assert len(receiver.keys) == calls, "a quiet restart called something"
    receiver.shutdown()
    receiver.server_close()
