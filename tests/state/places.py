"""Where a state lies, for tests that end the process and begin another."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from rulectl.clock import VirtualClock
from rulectl.kube.client import KubeClient
from rulectl.sandbox import Fault, Sandbox
from rulectl.state.configmap import ConfigMapStore
from rulectl.state.configmap_object import CONFIG_MAPS
from rulectl.state.identity import Owner
from rulectl.state.memory import MemoryStore
from rulectl.state.sqlite import SqliteStore
from rulectl.state.store import StateStore
from rulectl.testing.transport import Crash, InProcessTransport
from rulectl.value import mapping, text
from tests.state.sample import OWNER


class Place(Protocol):
    """Each `open` is another process on the same state."""

    def open(self) -> StateStore:
        """A store that is not loaded yet."""
        ...


class InMemory:
    """One object for all: it passes for durable."""

    def __init__(self) -> None:
        self._store = MemoryStore(is_durable=True)

    def open(self) -> StateStore:
        """The store."""
        return self._store


class InFile:
    """A file in a folder that does not exist yet."""

    def __init__(self, folder: Path, owner: Owner = OWNER) -> None:
        self.path = folder / "state" / "rulectl.sqlite"
        self.clock = VirtualClock()
        self.owner = owner

    def open(self) -> SqliteStore:
        """A store on the file."""
        return SqliteStore(self.path, self.owner, self.clock)


class InCluster:
    """ConfigMaps of the sandbox, written by one thread that does not linger."""

    def __init__(self, owner: Owner = OWNER, *, linger_seconds: float = 0.0) -> None:
        self.clock = VirtualClock()
        self.sandbox = Sandbox(clock=self.clock, seed=1)
        self.crash = Crash()
        self.transport = InProcessTransport(self.sandbox.api, self.clock, crash=self.crash)
        self.kube = KubeClient(self.transport, self.clock)
        self.owner = owner
        self.linger_seconds = linger_seconds

    def open(self) -> ConfigMapStore:
        """A store in the namespace default."""
        return ConfigMapStore(self.kube, "default", self.owner, self.clock, linger_seconds=self.linger_seconds)

    def names(self) -> list[str]:
        """The names of all ConfigMaps in the namespace."""
        found = self.kube.list_page(CONFIG_MAPS, "default").items
        return sorted(text(mapping(item["metadata"])["name"]) for item in found)

    def writes(self) -> int:
        """How many requests changed something so far."""
        return sum(request.method != "GET" for request in self.transport.requests)

    def fault(self, fault: Fault) -> None:
        """Puts a fault in force."""
        self.sandbox.faults.add(fault)
