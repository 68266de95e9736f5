"""How many updates a second are taken in while a Python action computes on another thread."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.benchmarks.process import Process
from tests.benchmarks.rulesets import write_rules
from tests.benchmarks.stream import Replay, replay

UPDATES = 60_000
_SECONDS = 600


def rules(folder: Path, *, with_busy: bool) -> Path:
    """Ten rules that never fire, and one whose action computes for one of the pods."""
    write_rules(folder, 10)
    busy = {
        "apiVersion": "rulectl.dev/v1alpha1",
        "kind": "Rule",
        "metadata": {"name": "busy"},
        "spec": {
            "watch": {"apiVersion": "v1", "kind": "Pod"},
            "existing": "handle",
            "when": ["object.metadata.name == 'web-000000'"],
            "actions": [{"timeout": f"{_SECONDS}s", "busy": {"seconds": _SECONDS}}],
        },
    }
    if with_busy:
        (folder / "busy.yaml").write_text(json.dumps(busy))
    return folder


def rate(world: Replay, *, with_busy: bool) -> float:
    """Updates per second, sent as fast as they are read."""
    name = "busy" if with_busy else "alone"
    folder = rules(world.folder / f"rules-{name}", with_busy=with_busy)
    options = ["--state", "memory", "--plugin", "tests.benchmarks.busy"]
    arguments: list[str | Path] = ["run", folder, "--kubeconfig", world.kubeconfig, *options]
    with Process.python("rulectl", *arguments, log=world.folder / f"{name}.log") as process:
        process.wait_for(" ready: ")
        if with_busy:
            process.wait_for("computing")
        time.sleep(15.0)  # until every rule has looked at every pod
        return UPDATES / world.send(UPDATES)


def measure() -> tuple[float, float]:
    """Updates a second without and with a busy action."""
    with replay() as world:
        alone = rate(world, with_busy=False)
    with replay() as world:
        return alone, rate(world, with_busy=True)


if __name__ == "__main__":
    print(measure())
