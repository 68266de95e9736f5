"""The kinds of state that schedules of crashes run on: what a crash leaves, and what a fault of the store is."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rulectl.errors import TransientError
from rulectl.kube.client import KubeClient
from rulectl.sandbox import Fault
from rulectl.state.configmap import ConfigMapStore
from rulectl.state.identity import Identity, Owner
from rulectl.state.memory import MemoryStore
from rulectl.state.sqlite import SqliteStore
from rulectl.state.store import Edit, Loaded, StateStore
from rulectl.testing.bench import Bench
from rulectl.testing.stores import LossyStore

_CLUSTER = Identity("kube-system", "uid-of-kube-system", "fingerprint", "the cluster of the tests")
_STATE_NAMESPACE = "kube-system"


class Place(Protocol):
    """Where a state lies."""

    def open(self, bench: Bench) -> StateStore:
        """The store for the next process."""
        ...

    def crash(self, kept: int) -> None:
        """The process is gone; up to `kept` calls that were not durable may have become so."""
        ...

    def fail(self, *, takes_effect: bool) -> None:
        """The next durable write fails; whether it takes effect all the same."""
        ...

    def heal(self) -> None:
        """From now on nothing fails."""
        ...


@dataclass(slots=True)
class FlakyStore:
    """Passes everything on, but for the next durable writes that `script` has a word for."""

    inner: StateStore
    script: deque[bool]

    @property
    def is_durable(self) -> bool:
        return self.inner.is_durable

    def load(self) -> Loaded:
        return self.inner.load()

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:
        if not durable or not self.script:
            self.inner.write(edits, durable=durable)
            return
        if self.script.popleft():
            self.inner.write(edits, durable=durable)
        msg = "the state could not be written"
        raise TransientError(msg)

    def flush(self) -> None:
        self.inner.flush()

    def next_flush(self) -> float | None:
        return self.inner.next_flush()

    def flush_due(self, now: float) -> None:
        self.inner.flush_due(now)

    def close(self) -> None:
        self.inner.close()


class InMemory:
    """Nothing is ever lost."""

    def __init__(self) -> None:
        self._store = MemoryStore(is_durable=True)
        self._script: deque[bool] = deque()

    def open(self, bench: Bench) -> StateStore:  # noqa: ARG002 - the memory outlives the process
        return FlakyStore(self._store, self._script)

    def crash(self, kept: int) -> None:
        pass

    def fail(self, *, takes_effect: bool) -> None:
        self._script.append(takes_effect)

    def heal(self) -> None:
        self._script.clear()


class Lossy:
    """A crash loses what was not durable."""

    def __init__(self) -> None:
        self.store: LossyStore | None = None
        self._script: deque[bool] = deque()

    def open(self, bench: Bench) -> StateStore:
        self.store = self.store or LossyStore(MemoryStore(is_durable=True), bench.clock)
        return FlakyStore(self.store, self._script)

    def crash(self, kept: int) -> None:
        if self.store is not None:
            self.store.lose(kept)

    def fail(self, *, takes_effect: bool) -> None:
        self._script.append(takes_effect)

    def heal(self) -> None:
        self._script.clear()


class InFile:
    """A crash leaves the file and its write-ahead log as they are at that moment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self._store: SqliteStore | None = None
        self._script: deque[bool] = deque()

    def open(self, bench: Bench) -> StateStore:
        self._store = SqliteStore(self._path, Owner("rulectl", _CLUSTER), bench.clock)
        return FlakyStore(self._store, self._script)

    def crash(self, kept: int) -> None:  # noqa: ARG002 - what the file has is what is kept
        before, store, self._store = self._path, self._store, None
        if store is None:
            return
        self._number += 1
        for suffix in ("", "-wal"):
            found = before.with_name(before.name + suffix)
            if found.exists():
                shutil.copy(found, self._path.with_name(self._path.name + suffix))
        store.close()  # of a file that nobody looks at any more

    def fail(self, *, takes_effect: bool) -> None:
        self._script.append(takes_effect)

    def heal(self) -> None:
        self._script.clear()

    @property
    def _path(self) -> Path:
        return self._folder / f"{self._number}.sqlite"


class InCluster:
    """ConfigMaps of the same sandbox: each request of a commit may be the last one of the process."""

    def __init__(self) -> None:
        self._bench: Bench | None = None
        self._faults: list[int] = []

    def open(self, bench: Bench) -> StateStore:
        self._bench = bench
        kube = KubeClient(bench.transport, bench.clock)
        return ConfigMapStore(kube, _STATE_NAMESPACE, Owner("rulectl", _CLUSTER), bench.clock, linger_seconds=0.0)

    def crash(self, kept: int) -> None:
        pass

    def fail(self, *, takes_effect: bool) -> None:
        if self._bench is not None:
            path = f"/api/v1/namespaces/{_STATE_NAMESPACE}/configmaps.*"
            fault = Fault(path=path, method="PUT|POST|PATCH", reset=True, carry_out=takes_effect, times=1)
            self._bench.sandbox.faults.add(fault)

    def heal(self) -> None:
        pass
