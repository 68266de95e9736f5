"""How fast it must be to stand in for a large cluster; limits have room for a busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from rulectl.sandbox import Answer, WatchAnswer
from rulectl.sandbox.store import StorageType
from rulectl.value import Value
from tests.sandbox.client import Client

COUNT = 100_000
PODS = StorageType("", "pods")
pytestmark = pytest.mark.slow


def pod(number: int) -> dict[str, Value]:
    name, namespace = f"p{number:06}", f"ns{number % 50}"
    meta: Value = {"name": name, "namespace": namespace, "uid": f"u{number}", "labels": {"app": "a", "tier": "web"}}
    container: Value = {"name": "c", "image": "nginx", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}}
    conditions: Value = [{"type": kind, "status": "True"} for kind in ("Ready", "Initialized", "PodScheduled")]
    status: Value = {"phase": "Running", "conditions": conditions}
    return {"metadata": meta, "spec": {"nodeName": "n", "containers": [container]}, "status": status}


@pytest.fixture(scope="module")
def full() -> Client:
    """A client of a sandbox that has 100,000 pods, whose events are all still known."""
    client = Client(window=2 * COUNT)
    for number in range(COUNT):
        client.sandbox.store.put(PODS, f"ns{number % 50}/p{number:06}", pod(number))
    return client


def best(run: Callable[[], int]) -> float:
    """The shortest of three runs, in seconds; each must have seen every pod."""
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        assert run() == COUNT
        times.append(time.perf_counter() - begun)
    return min(times)


def read(watch: WatchAnswer) -> int:
    count = 0
    while lines := watch.read():
        count += lines.count(b"\n")
    watch.close()
    return count


def test_a_hundred_thousand_pods_are_listed_in_less_than_a_second(full: Client) -> None:
    def run() -> int:
        answer = full.ask("GET", "/api/v1/pods")
        assert isinstance(answer, Answer)
        return answer.body.count(b'"nodeName":"n"')

    assert best(run) < 1.0


@pytest.mark.parametrize("query", [{}, {"resourceVersion": "1004"}, {"labelSelector": "tier=web"}])
def test_a_watch_gives_more_than_eighty_thousand_events_a_second(full: Client, query: dict[str, str]) -> None:
    assert COUNT / best(lambda: read(full.watch("/api/v1/pods", **query))) > 80_000


def test_two_hundred_pages_of_a_changing_list_take_seconds_at_most(full: Client) -> None:
    begun = time.perf_counter()
    page = full.get("/api/v1/pods", limit="500")
    while token := page["metadata"].get("continue"):
        full.sandbox.store.put(PODS, "ns0/p000000", pod(0))
        page = full.get("/api/v1/pods", **{"limit": "500", "continue": token})
    assert time.perf_counter() - begun < 20
