"""Plays many schedules: ``python -m tests.scenarios.crash_soak lossy 0 1000`` plays those of a thousand seeds.

A schedule that fails is told with its seed and as the shortest list of operations that fails alike; the same
command with that seed, and the next number, plays it again.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.scenarios.crash_schedule import drawn_rules, play, schedule, shortened
from tests.scenarios.crash_stores import InCluster, InFile, InMemory, Lossy, Place
from tests.scenarios.crash_world import Counted, Op

KINDS = ("memory", "lossy", "file", "cluster")


def soak(kind: str, seeds: Iterable[int], length: int = 40) -> tuple[list[str], Counted]:
    """What failed, each with all that is needed to play it again, and what was counted."""
    total, failures = Counted(), []
    for seed in seeds:
        ops, names = schedule(seed, length), drawn_rules(seed)
        faults, counted = _played(kind, ops, names)
        total.add(counted)
        if faults:
            shortest = shortened(ops, lambda some, names=names: _is_alike(kind, some, names, faults))  # type: ignore[misc] # noqa: B023 - called at once
            failures.append("\n".join(_told(kind, seed, names, shortest, faults)))
    return failures, total


def _told(kind: str, seed: int, names: tuple[str, ...], ops: list[Op], faults: list[str]) -> Iterator[str]:
    yield f"seed {seed} on {kind}, rules {', '.join(names)}:"
    yield from (f"  {fault}" for fault in faults[:5])
    yield from (f"    {op}," for op in ops)


def _is_alike(kind: str, ops: list[Op], names: tuple[str, ...], faults: list[str]) -> bool:
    beginning = faults[0].partition(":")[0]
    return any(fault.startswith(beginning) for fault in _played(kind, ops, names)[0])


def _played(kind: str, ops: list[Op], names: tuple[str, ...]) -> tuple[list[str], Counted]:
    with tempfile.TemporaryDirectory() as folder:
        try:
            return play(ops, _place(kind, Path(folder)), names)
        except Exception as error:  # noqa: BLE001 - that too is a schedule to be told, and shortened
            return [f"raised {type(error).__name__}: {error}"], Counted()


def _place(kind: str, folder: Path) -> Place:
    match kind:
        case "memory":
            return InMemory()
        case "lossy":
            return Lossy()
        case "file":
            return InFile(folder)
        case _:
            return InCluster()


def main() -> int:
    """Plays the seeds that the command line names."""
    kind, first, end = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    total = Counted()
    status = 0
    for start in range(first, end, 100):
        failures, counted = soak(kind, range(start, min(end, start + 100)))
        total.add(counted)
        for failure in failures:
            print(failure, flush=True)
            status = 1
        print(kind, total, flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
