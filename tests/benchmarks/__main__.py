"""All figures in one table: ``python -m tests.benchmarks [GROUP...] [--no-peers] [-o json]``.

Whole processes, their CPU and memory as the operating system counts them (Linux). The peers are measured in the
same run, beside the same server. Nothing fails for being slow. The processes share the machine with whatever else
runs on it: CPU goes up by half when others keep its caches busy, so look at ratios, and let the machine be quiet.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import bandwidth, ingest, loading, stream
from tests.benchmarks.figure import Figure, as_json, table
from tests.benchmarks.pods import pod
from tests.benchmarks.process import REPOSITORY, Process


def bandwidths(pods: int, *, peers: bool) -> Iterator[Figure]:
    """The bandwidth rule and those who do the same."""
    contenders = [bandwidth.rulectl("memory"), bandwidth.rulectl("sqlite")]
    if peers:
        contenders += [bandwidth.kopf(), bandwidth.informer()]
    for contender in contenders:
        is_ours = contender.name.startswith("rulectl")
        found = bandwidth.measure(contender, pods)
        group = f"the bandwidth rule, {pods:,} pods of 13 KB, over TLS: {contender.name}"
        limits = _LIMITS[pods] if is_ours and pods in _LIMITS else ("", "", "", "", "")
        start, sync, memory, irrelevant, relevant = limits
        yield Figure(group, "start to the first list of an empty cluster", found.start_cpu_seconds, "s CPU", start)
        yield Figure(group, "sync, beyond the start", found.sync_cpu_seconds, "s CPU", sync)
        yield Figure(group, "from the start until it is at rest", found.sync_seconds, "s")
        yield Figure(group, "resident at rest", found.rest_mb, "MB", memory)
        yield Figure(group, "resident at most", found.peak_mb, "MB", memory)
        yield Figure(group, "an update that concerns no rule", found.irrelevant_us, "us CPU", irrelevant)
        yield Figure(group, "an update that does, with its HTTP call", found.relevant_us, "us CPU", relevant)
        yield Figure(group, "from the write to the call, p50", found.p50_ms, "ms")
        yield Figure(group, "from the write to the call, p99", found.p99_ms, "ms")


_LIMITS = {
    10_000: ("< 0.5", "<= 0.7", "<= 90", "<= 50", "<= 600"),
    100_000: ("< 0.5", "<= 7", "<= 250", "", ""),
}


def streams(*, peers: bool) -> Iterator[Figure]:
    """One update from the socket to the rules."""
    group = f"one update over TLS, {stream.PODS:,} pods cached"
    found = stream.measure(peers=peers)
    yield Figure(group, "rulectl, 10 rules", found.ours_10, "us CPU")
    yield Figure(group, "rulectl, 100 rules", found.ours_100, "us CPU")
    yield Figure(group, "90 rules more", found.ours_100 - found.ours_10, "us CPU", "<= 10")
    if not peers:
        return
    yield Figure(group, "Watch(deserialize=False) + jmespath.py, no rules", found.theirs_0, "us CPU")
    yield Figure(group, "the same, 10 rules", found.theirs_10, "us CPU")
    yield Figure(group, "the same, 10 rules, garbage collector off", found.theirs_10_without_gc, "us CPU")
    yield Figure(group, "the same, 100 rules", found.theirs_100, "us CPU")
    yield Figure(group, "rulectl needs less, 10 rules", found.theirs_10 / found.ours_10, "times", ">= 20")
    without = found.theirs_10_without_gc / found.ours_10
    yield Figure(group, "rulectl needs less, 10 rules, theirs without collector", without, "times", ">= 7")
    ratio = (found.theirs_100 - found.theirs_10) / max(0.1, found.ours_100 - found.ours_10)
    yield Figure(group, "rulectl needs less for 90 rules more", ratio, "times", ">= 75")


def caches() -> Iterator[Figure]:
    """Memory of cached objects."""
    group = "20,000 cached pods"
    with tempfile.TemporaryDirectory(prefix="rulectl-benchmark-") as name:
        log = Path(name) / "cache.log"
        with Process.python("tests.benchmarks.cache", "20000", log=log) as process:
            found = json.loads(process.wait())
    yield Figure(group, "a pod, one annotation", found["one"] / 1000, "KB", "<= 0.6")
    yield Figure(group, "a pod, 12 paths", found["twelve"] / 1000, "KB", "<= 5")
    yield Figure(group, "a full collection, before it is told to leave them alone", found["collection_ms"], "ms")
    yield Figure(group, "a full collection, as `rulectl run` has it", found["settled_ms"], "ms", "<= 30")


def ingests() -> Iterator[Figure]:
    """Updates a second."""
    alone, busy = ingest.measure()
    group = "updates a second, 10 rules, as fast as the server sends and rulectl reads"
    yield Figure(group, "alone", alone, "/s")
    yield Figure(group, "with a Python action that computes", busy, "/s", ">= 10,000")


def loads() -> Iterator[Figure]:
    """Loading and starting."""
    group = "loading"
    yield Figure(group, "1,000 rules: parse, validate, compile", loading.loading(1000), "s CPU", "<= 0.5")
    yield Figure(group, "imports of `rulectl run`", loading.importing(), "s CPU", "< 0.5")


def main() -> None:
    """Measures what was asked for and writes it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.split("\n", maxsplit=1)[0])
    groups: dict[str, Callable[[bool], Iterator[Figure]]] = {
        "bandwidth": lambda peers: bandwidths(10_000, peers=peers),
        "large": lambda _: bandwidths(100_000, peers=False),
        "stream": lambda peers: streams(peers=peers),
        "cache": lambda _: caches(),
        "ingest": lambda _: ingests(),
        "loading": lambda _: loads(),
    }
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{', '.join(groups)}; default: all")
    parser.add_argument("--no-peers", action="store_true", help="measure rulectl alone")
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text")
    options = parser.parse_args()
    unknown = [name for name in options.groups if name not in groups]
    if unknown:
        parser.error(f"there is no group {unknown[0]!r}; there are {', '.join(groups)}")
    figures: list[Figure] = []
    for name in options.groups or groups:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        figures += groups[name](not options.no_peers)
    about = surroundings()
    if options.output == "json":
        sys.stdout.write(as_json(figures, about))
    else:
        sys.stdout.write("; ".join(f"{name}: {value}" for name, value in about.items()) + "\n\n" + table(figures))


def surroundings() -> dict[str, str]:
    """What the figures were measured on; json.loads of a pod says how fast the machine is just now."""
    git = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    text = json.dumps(pod(1))
    best = float("inf")
    for _ in range(20):
        began = time.process_time()
        for _ in range(20):
            json.loads(text)
        best = min(best, (time.process_time() - began) / 20)
    return {
        "commit": git.stdout.strip(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, json.loads of a pod {best * 1e6:.0f} us",
    }


if __name__ == "__main__":
    main()
