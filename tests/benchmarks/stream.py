"""What one update costs from the TLS socket to the rules, with 10 and 100 of them, beside Watch and jmespath.py."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import environment
from tests.benchmarks.process import REPOSITORY, Process
from tests.benchmarks.rulesets import expressions, write_rules

PODS = 5000
UPDATES = 20_000
PEER_UPDATES = 6_000
PER_SECOND = 1000.0
"""The peer with a hundred rules cannot do many more."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The server that sends updates."""

    folder: Path
    kubeconfig: Path
    server: Process

    def send(self, count: int, per_second: float = 0.0) -> float:
        """Sends updates on every watch; the seconds until all were taken from it."""
        before = self.server.log.read_text().count("sent ")
        self.server.say(f"{count} {per_second}")
        while self.server.log.read_text().count("sent ") == before:
            time.sleep(0.02)
        return float(self.server.log.read_text().split()[-1])


@contextmanager
def replay(pods: int = PODS) -> Iterator[Replay]:
    """A replaying server in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="rulectl-benchmark-") as name:
        folder = Path(name)
        kubeconfig = folder / "kubeconfig"
        with Process.python("tests.benchmarks.replay", kubeconfig, str(pods), log=folder / "replay.log") as server:
            server.wait_for("replaying")
            yield Replay(folder, kubeconfig, server)


def ours(world: Replay, rules: int) -> Process:
    """``rulectl run`` with so many rules."""
    folder = world.folder / f"rules-{rules}"
    write_rules(folder, rules)
    arguments: list[str | Path] = ["run", folder, "--kubeconfig", world.kubeconfig, "--state", "memory"]
    process = Process.python("rulectl", *arguments, log=world.folder / f"rulectl-{rules}.log")
    process.wait_for(" ready: ")
    return process


def theirs(world: Replay, rules: int, collector: str) -> Process:
    """Watch and jmespath.py with as many expressions; `collector` is ``on`` or ``off``."""
    path = world.folder / f"expressions-{rules}.json"
    path.write_text(json.dumps(expressions(rules)))
    program = REPOSITORY / "tests" / "benchmarks" / "peers" / "watch_jmespath.py"
    command: list[str | Path] = [environment.peers(), program, world.kubeconfig, path, collector]
    process = Process(command, log=world.folder / f"peer-{rules}-{collector}.log")
    process.wait_for("ready")
    return process


def microseconds(world: Replay, process: Process, updates: int, per_second: float) -> float:
    """CPU of one update."""
    process.wait_until_quiet()
    world.send(500, per_second)  # until connections, caches and code are warm
    process.wait_until_quiet()
    before = process.cpu()
    world.send(updates, per_second)
    process.wait_until_quiet()
    return (process.cpu() - before) / updates * 1e6


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU microseconds for each update, whole processes."""

    ours_10: float
    ours_100: float
    theirs_0: float
    theirs_10: float
    theirs_10_without_gc: float
    theirs_100: float


def measure(*, peers: bool = True) -> Costs:
    """All of it, one process after the other, each beside a server of its own; without `peers` theirs are 0."""
    found: dict[str, float] = {}
    for name, rules in (("ours_10", 10), ("ours_100", 100)):
        with replay() as world, ours(world, rules) as process:
            found[name] = microseconds(world, process, UPDATES, PER_SECOND)
    for name, rules, collector in (
        ("theirs_0", 0, "on"),
        ("theirs_10", 10, "on"),
        ("theirs_10_without_gc", 10, "off"),
        ("theirs_100", 100, "on"),
    ):
        found[name] = 0.0
        if peers:
            with replay() as world, theirs(world, rules, collector) as process:
                found[name] = microseconds(world, process, PEER_UPDATES, PER_SECOND / 2)
    return Costs(**found)


if __name__ == "__main__":
    print(measure())
