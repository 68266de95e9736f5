"""The tutorial's first program: a cache of the cluster's Nodes that keeps itself up to date."""

from __future__ import annotations

import contextlib
import sys
import time

from rulectl.informer import Informer

with Informer("v1", "Node") as nodes:
    nodes.on_added(lambda node: print("added  ", node["metadata"]["name"], flush=True))
    nodes.on_updated(lambda _old, new: print("updated", new["metadata"]["name"], flush=True))
    nodes.on_deleted(lambda node: print("deleted", node["metadata"]["name"], flush=True))
    if not nodes.wait_for_sync(timeout_seconds=30):
        sys.exit("the API server gave no complete list of Nodes within 30 seconds")
    with contextlib.suppress(KeyboardInterrupt):
        print(len(nodes.list()), "nodes in the cache; change one with kubectl, end with Ctrl-C", flush=True)
        while len(sys.argv) < 2:
            time.sleep(1)
