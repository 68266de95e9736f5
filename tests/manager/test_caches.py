"""Informers' caches as a rule sees them: in its scope, and without rulectl's own objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rulectl.clock import VirtualClock
from rulectl.fields import WHOLE
from rulectl.informer.informer import SharedInformer
from rulectl.informer.reflector import Target
from rulectl.kube.object import PlainObject
from rulectl.manager.caches import InformerCache, ScopedCache
from rulectl.manager.own import OWN_LABEL, IsOwn
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.sandbox.fault import Fault
from rulectl.sandbox.sandbox import Sandbox
from rulectl.testing.cluster import Cluster
from rulectl.testing.transport import InProcessTransport
from tests.scenarios.objects import CONFIGMAP, POD, configmap

ONE = ObjectKey("default", "one")


class World:
    """ConfigMaps in the namespaces default and kube-public, and a cache over both."""

    def __init__(self, is_in: Callable[[str], bool | None] = lambda _name: True, *namespaces: str) -> None:
        self.clock = VirtualClock()
        self.sandbox = Sandbox(clock=self.clock, seed=1)
        self.cluster = Cluster(self.sandbox.api)
        transport = InProcessTransport(self.sandbox.api, self.clock)
        self.informers = {
            name: SharedInformer(transport, self.clock, Target(CONFIGMAP, "" if name == "*" else name), tree=WHOLE)
            for name in namespaces or ("*",)
        }
        self.cache = ScopedCache(CONFIGMAP, self.informers, is_in, IsOwn(), is_selected=False)
        self.cluster.apply(configmap("one"))
        self.cluster.apply({**configmap("two"), "metadata": {"name": "two", "namespace": "kube-public"}})
        labels = {OWN_LABEL: "rulectl"}
        self.cluster.apply({**configmap("own"), "metadata": {"name": "own", "namespace": "default", "labels": labels}})

    def settle(self) -> None:
        while sum(informer.step() for informer in self.informers.values()):
            pass

    def names(self, namespace: str | None = None) -> list[str]:
        return sorted(found.key.name for found in self.cache.select(namespace))


def test_before_the_first_list_absence_proves_nothing() -> None:
    world = World()
    assert (world.cache.has_synced, world.cache.scope_of("default"), world.cache.get(ONE)) == (False, "unknown", None)
    world.settle()
    assert (world.cache.has_synced, world.cache.scope_of("default")) == (True, "in")
    assert world.cache.get(ONE) is not None


def test_a_lost_permission_proves_nothing_either() -> None:
    world = World()
    world.settle()
    world.sandbox.faults.add(Fault(path="/api/v1/configmaps", status=403))
    world.sandbox.compact()
    for _ in range(100):
        world.clock.advance(30)
        world.settle()
    assert (world.cache.has_synced, world.cache.scope_of("default")) == (False, "unknown")


def test_objects_out_of_scope_are_not_shown_but_the_watch_has_them() -> None:
    world = World(lambda name: name == "default")
    world.settle()
    two = ObjectKey("kube-public", "two")
    assert (world.cache.get(two), world.cache.scope_of("kube-public")) == (None, "out")
    found = world.informers["*"].lister.get("two", "kube-public")
    assert found is not None
    assert world.cache.shows(two, found.uid)
    assert not world.cache.shows(two, "another uid")
    assert world.names() == ["one"]


def test_while_the_scope_is_not_known_nothing_is_shown() -> None:
    world = World(lambda _name: None)
    world.settle()
    assert (world.cache.scope_of("default"), world.cache.get(ONE), world.names()) == ("unknown", None, [])


def test_rulectls_own_objects_are_never_shown() -> None:
    world = World()
    world.settle()
    assert world.cache.get(ObjectKey("default", "own")) is None
    assert world.names("default") == ["one"]


def test_one_informer_for_each_namespace_that_is_named() -> None:
    world = World(lambda _name: True, "default")
    world.settle()
    assert (world.names(), world.cache.scope_of("kube-public")) == (["one"], "out")


def test_a_cache_for_lookups_has_all() -> None:
    world = World()
    cache = InformerCache(world.informers["*"])
    assert (cache.has_synced, cache.resource) == (False, CONFIGMAP)
    world.settle()
    assert cache.has_synced
    assert sorted(found.key.name for found in cache.select("default")) == ["one", "own"]
    assert cache.get(ONE) is not None


EVENT = Resource(Kind("events.k8s.io/v1", "Event"), "events", namespaced=True)


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param({"metadata": {"labels": {OWN_LABEL: "x"}}}, True, id="labelled"),
        pytest.param({"metadata": {"labels": {"app": "x"}}}, False, id="another label"),
        pytest.param({"metadata": {}}, False, id="no label"),
        pytest.param({"metadata": {}, "reportingController": "rulectl.dev/x"}, True, id="our Event"),
        pytest.param({"metadata": {}, "reportingComponent": "rulectl.dev"}, True, id="our Event, as v1 has it"),
        pytest.param({"metadata": {}, "reportingController": "kubelet"}, False, id="another one's Event"),
    ],
)
def test_own_objects_are_told_by_label_and_reporter(obj: dict[str, Any], expected: bool) -> None:
    assert IsOwn()(PlainObject(obj)) is expected


def test_only_some_kinds_can_be_rulectls_own() -> None:
    assert [IsOwn().may_be(one) for one in (CONFIGMAP, EVENT, POD)] == [True, True, False]
