"""How long rules take to load, and the program to start: whole processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.process import REPOSITORY, environ_of_measured
from tests.benchmarks.rulesets import write_rules

ROUNDS = 5
_LOAD = (
    "from rulectl.plan.compiler import compile_rules; found = compile_rules({paths!r});"
    " assert len(found.plan.rules) == {count}, found.problems[:3]"
)


def cpu_of(code: str) -> float:
    """CPU seconds of ``python -c CODE``, the least of some rounds: everything else is the machine's noise."""
    least = float("inf")
    for _ in range(ROUNDS):
        before = os.times()
        subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, env=environ_of_measured(), check=True)
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        least = min(least, used)
    return least


def loading(count: int) -> float:
    """CPU seconds to parse, validate and compile so many rules, beyond one of them."""
    with tempfile.TemporaryDirectory(prefix="rulectl-benchmark-") as name:
        many, one = Path(name) / "many", Path(name) / "one"
        write_rules(many, count)
        write_rules(one, 1)
        most = cpu_of(_LOAD.format(paths=[str(many)], count=count))
        return most - cpu_of(_LOAD.format(paths=[str(one)], count=1))


def importing() -> float:
    """CPU seconds to import all that ``rulectl run`` needs before it talks to a cluster, beyond Python's own start."""
    return cpu_of("import rulectl.cli.run, rulectl.cli.running") - cpu_of("pass")
