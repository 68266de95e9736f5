"""kubernetes.watch.Watch without models, a dict as cache, and jmespath.py for each rule: ``KUBECONFIG EXPRESSIONS GC``.

EXPRESSIONS is a JSON file with a list of expressions over `old` and `object`; GC is ``on`` or ``off``.
"""

import gc
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import jmespath

kubernetes: Any = import_module("kubernetes")  # versions differ in what is typed


def main(kubeconfig: str, expressions: str, collector: str) -> None:
    if collector == "off":
        gc.disable()
    kubernetes.config.load_kube_config(kubeconfig)
    compiled = [jmespath.compile(text) for text in json.loads(Path(expressions).read_text())]
    core = kubernetes.client.CoreV1Api()
    first = core.list_pod_for_all_namespaces(_preload_content=False)
    listed = json.loads(first.data)
    cache: dict[str, Any] = {item["metadata"]["uid"]: item for item in listed["items"]}
    version = listed["metadata"]["resourceVersion"]
    del first, listed
    queue: set[tuple[int, str]] = set()
    print("ready", flush=True)
    stream = kubernetes.watch.Watch().stream(
        core.list_pod_for_all_namespaces, resource_version=version, deserialize=False
    )
    for event in stream:
        new = event["object"]
        uid = new["metadata"]["uid"]
        scope = {"old": cache.get(uid), "object": new}
        cache[uid] = new
        for number, expression in enumerate(compiled):
            if expression.search(scope):
                queue.add((number, uid))


if __name__ == "__main__":
    main(*sys.argv[1:4])
