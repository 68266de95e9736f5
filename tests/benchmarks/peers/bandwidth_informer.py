"""The bandwidth controller on kubernetes' own SharedInformer, as its examples have it. AGENT_URL says where to."""

import os
import queue
import threading
import time
from importlib import import_module
from typing import Any

import requests

kubernetes: Any = import_module("kubernetes")

ANNOTATIONS = ("kubernetes.io/ingress-bandwidth", "kubernetes.io/egress-bandwidth")
AGENT = os.environ["AGENT_URL"]
known: dict[str, tuple[Any, ...]] = {}
due: "queue.Queue[Any]" = queue.Queue()


def changed(pod: Any) -> None:
    annotations = pod.metadata.annotations or {}
    now = tuple(annotations.get(key) for key in ANNOTATIONS)
    before, known[pod.metadata.uid] = known.get(pod.metadata.uid, (None, None)), now
    if before != now:
        due.put((pod, now))


def work() -> None:
    session = requests.Session()
    while True:
        pod, (ingress, egress) = due.get()
        meta = pod.metadata
        body = {"uid": meta.uid, "node": pod.spec.node_name, "ingress": ingress, "egress": egress}
        session.put(f"{AGENT}/v1/pods/{meta.namespace}/{meta.name}", json=body, timeout=10)


def main() -> None:
    kubernetes.config.load_kube_config()
    core = kubernetes.client.CoreV1Api()
    informer = import_module("kubernetes.informer").SharedInformer(core.list_pod_for_all_namespaces)
    informer.add_event_handler("ADDED", changed)
    informer.add_event_handler("MODIFIED", changed)
    for _ in range(4):
        threading.Thread(target=work, daemon=True).start()
    informer.start()
    print("ready", flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    main()
