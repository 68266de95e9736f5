from __future__ import annotations

from pathlib import Path

import pytest

from rulectl.clock import VirtualClock
from rulectl.errors import PermanentError, UsageError
from rulectl.kube.connection import Connection
from rulectl.manager.own import OWN_LABEL
from rulectl.manager.states import default_path, describe_state, open_state, read_state
from rulectl.sandbox import Fault, Sandbox
from rulectl.state.configmap import ConfigMapStore
from rulectl.state.configmap_payload import STATE_OF
from rulectl.state.identity import Identity, Owner
from rulectl.state.memory import MemoryStore
from rulectl.state.sqlite import SqliteStore
from rulectl.state.store import Put, StateStore
from rulectl.testing.transport import InProcessTransport
from tests.state.sample import record

CLUSTER = Identity("kube-system", "u-1", "5e7f", "the cluster of the tests")
BY_SERVER = Identity("server", "5e7f", "5e7f", "the cluster at https://a")


class Machine:
    """A sandbox, a way to it, and a folder for state files."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock()
        self.sandbox = Sandbox(clock=self.clock, seed=1)
        transport = InProcessTransport(self.sandbox.api, self.clock)
        self.connection = Connection(transport, "https://sandbox", "default", "")
        self.transport = transport
        self.folder = folder

    def open(self, spec: str | None, *, name: str = "rulectl", in_cluster: bool = False) -> StateStore:
        return open_state(
            spec,
            name=name,
            connection=self.connection,
            clock=self.clock,
            in_cluster=in_cluster,
            folder=self.folder,
            linger_seconds=0.0,
        )

    def read(self, spec: str | None) -> list[str] | None:
        found = read_state(
            spec, name="rulectl", connection=self.connection, clock=self.clock, in_cluster=False, folder=self.folder
        )
        return None if found is None else [one.uid for one in found.records]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Outside any cluster, with an empty folder."""
    return Machine(tmp_path)


def test_in_a_cluster_the_state_is_config_maps_by_default(machine: Machine) -> None:
    assert isinstance(machine.open(None, in_cluster=True), ConfigMapStore)


def test_outside_it_is_a_file_named_by_name_and_cluster(machine: Machine) -> None:
    store = machine.open(None)
    assert isinstance(store, SqliteStore)
    assert store.path == machine.folder / f"rulectl-{store.owner.cluster.value}.sqlite"
    assert store.owner.cluster.kind == "kube-system"
    store.close()


def test_what_is_asked_for_is_what_one_gets(machine: Machine) -> None:
    assert isinstance(machine.open("memory", in_cluster=True), MemoryStore)
    assert isinstance(machine.open("configmap"), ConfigMapStore)
    store = machine.open(f"sqlite:{machine.folder}/a:b.db", in_cluster=True)
    assert isinstance(store, SqliteStore)
    assert store.path == machine.folder / "a:b.db"
    store.close()


def test_for_memory_nobody_is_asked(machine: Machine) -> None:
    machine.open("memory")
    assert machine.transport.requests == []


@pytest.mark.parametrize("spec", ["", "postgres", "sqlite:", "memory:x", "configmap:x", "SQLITE"])
def test_anything_else_is_wrong_usage(machine: Machine, spec: str) -> None:
    with pytest.raises(UsageError) as caught:
        machine.open(spec)
    assert str(caught.value) == f"--state {spec!r} means nothing: use memory, sqlite, sqlite:PATH or configmap"


def test_a_name_that_cannot_be_one_is_wrong_usage(machine: Machine) -> None:
    with pytest.raises(UsageError, match="--name 'My Rules' is not possible"):
        machine.open(None, name="My Rules")


def test_two_names_are_two_states(machine: Machine) -> None:
    first, second = machine.open(None), machine.open(None, name="second")
    first.close()
    second.close()
    with pytest.raises(PermanentError, match="belongs to --name rulectl, not second"):
        machine.open(f"sqlite:{next(machine.folder.glob('rulectl-*.sqlite'))}", name="second")


def test_a_file_made_before_namespaces_could_be_read_is_found_again(machine: Machine) -> None:
    number = machine.sandbox.faults.add(Fault(path="/api/v1/namespaces/kube-system", status=403))
    before = machine.open(None)
    before.load()
    before.write([Put(record())], durable=True)
    before.close()
    machine.sandbox.faults.remove(number)
    after = machine.open(None)
    assert [one.uid for one in after.load().records] == ["uid-1"]
    after.close()
    machine.sandbox.faults.add(Fault(path="/api/v1/namespaces/kube-system", status=403))
    again = machine.open(None)
    assert [one.uid for one in again.load().records] == ["uid-1"]
    again.close()


def test_a_file_made_with_the_uid_is_found_when_only_the_server_is_known(machine: Machine) -> None:
    store = machine.open(None)
    store.close()
    assert isinstance(store, SqliteStore)
    by_server = Identity("server", store.owner.cluster.server, store.owner.cluster.server, "x")
    assert default_path(Owner("rulectl", by_server), machine.folder) == store.path
    stranger = Owner("rulectl", BY_SERVER)
    assert default_path(stranger, machine.folder) == machine.folder / "rulectl-5e7f.sqlite"


@pytest.mark.parametrize("spec", ["sqlite", "configmap"])
def test_reading_sees_what_is_durable_and_takes_nothing_over(machine: Machine, spec: str) -> None:
    assert machine.read(spec) is None
    store = machine.open(spec)
    store.load()
    store.write([Put(record("a"))], durable=True)
    assert machine.read(spec) == ["a"]
    store.write([Put(record("b"))], durable=True)
    store.close()


def test_there_is_nothing_to_read_in_memory(machine: Machine) -> None:
    assert machine.read("memory") is None


def test_what_is_said_of_a_state_in_memory(machine: Machine) -> None:
    assert describe_state(machine.open("memory"), records=0) == (
        "state: in memory only, best effort: what changes while rulectl is down is not seen, and at every"
        " start objects that are there already are skipped, unless a rule says `existing: handle`"
    )


def test_what_is_said_of_a_state_in_a_file(machine: Machine) -> None:
    store = machine.open(f"sqlite:{machine.folder}/s.db")
    store.close()
    assert isinstance(store, SqliteStore)
    uid = store.owner.cluster.value
    tail = f"it belongs to --name rulectl and the cluster whose kube-system namespace has uid {uid}"
    assert describe_state(store, records=0) == (f"state: {machine.folder}/s.db, new: nothing is remembered yet; {tail}")
    again = machine.open(f"sqlite:{machine.folder}/s.db")
    again.close()
    assert describe_state(again, records=1) == f"state: {machine.folder}/s.db, 1 record; {tail}"


def test_what_is_said_of_a_state_in_config_maps(machine: Machine) -> None:
    store = machine.open("configmap")
    store.load()
    assert describe_state(store, records=0).startswith(
        "state: ConfigMaps rulectl-state-rulectl-* in namespace default, new: nothing is remembered yet; it belongs to"
    )
    again = machine.open("configmap")
    again.load()
    assert "in namespace default, 12 records; it belongs to" in describe_state(again, records=12)


def test_the_states_own_objects_are_told_by_the_label_that_rules_never_see() -> None:
    assert STATE_OF == OWN_LABEL
