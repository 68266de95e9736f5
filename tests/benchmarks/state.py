"""What keeping records costs: ``python -m tests.benchmarks.state``.

Durable commits a second with one and many threads, bytes of a record, the start with many records, and the writes
to the API server for each action that fires.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rulectl.clock import SystemClock
from rulectl.kube.client import KubeClient
from rulectl.kube.transport import Transport
from rulectl.sandbox.sandbox import Sandbox
from rulectl.state.configmap import ConfigMapStore
from rulectl.state.identity import Identity, Owner
from rulectl.state.record import Record, Run
from rulectl.state.sqlite import SqliteStore
from rulectl.state.store import Put, StateStore
from rulectl.testing.cluster import Cluster
from rulectl.testing.transport import InProcessTransport
from rulectl.value import Value

OWNER = Owner("rulectl", Identity("kube-system", "benchmark", "0" * 16, "the benchmark"))
IN = 'metadata.annotations."kubernetes.io/ingress-bandwidth"'
SECONDS = 3.0


def settled(number: int) -> Record:
    """A pod with one limit, as the bandwidth rule remembers it."""
    name, uid = f"web-{number:06}", f"{number:08x}-0000-4000-8000-000000000000"
    annotations: Value = {"kubernetes.io/ingress-bandwidth": "10M"}
    metadata: Value = {"name": name, "namespace": "shop", "uid": uid, "annotations": annotations}
    old: Value = {"metadata": metadata, "spec": {"nodeName": "node-1"}, "status": {"phase": "Running"}}
    return Record(
        "pod-bandwidth",
        uid,
        f"{number:024x}",
        "shop",
        name,
        resource_version=str(number),
        base={IN: "10M"},
        old=old,
        settled=True,
        when_held=True,
        number=1,
        last_success=1_700_000_000.0,
        last_end=1_700_000_000.0,
    )


def begun(record: Record) -> Record:
    """The same with an intent."""
    run = Run(2, "fire", "modified", 1_700_000_000.0, values={IN: "20M"}, object=record.old, old=record.old)
    return Record(record.rule, record.uid, record.id, record.namespace, record.name, base=record.base, run=run)


def commits_a_second(store: StateStore, threads: int) -> float:
    """Intents made durable, each by a call of its own."""
    done = [0] * threads
    end = time.monotonic() + SECONDS

    def work(index: int) -> None:
        number = index
        while time.monotonic() < end:
            store.write([Put(begun(settled(number % 10_000)))], durable=True)
            done[index] += 1
            number += threads

    workers = [threading.Thread(target=work, args=(index,)) for index in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(done) / SECONDS


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu


def sqlite_figures(folder: Path, records: int = 50_000) -> None:
    """Commits, bytes, start."""
    for threads in (1, 8, 32):
        path = folder / f"commits-{threads}.sqlite"
        store = SqliteStore(path, OWNER, SystemClock())
        store.load()
        print(f"sqlite: durable commits a second, {threads:2} threads: {commits_a_second(store, threads):8.0f}")
        store.close()
    path = folder / "many.sqlite"
    store = SqliteStore(path, OWNER, SystemClock())
    store.load()
    empty = path.stat().st_size
    store.write([Put(settled(number)) for number in range(records)], durable=True)
    store.close()
    print(f"sqlite: bytes of the file per record: {(path.stat().st_size - empty) / records:.0f}")
    again = SqliteStore(path, OWNER, SystemClock())
    wall, cpu = timed(again.load)
    print(f"sqlite: start with {records} records: {wall:.2f} s, {cpu:.2f} s CPU")
    again.close()


def config_map_figures(actions: int = 300) -> None:
    """Writes to the API server for each action: the intent, and what rides with the next."""
    from rulectl.clock import VirtualClock

    clock = VirtualClock()
    sandbox = Sandbox(clock=clock)
    Cluster(sandbox.api).apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "rulectl"}})
    transport = InProcessTransport(sandbox.api, clock)
    typed: Transport = transport
    store = ConfigMapStore(KubeClient(typed, clock), "rulectl", OWNER, clock, linger_seconds=0.0)
    store.load()
    before = sum(one.method != "GET" for one in transport.requests)
    for number in range(actions):
        store.write([Put(begun(settled(number)))], durable=True)
        store.write([Put(settled(number))], durable=False)
    store.flush()
    writes = sum(one.method != "GET" for one in transport.requests) - before
    print(f"configmap: writes to the API server per action, one worker: {writes / actions:.2f}")


def main() -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite_figures(Path(folder))
    config_map_figures()


if __name__ == "__main__":
    main()
