"""What a shared informer tells whom, and when."""

from __future__ import annotations

import time

import pytest

from rulectl.clock import SystemClock
from rulectl.fields import FieldTree, tree_of
from rulectl.informer.change import Added, Deleted, Notice, Relisted, Updated
from rulectl.informer.informer import SharedInformer
from rulectl.informer.reflector import Target
from rulectl.kube.object import KubeObject
from rulectl.resource import ObjectKey
from rulectl.value import mapping
from tests.informer.cluster import Cluster
from tests.informer.watcher import Believer, Watcher

PHASE = tree_of("status", "phase")
NODE = tree_of("spec", "nodeName")


def watcher_of(*names: str, tree: FieldTree = PHASE) -> Watcher:
    cluster = Cluster()
    for name in names:
        cluster.put(name, status={"phase": "Pending"}, spec={"nodeName": "n1"})
    watcher = Watcher(cluster, tree)
    watcher.settle()
    return watcher


def test_the_first_list_is_told_as_initial_objects_and_its_completion() -> None:
    watcher = watcher_of("a", "b")
    assert watcher.believer.seen() == ["+a", "+b", "=2"]
    first, _, last = watcher.believer.notices
    assert isinstance(first, Added)
    assert isinstance(last, Relisted)
    assert (first.initial, last.initial, last.consistent) == (True, True, True)


def test_an_empty_first_list_is_complete_too() -> None:
    watcher = watcher_of()
    assert watcher.believer.seen() == ["=0"]
    assert watcher.registration.has_synced


def test_later_changes_are_told_one_by_one() -> None:
    watcher = watcher_of("a")
    watcher.cluster.put("b")
    watcher.cluster.put("a", status={"phase": "Running"})
    watcher.cluster.delete("b")
    watcher.settle()
    assert watcher.believer.seen()[2:] == ["+b", "~a", "-b"]
    added, _, deleted = watcher.believer.notices[2:]
    assert isinstance(added, Added)
    assert isinstance(deleted, Deleted)
    assert (added.initial, deleted.final_state_known) == (False, True)


def test_an_update_has_the_old_state_beside_the_new() -> None:
    watcher = watcher_of("a")
    watcher.cluster.put("a", status={"phase": "Running"})
    watcher.settle()
    updated = watcher.believer.notices[-1]
    assert isinstance(updated, Updated)
    phases = [mapping(item.value()["status"])["phase"] for item in (updated.old, updated.new)]
    assert phases == ["Pending", "Running"]


def test_a_write_that_changes_no_kept_field_is_not_told_but_moves_the_version() -> None:
    watcher = watcher_of("a")
    watcher.cluster.put("a", status={"phase": "Pending", "heartbeat": 1})
    watcher.settle()
    assert watcher.believer.seen() == ["+a", "=1"]
    cached = watcher.informer.lister.get("a", "shop")
    assert cached is not None
    assert cached.resource_version == watcher.informer.resource_version == str(watcher.cluster.version)
    assert watcher.informer.counters.suppressed == 1


def test_the_store_is_changed_before_anybody_is_told() -> None:
    watcher = watcher_of()
    found: list[KubeObject | None] = []

    def look(notice: Notice) -> None:
        if isinstance(notice, Added):
            found.append(watcher.informer.lister.get(notice.key.name, notice.key.namespace))

    watcher.informer.add_handler(look)
    watcher.cluster.put("a")
    watcher.settle()
    assert found[0] is not None


def test_a_late_handler_is_told_of_all_objects_first() -> None:
    watcher = watcher_of("a", "b")
    late = Believer()
    registration = watcher.informer.add_handler(late)
    assert late.seen() == ["+a", "+b", "=2"]
    assert registration.has_synced
    watcher.cluster.put("c")
    watcher.settle()
    assert late.seen()[3:] == ["+c"]


def test_what_happens_while_a_late_handler_is_being_told_follows_in_order() -> None:
    watcher = watcher_of("a", "b")
    late = Believer()

    def slow(notice: Notice) -> None:
        late(notice)
        if late.seen() == ["+a"]:  # the reader goes on while this handler is still at its first object
            watcher.cluster.put("b", status={"phase": "Running"})
            watcher.cluster.delete("a")
            watcher.settle()

    watcher.informer.add_handler(slow)
    assert late.seen() == ["+a", "+b", "=2", "~b", "-a"]
    assert late.nonsense == []


def test_a_removed_handler_is_told_nothing_more() -> None:
    watcher = watcher_of("a")
    watcher.informer.remove_handler(watcher.registration)
    watcher.cluster.put("b")
    watcher.settle()
    assert watcher.believer.seen() == ["+a", "=1"]


