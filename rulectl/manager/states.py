"""``--state``: which store it means, and what is said of it."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_state_path

from rulectl.clock import Clock
from rulectl.errors import UsageError
from rulectl.kube.client import KubeClient
from rulectl.kube.connection import Connection
from rulectl.resource import ObjectKey
from rulectl.state.configmap import LINGER_SECONDS, ConfigMapStore
from rulectl.state.configmap_reading import read_config_maps
from rulectl.state.identity import Identity, Owner, cluster_identity
from rulectl.state.mailbox import MAILBOX_OF, ConfigMapMailbox, FolderMailbox, Mailbox, NoMailbox
from rulectl.state.memory import MemoryStore
from rulectl.state.sqlite import SqliteStore, read_state_file
from rulectl.state.sqlite_file import owner_of
from rulectl.state.store import Loaded, StateStore

_KINDS = "memory, sqlite, sqlite:PATH or configmap"


def open_state(
    spec: str | None,
    *,
    name: str,
    connection: Connection,
    clock: Clock,
    in_cluster: bool,
    folder: Path | None = None,
    linger_seconds: float = LINGER_SECONDS,
) -> StateStore:
    """The store that `spec`, the value of ``--state``, means; None: ConfigMaps in a cluster, else a file.

    The cluster is asked who it is (not for ``memory``). A file is held from now on, ConfigMaps from `load` on:
    use `read_state` where nothing is to be written. ConfigMaps lie in the connection's namespace, files in
    `folder`, by default the user's state directory. `linger_seconds`: see `ConfigMapStore`.

    Raises:
        UsageError: `spec` or `name` means nothing.
        RulectlError: the cluster did not answer, or the state cannot be used.
    """
    kind, path = _parsed(spec, in_cluster=in_cluster)
    if kind == "memory":
        return MemoryStore()
    kube = KubeClient(connection.transport, clock)
    owner = Owner(name, cluster_identity(kube, connection.server, connection.ca_hash))
    if kind == "configmap":
        return ConfigMapStore(kube, connection.namespace, owner, clock, linger_seconds=linger_seconds)
    return SqliteStore(path or default_path(owner, folder), owner, clock)


def read_state(
    spec: str | None,
    *,
    name: str,
    connection: Connection,
    clock: Clock,
    in_cluster: bool,
    folder: Path | None = None,
) -> Loaded | None:
    """What the state holds, without taking it from a rulectl that works with it; None: nothing is kept (yet).

    Raises as `open_state` does.
    """
    kind, path = _parsed(spec, in_cluster=in_cluster)
    if kind == "memory":
        return None
    kube = KubeClient(connection.transport, clock)
    owner = Owner(name, cluster_identity(kube, connection.server, connection.ca_hash))
    if kind == "configmap":
        return read_config_maps(kube, connection.namespace, owner)
    return read_state_file(path or default_path(owner, folder), owner)


def mailbox_of(store: StateStore, connection: Connection, clock: Clock) -> Mailbox:
    """Where the holder of `store` finds the requests of ``rulectl state``."""
    match store:
        case SqliteStore(path=path):
            return _folder_mailbox(path)
        case ConfigMapStore(namespace=namespace, owner=owner):
            return _config_map_mailbox(KubeClient(connection.transport, clock), namespace, owner)
        case _:
            return NoMailbox()


def mailbox_for(spec: str | None, *, name: str, connection: Connection, clock: Clock, in_cluster: bool) -> Mailbox:
    """The same for somebody who does not hold the state.

    Raises as `open_state` does.
    """
    kind, path = _parsed(spec, in_cluster=in_cluster)
    if kind == "memory":
        return NoMailbox()
    kube = KubeClient(connection.transport, clock)
    owner = Owner(name, cluster_identity(kube, connection.server, connection.ca_hash))
    if kind == "configmap":
        return _config_map_mailbox(kube, connection.namespace, owner)
    return _folder_mailbox((path or default_path(owner)).expanduser().absolute().resolve())


def is_shared(spec: str | None, *, in_cluster: bool) -> bool:
    """Whether the state lies where another process may work with it without this one being able to tell.

    Raises:
        UsageError: `spec` means nothing.
    """
    return _parsed(spec, in_cluster=in_cluster)[0] == "configmap"


def _folder_mailbox(path: Path) -> Mailbox:
    return FolderMailbox(path.with_name(f"{path.name}.requests"))


def _config_map_mailbox(kube: KubeClient, namespace: str, owner: Owner) -> Mailbox:
    key = ObjectKey(namespace, f"rulectl-state-{owner.name}-requests")
    return ConfigMapMailbox(kube, key, {"app.kubernetes.io/managed-by": "rulectl", MAILBOX_OF: owner.name})


def default_path(owner: Owner, folder: Path | None = None) -> Path:
    """Where the state of `owner` lies if nobody says otherwise: named by name and cluster.

    A file that was made when the cluster was known only by its server (or is so only now) is found as well.
    """
    folder = folder or user_state_path("rulectl", appauthor=False)
    preferred = folder / f"{owner.name}-{owner.cluster.value}.sqlite"
    if preferred.exists():
        return preferred
    for path in sorted(folder.glob(f"{owner.name}-*.sqlite")):
        found = owner_of(path)
        if found is not None and found.name == owner.name and owner.cluster.is_same(found.cluster):
            return path
    return preferred


def describe_state(store: StateStore, *, records: int) -> str:
    """What is said of the state at the start, once it is loaded with so many `records`."""
    match store:
        case SqliteStore(path=path, owner=owner, is_new=is_new):
            return f"state: {path}, {_held(records, is_new=is_new)}; {_belongs(owner)}"
        case ConfigMapStore(namespace=namespace, owner=owner, is_new=is_new):
            where = f"ConfigMaps rulectl-state-{owner.name}-* in namespace {namespace}"
            return f"state: {where}, {_held(records, is_new=is_new)}; {_belongs(owner)}"
        case _:
            return (
                "state: in memory only, best effort: what changes while rulectl is down is not seen, and at every"
                " start objects that are there already are skipped, unless a rule says `existing: handle`"
            )


def _held(records: int, *, is_new: bool) -> str:
    if is_new:
        return "new: nothing is remembered yet"
    return f"{records} record{'' if records == 1 else 's'}"


def _belongs(owner: Owner) -> str:
    cluster: Identity = owner.cluster
    return f"it belongs to --name {owner.name} and {cluster.said}"


def _parsed(spec: str | None, *, in_cluster: bool) -> tuple[str, Path | None]:
    if spec is None:
        return ("configmap" if in_cluster else "sqlite"), None
    kind, colon, path = spec.partition(":")
    if kind == "sqlite" and bool(colon) == bool(path):
        return kind, Path(path) if path else None
    if kind in {"memory", "configmap"} and not colon:
        return kind, None
    raise UsageError(f"--state {spec!r} means nothing: use {_KINDS}")
