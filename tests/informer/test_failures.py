"""The ways in which informers have failed people, and what this one does instead."""

from __future__ import annotations

from collections import Counter

import pytest

from rulectl.clock import VirtualClock
from rulectl.errors import Unreachable
from rulectl.fields import WHOLE, tree_of
from rulectl.informer.change import Relisted, Updated
from rulectl.kube.transport import Request, Response
from rulectl.value import Value, encode
from tests.informer.cluster import Cluster, Fault, refusal
from tests.informer.watcher import Watcher

TEN_MINUTES = 600.0


def _synced(cluster: Cluster | None = None, *names: str) -> Watcher:
    cluster = cluster or Cluster()
    for name in names or ("a", "b"):
        cluster.put(name)
    watcher = Watcher(cluster)
    watcher.settle()
    assert watcher.informer.has_synced
    watcher.believer.notices.clear()
    return watcher


def _always(answer: Response | Unreachable) -> Fault:
    return lambda _: answer


# Silence


def test_a_stream_that_falls_silent_costs_a_hundred_seconds_at_most() -> None:
    watcher = _synced()
    watcher.run(130.0)  # bookmarks have come
    watcher.cluster.stall()
    watcher.cluster.put("a", status={"phase": "Running"})
    watcher.run(100.0)
    assert watcher.believer.seen() == ["~a"]


def test_a_silent_stream_ages_the_health_until_it_is_opened_anew() -> None:
    watcher = _synced(Cluster(bookmarks=False))
    watcher.cluster.stall()
    watcher.run(280.0)
    assert watcher.informer.health().age_seconds > 270.0


def test_without_bookmarks_a_silent_stream_is_left_when_the_server_should_have_ended_it() -> None:
    watcher = _synced(Cluster(bookmarks=False))
    watcher.cluster.stall()
    watcher.cluster.put("c")
    watcher.run(620.0)
    assert watcher.believer.seen() == ["+c"]


def test_a_false_alarm_costs_a_watch_from_the_last_version_and_no_list() -> None:
    watcher = _synced()
    watcher.run(70.0)
    watcher.cluster.stall()
    watcher.run(95.0)
    first, second = watcher.cluster.asked(watch=True)
    assert "sendInitialEvents" in first.query
    assert second.query["resourceVersion"] == str(watcher.cluster.version)


# Expiry


def test_an_endless_expiry_is_answered_by_seven_lists_in_two_minutes_at_most() -> None:
    for seed in range(20):
        cluster = Cluster(expire_at_once=True)
        watcher = Watcher(cluster, seed=seed)
        watcher.run(120.0)
        lists = [request for request in cluster.asked(watch=True) if "sendInitialEvents" in request.query]
        assert len(lists) + len(cluster.asked(watch=False)) <= 7


def test_an_endless_expiry_that_ends_is_over_within_a_minute() -> None:
    watcher = Watcher(Cluster(expire_at_once=True))
    watcher.run(TEN_MINUTES)
    watcher.cluster.expire_at_once = False
    watcher.run(60.0)
    assert watcher.informer.health().synced


def test_what_changed_while_the_watch_was_down_is_told_once() -> None:
    watcher = _synced()
    watcher.cluster.cut()
    watcher.cluster.put("a", status={"phase": "Running"})
    watcher.cluster.compact()
    watcher.run(10.0)
    assert watcher.believer.seen() == ["~a", "=2"]


def test_what_was_deleted_while_the_watch_was_down_comes_with_the_list_in_one_notice() -> None:
    watcher = _synced(None, "a", "b", "c")
    watcher.cluster.cut()
    for name in ("a", "c"):
        watcher.cluster.delete(name)
    watcher.cluster.compact()
    watcher.run(10.0)
    assert watcher.believer.seen() == ["=1 -a -c"]
    relisted = watcher.believer.notices[0]
    assert isinstance(relisted, Relisted)
    assert not any(gone.final_state_known for gone in relisted.deleted)


def test_a_short_life_between_two_lists_is_an_end_and_a_beginning() -> None:
    watcher = _synced()
    watcher.cluster.cut()
    watcher.cluster.delete("a")
    watcher.cluster.put("a")
    watcher.cluster.compact()
    watcher.run(10.0)
    assert watcher.believer.seen() == ["-a", "+a", "=2"]


def test_a_list_without_news_tells_of_no_object() -> None:
    watcher = _synced()
    watcher.cluster.compact()
    watcher.cluster.say("ERROR", {"code": 410, "kind": "Status", "reason": "Expired"})
    watcher.run(10.0)
    assert watcher.believer.seen() == ["=2"]
    assert watcher.informer.counters.relists == 2


# Storms

STORMS: dict[str, Fault] = {
    "refused": _always(Unreachable("refused")),
    "forbidden": _always(refusal(403)),
    "unauthorized": _always(refusal(401)),
    "not found": _always(refusal(404)),
    "server error": _always(refusal(500)),
    "too many requests": _always(refusal(429, retry_after=1)),
    "not JSON": _always(Response(200, b"<html>")),
}


