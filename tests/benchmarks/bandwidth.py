"""The bandwidth rule on many pods: ``rulectl run`` and other people's controllers that do the same, whole processes."""

from __future__ import annotations

import http.client
import json
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.environment import peers
from tests.benchmarks.pods import write_manifests
from tests.benchmarks.process import REPOSITORY, Process

RATE = 300.0
SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class World:
    """What a contender runs in."""

    folder: Path
    kubeconfig: Path
    pods: int
    agent: str

    @property
    def environ(self) -> dict[str, str]:
        """For every contender."""
        return {
            "VOYAGE_SERVER_ENABLE_PODLIMIT": "true",
            "AGENT_URL": f"http://{self.agent}",
            "KUBECONFIG": str(self.kubeconfig),
            "XDG_STATE_HOME": str(self.folder / "state"),
        }

    def arrivals(self) -> list[tuple[str, str, float]]:
        """Every call that the agent has had so far."""
        connection = http.client.HTTPConnection(self.agent)
        connection.request("GET", "/arrivals")
        found = json.loads(connection.getresponse().read())
        connection.close()
        return [(path, body, at) for path, body, at in found]


@dataclass(frozen=True, slots=True)
class Contender:
    """A controller to be measured; `ready` is what it prints when it has its first list."""

    name: str
    start: Callable[[World], Process]
    ready: str


@dataclass(frozen=True, slots=True)
class Result:
    """What one contender needed. CPU is of the whole process, user and system."""

    contender: str
    pods: int
    start_cpu_seconds: float
    """From the start of the process to the first list of an empty cluster."""
    sync_cpu_seconds: float
    """Beyond that, until all pods are known and it is at rest."""
    sync_seconds: float
    rest_mb: float
    peak_mb: float
    irrelevant_us: float
    relevant_us: float
    p50_ms: float
    p99_ms: float
    after_mb: float
    """Resident after all updates."""


def rulectl(state: str) -> Contender:
    """``rulectl run`` as users start it."""

    def start(world: World) -> Process:
        rule = REPOSITORY / "rules" / "pod-bandwidth.yaml"
        where = f"sqlite:{world.folder / 'records.sqlite'}" if state == "sqlite" else state
        arguments: list[str | Path] = ["run", rule, "--kubeconfig", world.kubeconfig, "--state", where]
        return Process.python("rulectl", *arguments, log=world.folder / f"rulectl-{state}.log", environ=world.environ)

    return Contender(f"rulectl --state {state}", start, "rule ready")


def kopf() -> Contender:
    """The same controller on kopf."""
    return Contender("kopf 1.45", lambda world: _peer(world, "bandwidth_kopf.py"), "ready")


def informer() -> Contender:
    """The same controller on kubernetes' own informer."""
    return Contender("kubernetes 37, SharedInformer", lambda world: _peer(world, "bandwidth_informer.py"), "ready")


def _peer(world: World, program: str) -> Process:
    path = REPOSITORY / "tests" / "benchmarks" / "peers" / program
    return Process([peers(), path], log=world.folder / f"{program}.log", environ=world.environ)


@contextmanager
def world(pods: int) -> Iterator[World]:
    """A sandbox over TLS with so many pods, and an agent, each in its own process."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rulectl-benchmark-")))
        manifests = folder / "manifests"
        manifests.mkdir()
        write_manifests(manifests, pods, every=0)
        kubeconfig = folder / "kubeconfig"
        server = Process.python(
            "rulectl.sandbox",
            *("--tls", "--kubeconfig", kubeconfig, "--load", manifests, "--window", "100000"),
            log=folder / "server.log",
        )
        stack.enter_context(server)
        agent = stack.enter_context(Process.python("tests.benchmarks.agent", log=folder / "agent.log"))
        agent.wait_for("listening on")
        server.wait_for("rulectl sandbox at")
        port = agent.log.read_text().split()[-1]
        yield World(folder, kubeconfig, pods, f"127.0.0.1:{port}")


def measure(contender: Contender, pods: int) -> Result:
    """One contender from its start to the last update."""
    with world(0) as empty, contender.start(empty) as process:
        process.wait_for(contender.ready)
        start_cpu, _ = process.wait_until_quiet()
    with world(pods) as full, contender.start(full) as process:
        process.wait_for(contender.ready)
        sync_cpu, sync_seconds = process.wait_until_quiet()
        rest, peak = process.memory(), process.peak()
        idle = process.idle()
        irrelevant, _ = _updates(full, process, int(RATE * SECONDS), RATE, every=0, idle=idle)
        relevant, _ = _updates(full, process, 1000, 100.0, every=1, idle=idle)
        _, latencies = _updates(full, process, int(RATE * SECONDS), RATE, every=10, idle=idle)
        return Result(
            contender=contender.name,
            pods=pods,
            start_cpu_seconds=start_cpu,
            sync_cpu_seconds=sync_cpu - start_cpu,
            sync_seconds=sync_seconds,
            rest_mb=rest,
            peak_mb=peak,
            irrelevant_us=irrelevant,
            relevant_us=relevant,
            p50_ms=_percentile(latencies, 0.5),
            p99_ms=_percentile(latencies, 0.99),
            after_mb=process.memory(),
        )


def _updates(
    world: World, process: Process, count: int, rate: float, *, every: int, idle: float
) -> tuple[float, list[float]]:
    """CPU in us for each update beyond idling, and the ms from each relevant write to its call."""
    arguments = [str(world.kubeconfig), str(world.pods), str(count), str(rate), str(every)]
    before, began = process.cpu(), process.age
    with Process.python("tests.benchmarks.writer", *arguments, log=world.folder / "writer.log") as writer:
        told = json.loads(writer.wait())
    process.wait_until_quiet()
    used = process.cpu() - before - idle * (process.age - began)
    arrived: dict[str, float] = {}
    for _, body, at in world.arrivals():
        value = json.loads(body or "{}").get("ingress")
        if isinstance(value, str):
            arrived.setdefault(value, at)
    lost = [value for value in told["sent"] if value not in arrived]
    # Two writes to one pod in quick succession may rightly be seen as one.
    if len(lost) > len(told["sent"]) // 10:
        raise RuntimeError(f"{len(lost)} of {len(told['sent'])} changes were never acted on")
    latencies = [(arrived[value] - at) * 1e3 for value, at in told["sent"].items() if value in arrived]
    return used / count * 1e6, latencies


def _percentile(values: Sequence[float], share: float) -> float:
    if not values:
        return math.nan
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


if __name__ == "__main__":
    import sys

    for state in sys.argv[2:] or ["memory", "sqlite"]:
        print(json.dumps(asdict(measure(rulectl(state), int(sys.argv[1]))), indent=1), flush=True)
