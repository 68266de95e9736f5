"""Actions a second through the whole of ``rulectl run``: nothing to do, and HTTP to a local server.

``python -m tests.benchmarks.actions [OBJECTS]``: one run per object, from a cold start with everything owed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.process import Process

OBJECTS = 3_000
WORKERS = (1, 4, 16)
STATES = ("memory", "sqlite")
ACTIONS: Mapping[str, dict[str, Any]] = {
    "noop": {"noop": {}},
    "noop, own process": {"isolation": "process", "noop": {}},
    "http": {"http": {"method": "PUT", "url": "${{ env.AGENT }}/x", "json": {"name": "${{ object.metadata.name }}"}}},
}


@dataclass(frozen=True, slots=True)
class Result:
    """`rate` is between the first and the last run; `cpu_us` of the whole process, start and lists included."""

    rate: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class World:
    """A server with the objects, and an agent, each in its own process."""

    folder: Path
    kubeconfig: Path
    agent: str
    objects: int

    def measure(self, action: str, workers: int, state: str) -> Result:
        """One start to one end."""
        rule = self.folder / "rule.yaml"
        rule.write_text(json.dumps(rule_for(ACTIONS[action], workers)))
        where = f"sqlite:{self.folder / f'{time.monotonic_ns()}.sqlite'}" if state == "sqlite" else state
        options = ["--once", "-o", "json", "--workers", str(workers), "--plugin", "tests.benchmarks.noop"]
        arguments: list[str | Path] = ["run", rule, "--kubeconfig", self.kubeconfig, "--state", where, *options]
        before = _children()
        process = Process.python(
            "rulectl", *arguments, log=self.folder / "run.log", environ={"AGENT": f"http://{self.agent}"}
        )
        with process:
            lines = process.wait().splitlines()
        told = [json.loads(line) for line in lines if line.startswith('{"time"')]
        ended = sorted(_seconds(one["time"]) for one in told if one["type"] == "run" and one["outcome"] == "succeeded")
        if len(ended) != self.objects:
            raise RuntimeError(f"{len(ended)} runs of {self.objects} succeeded:\n" + "\n".join(lines[-20:]))
        return Result((len(ended) - 1) / (ended[-1] - ended[0]), (_children() - before) / len(ended) * 1e6)


def rule_for(action: dict[str, Any], workers: int) -> dict[str, Any]:
    """One run for each labelled ConfigMap."""
    return {
        "apiVersion": "rulectl.dev/v1alpha1",
        "kind": "Rule",
        "metadata": {"name": "measured"},
        "spec": {
            "env": {"AGENT": ""},
            "watch": {"apiVersion": "v1", "kind": "ConfigMap"},
            "changed": {"labels": ["measured"]},
            "events": ["added"],
            "existing": "handle",
            "workers": workers,
            "actions": [action],
        },
    }


@contextmanager
def world(objects: int) -> Iterator[World]:
    """See `World`."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rulectl-benchmark-")))
        labels = {"measured": "yes"}
        manifests = folder / "objects.json"
        made = [
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": f"c{number}", "namespace": "default", "labels": labels},
            }
            for number in range(objects)
        ]
        manifests.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": made}))
        kubeconfig = folder / "kubeconfig"
        server = Process.python(
            "rulectl.sandbox", "--kubeconfig", kubeconfig, "--load", manifests, log=folder / "server.log"
        )
        stack.enter_context(server)
        agent = stack.enter_context(Process.python("tests.benchmarks.agent", log=folder / "agent.log"))
        agent.wait_for("listening on")
        server.wait_for("rulectl sandbox at")
        yield World(folder, kubeconfig, f"127.0.0.1:{agent.log.read_text().split()[-1]}", objects)


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _children() -> float:
    used = os.times()
    return used.children_user + used.children_system


def main(objects: int) -> None:
    """Measures and tells."""
    print(f"{'action':20}{'workers':>8}{'state':>8}{'actions/s':>11}{'CPU us each':>13}")
    with world(objects) as there:
        for action in ACTIONS:
            for workers in WORKERS:
                for state in STATES:
                    found = there.measure(action, workers, state)
                    print(f"{action:20}{workers:>8}{state:>8}{found.rate:>11.0f}{found.cpu_us:>13.0f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else OBJECTS)
