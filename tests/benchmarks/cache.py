"""What a cached pod takes, and how long a full garbage collection stops everything: a process of its own.

``python -m tests.benchmarks.cache PODS`` prints JSON: bytes of resident memory for each pod with one annotation and
with twelve paths, and the milliseconds of a full collection with all of the latter.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
import time
from pathlib import Path

from rulectl.fields import FieldTree, tree_of, union
from rulectl.informer.store import Store
from rulectl.kube.frames import FrameReader, Put
from rulectl.kube.projection import Projection
from rulectl.manager.runtime import Runtime
from rulectl.resource import Kind
from tests.benchmarks.pods import IN, pod

POD = Kind("v1", "Pod")
ONE = tree_of("metadata", "annotations", IN)
TWELVE = union(
    [
        ONE,
        tree_of("metadata", "labels"),
        tree_of("metadata", "ownerReferences", leaf=FieldTree(items=tree_of("kind") | tree_of("name"))),
        tree_of("spec", "nodeName"),
        tree_of("spec", "serviceAccountName"),
        tree_of("spec", "containers", leaf=FieldTree(items=tree_of("name") | tree_of("image"))),
        tree_of("status", "phase"),
        tree_of("status", "podIP"),
        tree_of("status", "conditions", leaf=FieldTree(items=tree_of("type") | tree_of("status"))),
        tree_of("status", "containerStatuses", leaf=FieldTree(items=tree_of("name") | tree_of("restartCount"))),
    ]
)


def resident() -> int:
    """Bytes, after what is free was given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmRSS in /proc; this needs Linux")


def fill(projection: Projection, count: int) -> tuple[float, Store]:
    """Resident bytes for each pod, and the store that has them all."""
    store, reader = Store(), FrameReader(projection)
    feed(store, reader, 0, 100)  # until code and classes are there
    before = resident()
    feed(store, reader, 100, 100 + count)
    return (resident() - before) / count, store


def feed(store: Store, reader: FrameReader, start: int, end: int) -> None:
    """Reads so many pods as a watch brings them."""
    for number in range(start, end):
        full = pod(number, f"{number % 50}M")
        full["metadata"] |= {"uid": f"00000000-0000-4000-8000-{number:012}", "resourceVersion": str(10**9 + number)}
        line = json.dumps({"type": "ADDED", "object": full}).encode() + b"\n"
        for event in reader.feed(line):
            assert isinstance(event, Put)
            store.put(event.object.key, event.object)


def main(count: int) -> None:
    one, _ = fill(Projection(ONE, POD), count)
    del _
    reader = Projection(TWELVE, POD)
    twelve, store = fill(reader, count)
    began = time.process_time()
    gc.collect()
    milliseconds = (time.process_time() - began) * 1e3
    runtime = Runtime()
    runtime.enter()
    runtime.settle()
    feed(store, FrameReader(reader), 100, 100 + count)  # every one of them changes once
    began = time.process_time()
    gc.collect()
    settled = (time.process_time() - began) * 1e3
    found = {"one": one, "twelve": twelve, "collection_ms": milliseconds, "settled_ms": settled, "pods": len(store)}
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]))
