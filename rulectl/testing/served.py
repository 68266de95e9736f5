"""The sandbox with a port, for tests that use kubectl, a client library or the whole of rulectl."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rulectl.sandbox import SandboxServer


@contextmanager
def sandbox(*manifests: str | Path) -> Iterator[SandboxServer]:
    """An API server on a free port of 127.0.0.1, with what these files and folders hold, until the block ends.

    ``.url``, ``.kubeconfig_path``: where it is, for any client; ``.sandbox``: the server itself, with its faults.
    """
    with SandboxServer(load=[Path(one) for one in manifests]) as server:
        yield server
