"""An environment for the peers, apart from rulectl's: made when first needed, never a dependency."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = ("kubernetes==37.0.2", "jmespath==1.1.0", "kopf==1.45.2", "requests")


def peers() -> Path:
    """The interpreter of the environment (RULECTL_PEERS names another folder than the temporary one)."""
    folder = Path(os.environ.get("RULECTL_PEERS") or Path(tempfile.gettempdir()) / "rulectl-benchmarks-peers")
    python = folder / "bin" / "python"
    done = folder / "packages.txt"
    wanted = "\n".join(PACKAGES)
    if not done.exists() or done.read_text() != wanted:
        print("installing the peers ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
        done.write_text(wanted)
    return python
