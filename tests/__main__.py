"""Runs every check, one after the other, and says which failed: ``python -m tests``.

What CI runs is exactly this. Further arguments go to pytest: ``python -m tests -k queue``.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy --strict", ("-m", "mypy")),
    ("import-linter", ("-c", "from importlinter.cli import lint_imports_command as run; run()")),
    ("pytest", ("-m", "pytest")),
)


def main(arguments: list[str]) -> int:
    """0 when everything passed, else 1; every check runs, whatever became of those before it."""
    failed = []
    for name, command in CHECKS:
        extra = arguments if name == "pytest" else []
        print(f"== {name}", flush=True)
        started = time.monotonic()
        status = subprocess.run([sys.executable, *command, *extra], cwd=ROOT, check=False).returncode
        print(f"== {name}: {'ok' if status == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s", flush=True)
        if status != 0:
            failed.append(name)
    print("all checks passed" if not failed else f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