@pytest.mark.parametrize("fault", STORMS.values(), ids=STORMS.keys())
@pytest.mark.parametrize("synced", [True, False], ids=["running", "starting"])
def test_ten_minutes_of_failure_cost_thirty_requests_at_most(fault: Fault, *, synced: bool) -> None:
    watcher = _synced() if synced else Watcher(Cluster())
    watcher.cluster.requests.clear()
    watcher.cluster.fault = fault
    watcher.cluster.cut()
    watcher.run(TEN_MINUTES)
    assert 10 <= len(watcher.cluster.requests) <= 30


def test_watches_that_end_as_soon_as_they_are_open_cost_thirty_requests_at_most() -> None:
    watcher = _synced()
    watcher.cluster.requests.clear()
    watcher.cluster.close_at_once = True
    watcher.cluster.end()
    watcher.run(TEN_MINUTES)
    assert 10 <= len(watcher.cluster.requests) <= 30


def test_a_hundred_reflectors_do_not_come_back_in_the_same_second() -> None:
    clock = VirtualClock()
    seconds: Counter[int] = Counter()
    watchers = [Watcher(Cluster(clock), seed=seed) for seed in range(100)]
    for watcher in watchers:
        watcher.cluster.fault = _always(Unreachable("refused"))
    while clock.monotonic() < TEN_MINUTES:
        for watcher in watchers:
            watcher.settle()
        clock.advance(0.1)
    for watcher in watchers:
        seconds.update(int(at) for at, _ in watcher.cluster.requests)
    assert max(seconds.values()) <= 0.1 * seconds.total()


def test_a_server_may_ask_for_a_longer_wait() -> None:
    watcher = Watcher(Cluster())
    watcher.cluster.fault = _always(refusal(429, retry_after=40))
    watcher.run(39.0)
    assert len(watcher.cluster.requests) == 1


# First reads


def test_the_first_read_is_a_consistent_list_by_watch() -> None:
    watcher = _synced()
    query = watcher.cluster.requests[0][1].query
    assert query["sendInitialEvents"] == "true"
    assert query["resourceVersionMatch"] == "NotOlderThan"
    assert "resourceVersion" not in query


def test_a_server_that_refuses_the_list_by_watch_is_listed_in_pages_at_once() -> None:
    cluster = Cluster(list_by_watch="refused")
    for number in range(1200):
        cluster.put(f"pod-{number:04}")
    watcher = Watcher(cluster)
    watcher.settle()
    assert len(watcher.informer.lister) == 1200
    assert [page.query["limit"] for page in cluster.asked(watch=False)] == ["500", "500", "500"]


@pytest.mark.parametrize("mode", ["unfinished", "ignored"])
def test_a_list_by_watch_that_never_ends_is_given_up_after_a_minute_and_for_good(mode: str) -> None:
    cluster = Cluster(list_by_watch=mode)  # type: ignore[arg-type]
    cluster.put("a")
    watcher = Watcher(cluster)
    watcher.run(75.0)
    assert watcher.believer.seen() == ["+a", "=1"]
    cluster.compact()
    cluster.say("ERROR", {"code": 410})
    watcher.run(10.0)
    assert len([request for request in cluster.asked(watch=True) if "sendInitialEvents" in request.query]) == 1


def test_events_are_listed_in_pages_because_servers_are_slow_at_watching_them() -> None:
    from rulectl.resource import Kind, Resource

    cluster = Cluster(resource=Resource(Kind("v1", "Event"), "events", namespaced=True))
    Watcher(cluster).settle()
    assert cluster.requests[0][1].query == {"limit": "500"}


def test_a_list_that_expires_between_its_pages_is_read_whole() -> None:
    cluster = Cluster(list_by_watch="refused")
    for number in range(600):
        cluster.put(f"pod-{number:04}")
    cluster.fault = lambda request: refusal(410) if "continue" in request.query else None
    watcher = Watcher(cluster)
    watcher.settle()
    assert len(watcher.informer.lister) == 600
    assert dict(cluster.asked(watch=False)[-1].query) == {}


def test_versions_in_a_list_are_no_versions_to_watch_from() -> None:
    cluster = Cluster()
    for name in ("a", "b", "c"):
        cluster.put(name)
    first = cluster.objects.popitem()  # the newest comes first, as servers order by name
    cluster.objects = {first[0]: first[1], **cluster.objects}
    watcher = Watcher(cluster)
    watcher.settle()
    cluster.cut()
    watcher.run(5.0)
    assert cluster.asked(watch=True)[1].query["resourceVersion"] == str(cluster.version)


# Lost permissions, lost kinds