def test_a_handler_that_raises_costs_no_other_and_no_later_notice() -> None:
    watcher = watcher_of("a")
    calls: list[Notice] = []

    def faulty(notice: Notice) -> None:
        calls.append(notice)
        raise ValueError("a bug")

    watcher.informer.add_handler(faulty)
    watcher.cluster.put("b")
    watcher.settle()
    assert len(calls) == 3
    assert watcher.informer.counters.handler_errors == 3
    assert watcher.believer.seen()[-1] == "+b"


def test_a_simulated_crash_passes_through_untouched() -> None:
    class Crash(BaseException):
        pass

    def crash(_: Notice) -> None:
        raise Crash

    watcher = watcher_of("a")
    try:
        watcher.informer.add_handler(crash)
    except Crash:
        return
    raise AssertionError("the crash was swallowed")


# Wider trees


def test_a_handler_that_reads_more_is_told_nothing_before_the_store_keeps_it() -> None:
    watcher = watcher_of("a")
    late = Believer()
    registration = watcher.informer.add_handler(late, tree=NODE)
    assert (late.seen(), registration.has_synced) == ([], False)
    watcher.settle()
    assert late.seen() == ["+a", "=1"]
    assert mapping(late.objects[ObjectKey("shop", "a")].value()["spec"]) == {"nodeName": "n1"}


def test_a_handler_with_a_tree_is_told_of_changes_in_it_only() -> None:
    watcher = watcher_of("a", tree=PHASE | NODE)
    narrow = Believer()
    watcher.informer.add_handler(narrow, tree=NODE)
    watcher.cluster.put("a", status={"phase": "Running"}, spec={"nodeName": "n1"})
    watcher.cluster.put("a", status={"phase": "Running"}, spec={"nodeName": "n2"})
    watcher.settle()
    assert (narrow.seen(), watcher.believer.seen()[-2:]) == (["+a", "=1", "~a"], ["~a", "~a"])


def test_widening_tells_those_with_narrower_trees_of_no_object() -> None:
    watcher = watcher_of("a", "b")
    watcher.informer.widen(NODE)
    watcher.settle()
    assert watcher.believer.seen() == ["+a", "+b", "=2", "=2"]


def test_a_change_that_comes_with_the_wider_list_is_told() -> None:
    watcher = watcher_of("a", "b")
    watcher.cluster.put("a", status={"phase": "Running"})
    watcher.cluster.put("b", status={"phase": "Pending", "heartbeat": 1})
    watcher.informer.widen(NODE)
    watcher.settle()
    assert watcher.believer.seen()[3:] == ["~a", "=2"]


def test_a_tree_that_is_kept_already_costs_no_list() -> None:
    watcher = watcher_of("a")
    watcher.informer.widen(PHASE)
    watcher.settle()
    assert len(watcher.cluster.requests) == 1


def test_trees_inside_metadata_ask_for_metadata_only() -> None:
    watcher = watcher_of("a", tree=tree_of("metadata", "labels", "app"))
    assert watcher.cluster.requests[0][1].accept == (
        "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
    )


# Health and driving


def test_health_says_what_is_going_on() -> None:
    cluster = Cluster()
    watcher = Watcher(cluster)
    assert (watcher.informer.health().synced, watcher.informer.health().reason) == (False, "listing")
    watcher.settle()
    assert (watcher.informer.health().synced, watcher.informer.health().reason) == (True, "")
    cluster.cut()
    watcher.settle()
    health = watcher.informer.health()
    assert (health.synced, health.reason, health.last_error) == (True, "unreachable", "cut")


def test_the_next_deadline_is_now_while_there_is_something_to_ask() -> None:
    watcher = Watcher(Cluster())
    assert watcher.informer.next_deadline() == 0.0
    watcher.settle()
    deadline = watcher.informer.next_deadline()
    assert deadline is not None
    assert deadline > 60.0
    watcher.informer.stop()
    assert watcher.informer.next_deadline() is None
    assert not watcher.informer.step()


def test_on_a_thread_of_its_own_it_syncs_follows_and_stops() -> None:
    cluster = Cluster()
    cluster.put("a")
    informer = SharedInformer(cluster, SystemClock(), Target(cluster.resource))
    believer = Believer()
    informer.add_handler(believer)
    informer.start()
    assert informer.wait_for_sync(5.0)
    assert believer.seen() == ["+a", "=1"]
    informer.stop()
    assert cluster.streams == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_died_is_no_secret() -> None:
    class Crash(BaseException):
        pass

    def crash(_: Notice) -> None:
        raise Crash

    cluster = Cluster()
    informer = SharedInformer(cluster, SystemClock(), Target(cluster.resource))
    informer.add_handler(crash)
    informer.start()
    deadline = time.monotonic() + 5.0
    while not informer.is_dead and time.monotonic() < deadline:
        time.sleep(0.005)
    assert (informer.health().synced, informer.health().reason) == (False, "dead")


def test_waiting_for_a_sync_that_does_not_come_ends() -> None:
    watcher = Watcher(Cluster())
    assert not watcher.informer.wait_for_sync(3.0)
    assert watcher.clock.monotonic() >= 3.0
