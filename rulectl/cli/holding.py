"""The state that a run keeps: opened as ``--state`` says, or only read where nothing may be written."""

from __future__ import annotations

from rulectl.clock import Clock
from rulectl.kube.connection import Connection
from rulectl.manager.settings import Settings
from rulectl.manager.states import open_state, read_state
from rulectl.state.memory import MemoryStore
from rulectl.state.store import StateStore


def store_for(
    settings: Settings, spec: str | None, connection: Connection, clock: Clock, *, in_cluster: bool
) -> StateStore:
    """The store of this run. A dry run gets a copy of what is kept: it holds nothing up and writes nothing.

    Raises:
        UsageError: `spec` means nothing.
        RulectlError: the cluster did not answer, or the state cannot be used.
    """
    name = settings.name
    if settings.dry_run == "none":
        return open_state(spec, name=name, connection=connection, clock=clock, in_cluster=in_cluster)
    kept = read_state(spec, name=name, connection=connection, clock=clock, in_cluster=in_cluster)
    copy = MemoryStore(is_durable=spec != "memory")
    if kept is not None:
        copy.fill(kept)
    return copy
