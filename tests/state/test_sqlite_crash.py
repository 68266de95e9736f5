"""kill -9 at any moment: what was said to be durable is there, and what is there is a prefix of the writes."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.state.places import InFile
from tests.state.sample import content

WRITER = """
import sys, threading
from pathlib import Path
from rulectl.clock import SystemClock
from rulectl.state.sqlite import SqliteStore
from rulectl.state.store import Drop, Put, PutRule
from tests.state.sample import OWNER, record, rule_state
store = SqliteStore(Path(sys.argv[1]), OWNER, SystemClock())
first = max((one.number for one in store.load().records), default=0) + 1
out = threading.Lock()
def write(worker):
    for number in range(first, first + 100000):
        # Two records of one call, and a lazy one between: their numbers may never be apart by more than a call.
        store.write([Put(record(f"lazy-{worker}", number=number))], durable=False)
        pair = [Put(record(f"{kind}-{worker}", number=number)) for kind in "ab"]
        store.write(pair, durable=True)
        with out:
            print(worker, number, flush=True)
threads = [threading.Thread(target=write, args=(worker,)) for worker in range(3)]
[thread.start() for thread in threads]
"""


def killed_after(path: Path, lines: int) -> dict[str, int]:
    """Runs a writer until it has said so many times that something is durable; the last of each of its threads."""
    said: dict[str, int] = {}
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, cwd=root
    ) as child:
        assert child.stdout is not None
        for _ in range(lines):
            worker, number = child.stdout.readline().split()
            said[worker] = int(number)
        child.kill()
        for line in child.stdout:  # what it said before it was gone; the last line may be cut
            if line.endswith("\n"):
                worker, number = line.split()
                said[worker] = int(number)
    return said


def check(file: InFile, said: dict[str, int]) -> None:
    store = file.open()
    records, _ = content(store.load())
    numbers = {uid: one.number for (_, uid), one in records.items()}
    for worker, number in said.items():
        first, second, lazy = (numbers.get(f"{kind}-{worker}", 0) for kind in ("a", "b", "lazy"))
        assert first == second, "a call's edits are kept together or not at all"
        assert first >= number, "what was said to be durable is there"
        assert lazy >= first, "what was written before is there"
    store.close()


def test_kill_9_loses_nothing_that_was_durable(file: InFile) -> None:
    rng = random.Random(3)
    for _ in range(3):
        check(file, killed_after(file.path, rng.randint(1, 40)))


@pytest.mark.slow
def test_kill_9_many_times_loses_nothing_that_was_durable(file: InFile) -> None:
    rng = random.Random(4)
    for _ in range(60):
        check(file, killed_after(file.path, rng.randint(1, 200)))
