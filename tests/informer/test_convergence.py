"""Any interleaving of changes, frames, cuts and expiries ends with the server's objects."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.errors import Unreachable
from rulectl.fields import WHOLE, FieldTree, tree_of
from rulectl.kube.projection import Projection
from rulectl.kube.transport import Request, Response
from tests.informer.cluster import EXPIRED, PODS, Cluster, refusal
from tests.informer.watcher import Watcher

NAMES = st.sampled_from(["a", "b", "c", "d"])
PHASE = tree_of("status", "phase")


def _fails_next(code: int, times: int) -> Callable[[Request], Response | Unreachable | None]:
    left = [times]

    def fault(_: Request) -> Response | Unreachable | None:
        if not left[0]:
            return None
        left[0] -= 1
        return refusal(code) if code else Unreachable("refused")

    return fault


STEPS = st.one_of(
    st.tuples(st.just("put"), NAMES, st.sampled_from(["Pending", "Running"])),
    st.tuples(st.just("delete"), NAMES),
    st.tuples(st.just("compact")),
    st.tuples(st.just("cut")),
    st.tuples(st.just("end")),
    st.tuples(st.just("expire")),
    st.tuples(st.just("fail"), st.sampled_from([0, 403, 404, 410, 429, 500, 503]), st.integers(1, 3)),
    st.tuples(st.just("run"), st.sampled_from([0.0, 0.5, 3.0, 100.0])),
    st.tuples(st.just("step")),
    st.tuples(st.just("late")),
    st.tuples(st.just("garbage")),
)


def _do(step: tuple[object, ...], watcher: Watcher) -> None:
    cluster = watcher.cluster
    match step:
        case ("put", str(name), str(phase)):
            cluster.put(name, status={"phase": phase, "heartbeat": cluster.version})
        case ("delete", str(name)):
            cluster.delete(name)
        case ("compact",):
            cluster.compact()
        case ("cut",):
            cluster.cut()
        case ("end",):
            cluster.end()
        case ("expire",):
            cluster.say("ERROR", EXPIRED)
        case ("fail", int(code), int(times)):
            cluster.fault = _fails_next(code, times)
        case ("run", float(seconds)):
            watcher.run(seconds)
        case ("late",):
            watcher.add_late_handler(tree_of("status", "heartbeat"))
        case ("garbage",):
            cluster.say_raw(b'{"type":"ADDED","object":{"metadata":{}}}\n]]\n')
        case _:
            watcher.informer.step()


@pytest.mark.parametrize("tree", [WHOLE, PHASE], ids=["whole", "projected"])
@pytest.mark.parametrize("mode", ["served", "unfinished", "refused"])
@settings(max_examples=150, deadline=None)
@given(steps=st.lists(STEPS, min_size=5, max_size=40), chunk=st.sampled_from([1 << 20, 37]), seed=st.integers(0, 99))
def test_any_interleaving_ends_with_the_objects_of_the_server(
    mode: str, tree: FieldTree, steps: list[tuple[object, ...]], chunk: int, seed: int
) -> None:
    cluster = Cluster(list_by_watch=mode, chunk_bytes=chunk)  # type: ignore[arg-type]
    watcher = Watcher(cluster, tree, seed=seed)
    for step in steps:
        _do(step, watcher)
    cluster.fault = None
    watcher.run(300.0)

    projection = Projection(watcher.informer.tree, PODS.kind)
    expected = {key: projection.of(item).value() for key, item in cluster.objects.items()}
    assert watcher.cached() == expected
    narrow = Projection(tree, PODS.kind)
    for believer in (watcher.believer, *watcher.late):
        told = {key: narrow.tree.prune(item.value()) for key, item in believer.objects.items()}
        assert told == {key: narrow.of(item).value() for key, item in cluster.objects.items()}
        assert believer.nonsense == []
    for believer in watcher.late:
        assert {key: item.value() for key, item in believer.objects.items()} == expected
    assert all(registration.has_synced for registration in watcher.registrations)
    assert watcher.informer.counters.crashes == watcher.informer.counters.handler_errors == 0
