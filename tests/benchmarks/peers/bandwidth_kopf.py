"""The bandwidth controller on kopf, for a whole cluster. AGENT_URL says where to."""

import asyncio
import os
from importlib import import_module
from typing import Any

import requests

kopf: Any = import_module("kopf")

ANNOTATIONS = ("kubernetes.io/ingress-bandwidth", "kubernetes.io/egress-bandwidth")
AGENT = os.environ["AGENT_URL"]
known: dict[str, tuple[Any, ...]] = {}
session = requests.Session()


@kopf.on.startup()  # type: ignore[untyped-decorator]  # rulectl's environment has no kopf
def configure(settings: Any, **_: Any) -> None:
    settings.posting.enabled = False
    settings.scanning.disabled = True
    print("ready", flush=True)


@kopf.on.event("v1", "pods")  # type: ignore[untyped-decorator]  # as above
def changed(event: Any, name: str, namespace: str, uid: str, annotations: Any, spec: Any, **_: Any) -> None:
    if event["type"] == "DELETED":
        known.pop(uid, None)
        return
    now = tuple(annotations.get(key) for key in ANNOTATIONS)
    before, known[uid] = known.get(uid, (None, None)), now
    if before != now:
        body = {"uid": uid, "node": spec.get("nodeName"), "ingress": now[0], "egress": now[1]}
        session.put(f"{AGENT}/v1/pods/{namespace}/{name}", json=body, timeout=10)


if __name__ == "__main__":
    asyncio.run(kopf.operator(clusterwide=True, standalone=True))