@pytest.mark.parametrize(("code", "reason"), [(401, "unauthorized"), (403, "forbidden"), (404, "not found")], ids=str)
def test_a_lost_permission_is_no_deletion_but_a_condition(code: int, reason: str) -> None:
    watcher = _synced()
    watcher.cluster.fault = _always(refusal(code))
    watcher.cluster.cut()
    watcher.run(TEN_MINUTES)
    assert watcher.believer.seen() == []
    assert len(watcher.informer.lister) == 2
    assert (watcher.informer.health().synced, watcher.informer.health().reason) == (False, reason)


def test_a_kind_that_comes_back_is_listed_not_resumed() -> None:
    watcher = _synced()
    watcher.cluster.fault = _always(refusal(404))
    watcher.cluster.cut()
    watcher.run(5.0)
    watcher.cluster.fault = None
    for name in ("a", "b"):
        del watcher.cluster.objects[next(key for key in watcher.cluster.objects if key.name == name)]
    watcher.run(30.0)
    assert watcher.believer.seen() == ["=0 -a -b"]


# Restored servers


def test_versions_that_run_backwards_are_noticed_and_contents_compared() -> None:
    watcher = _synced()
    cluster = watcher.cluster
    cluster.cut()
    cluster.version = 500
    cluster.put("a", status={"phase": "Restored"})
    cluster.compact()
    cluster.floor = 1 << 30
    watcher.run(10.0)
    updated, relisted = watcher.believer.notices
    assert isinstance(updated, Updated)
    assert isinstance(relisted, Relisted)
    assert relisted.backwards


def test_a_watch_from_a_version_that_the_server_has_not_reached_is_left_for_a_list() -> None:
    watcher = _synced()
    watcher.run(70.0)
    cluster = watcher.cluster
    cluster.cut()
    cluster.version = 500
    cluster.log = []
    cluster.put("a", status={"phase": "Restored"})
    cluster.bookmarks = False
    watcher.run(300.0)
    assert watcher.cached() == dict(cluster.objects)


# Poison


def _poison(name: str, body: bytes) -> bytes:
    metadata = b'"metadata":{"name":"%s","namespace":"shop","resourceVersion":"2000"}' % name.encode()
    return b'{"type":"ADDED","object":{%s,%s}}\n' % (metadata, body)


POISON = {
    "null containers": _poison("x", b'"spec":{"containers":null}'),
    "a list for an object": _poison("x", b'"spec":[1,2]'),
    "3 MB": _poison("x", b'"spec":{"blob":"' + b"z" * 3_000_000 + b'"}'),
    "invalid UTF-8": _poison("x", b'"spec":{"blob":"\xff\xfe"}'),
    "NUL": _poison("x", b'"spec":{"blob":"\x00"}'),
    "not JSON": b"]]]\n",
    "no name": b'{"type":"ADDED","object":{"metadata":{}}}\n',
    "an unknown type": b'{"type":"TABLE","object":{"metadata":{"name":"x","namespace":"shop"}}}\n',
    "an empty line": b"\n",
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
@pytest.mark.parametrize("tree", [WHOLE, tree_of("spec", "containers")], ids=["whole", "projected"])
def test_a_poison_object_stops_no_other(poison: bytes, tree: object) -> None:
    cluster = Cluster()
    watcher = Watcher(cluster, tree)  # type: ignore[arg-type]
    watcher.settle()
    cluster.say_raw(poison)
    watcher.settle()
    cluster.put("healthy")
    watcher.settle()
    assert watcher.believer.seen()[-1] == "+healthy"
    assert len(cluster.requests) == 1


def test_an_object_that_cannot_be_read_any_more_stays_as_it_was_and_is_reported() -> None:
    watcher = _synced()
    watcher.cluster.say_raw(_poison("a", b'"spec":{"blob":"\xff"}'))
    watcher.settle()
    assert [key.name for key in watcher.informer.quarantined] == ["a"]
    assert watcher.informer.lister.get("a", "shop") is not None
    watcher.cluster.version = 3000
    watcher.cluster.put("a", status={"phase": "Running"})
    watcher.settle()
    assert watcher.informer.quarantined == {}


def test_an_object_that_a_list_has_but_cannot_show_is_not_deleted() -> None:
    watcher = _synced(Cluster(list_by_watch="refused"))
    good = encode(watcher.cluster.objects[next(iter(watcher.cluster.objects))])
    bad = b'{"metadata":{"name":"b","namespace":"shop"},"spec":"\xff"}'
    page = b'{"metadata":{"resourceVersion":"2000"},"items":[%s,%s]}' % (good, bad)

    def fault(request: Request) -> Response | None:
        return Response(200, page) if "watch" not in request.query else None

    watcher.cluster.fault = fault
    watcher.cluster.say("ERROR", _expired())
    watcher.run(5.0)
    assert watcher.believer.seen() == ["=2"]
    assert len(watcher.informer.lister) == 2


def _expired() -> Value:
    return {"kind": "Status", "code": 410}
