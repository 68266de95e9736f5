"""The factory: one informer per target."""

from __future__ import annotations

from rulectl.clock import SystemClock
from rulectl.fields import tree_of
from rulectl.informer.factory import InformerFactory
from rulectl.informer.reflector import Target
from tests.informer.cluster import PODS, Cluster
from tests.informer.watcher import Believer

PHASE = tree_of("status", "phase")
NODE = tree_of("spec", "nodeName")


def settle(factory: InformerFactory) -> None:
    while factory.step():
        pass


def test_the_same_target_is_watched_once_with_the_trees_joined() -> None:
    cluster = Cluster()
    factory = InformerFactory(cluster, cluster.clock)
    first = factory.informer(Target(PODS), PHASE)
    second = factory.informer(Target(PODS), NODE)
    settle(factory)
    assert first is second
    assert first.tree.covers(PHASE | NODE)
    assert len(cluster.requests) == 1


def test_other_selectors_are_other_targets() -> None:
    cluster = Cluster()
    factory = InformerFactory(cluster, cluster.clock)
    factory.informer(Target(PODS), PHASE)
    factory.informer(Target(PODS, "shop", "app=x", "spec.nodeName=n1"), PHASE)
    settle(factory)
    assert [request.path for _, request in cluster.requests] == [
        "/api/v1/pods",
        "/api/v1/namespaces/shop/pods",
    ]
    query = cluster.requests[1][1].query
    assert (query["labelSelector"], query["fieldSelector"]) == ("app=x", "spec.nodeName=n1")


def test_its_deadline_is_the_earliest_of_all() -> None:
    cluster = Cluster()
    factory = InformerFactory(cluster, cluster.clock)
    assert factory.next_deadline() is None
    factory.informer(Target(PODS), PHASE)
    settle(factory)
    factory.informer(Target(PODS, "shop"), PHASE)
    assert factory.next_deadline() == cluster.clock.monotonic()


def test_a_released_informer_is_stopped_and_forgotten() -> None:
    cluster = Cluster()
    factory = InformerFactory(cluster, cluster.clock)
    informer = factory.informer(Target(PODS), PHASE)
    settle(factory)
    factory.release(Target(PODS))
    assert cluster.streams == []
    assert not informer.step()
    assert factory.informer(Target(PODS), PHASE) is not informer


def test_threads_are_started_for_later_informers_too() -> None:
    cluster = Cluster()
    cluster.put("a")
    factory = InformerFactory(cluster, SystemClock())
    factory.start()
    believer = Believer()
    factory.informer(Target(PODS), PHASE).add_handler(believer)
    assert factory.wait_for_sync(5.0)
    factory.stop()
    assert believer.seen() == ["+a", "=1"]
