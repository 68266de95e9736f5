"""Pods of realistic size: 13 KB each on the wire, half of it managedFields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

IN = "kubernetes.io/ingress-bandwidth"


def place(number: int) -> tuple[str, str]:
    """Namespace and name of a pod."""
    return f"ns-{number % 20}", f"web-{number:06}"


def pod(number: int, bandwidth: str | None = None) -> dict[str, Any]:
    """One running pod; every one differs in names, addresses and image ids."""
    namespace, name = place(number)
    annotations = {"prometheus.io/scrape": "true", "checksum/config": f"{number:064x}"}
    if bandwidth is not None:
        annotations[IN] = bandwidth
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {"app": f"app-{number % 100}", "pod-template-hash": f"{number:010x}", "tier": "web"},
            "annotations": annotations,
            "managedFields": [_managed("kube-controller-manager", 40), _managed("kubelet", 60)],
        },
        "spec": {
            "nodeName": f"node-{number % 50}",
            "serviceAccountName": "default",
            "containers": [_container(index) for index in range(3)],
            "volumes": [{"name": f"v{index}", "configMap": {"name": f"config-{index}"}} for index in range(4)],
            "tolerations": [{"key": f"k{index}", "operator": "Exists", "effect": "NoExecute"} for index in range(3)],
        },
        "status": {
            "phase": "Running",
            "podIP": f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}",
            "startTime": "2026-01-01T00:00:00Z",
            "conditions": [
                {"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": "2026-01-01T00:00:00Z"}
                for kind in ("Initialized", "Ready", "ContainersReady", "PodScheduled")
            ],
            "containerStatuses": [_status(index, number) for index in range(3)],
        },
    }


def _managed(manager: str, fields: int) -> dict[str, Any]:
    keys: dict[str, Any] = {
        f"f:field-number-{index:03}-of-the-spec": {".": {}, "f:name": {}, "f:value": {}} for index in range(fields)
    }
    return {
        "manager": manager,
        "operation": "Update",
        "apiVersion": "v1",
        "time": "2026-01-01T00:00:00Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:spec": keys},
    }


def _container(index: int) -> dict[str, Any]:
    return {
        "name": f"container-{index}",
        "image": f"registry.example.com/team/application-{index}:1.2.3",
        "env": [{"name": f"VARIABLE_{number}", "value": f"value-{number}"} for number in range(12)],
        "ports": [{"containerPort": 8080 + index, "name": f"http-{index}", "protocol": "TCP"}],
        "resources": {"limits": {"cpu": "500m", "memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "volumeMounts": [{"name": f"v{number}", "mountPath": f"/etc/config/{number}"} for number in range(4)],
        "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10, "timeoutSeconds": 1},
        "terminationMessagePath": "/dev/termination-log",
        "imagePullPolicy": "IfNotPresent",
    }


def _status(index: int, number: int) -> dict[str, Any]:
    return {
        "name": f"container-{index}",
        "ready": True,
        "restartCount": 0,
        "image": f"registry.example.com/team/application-{index}:1.2.3",
        "imageID": f"registry.example.com/team/application-{index}@sha256:{number:064x}",
        "containerID": f"containerd://{number:064x}",
        "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
    }


def write_manifests(folder: Path, count: int, every: int = 10) -> None:
    """`count` pods as JSON lists of 500; every `every`-th has a bandwidth annotation, with 0 none has."""
    for start in range(0, count, 500):
        items = list(_some(start, min(start + 500, count), every))
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        (folder / f"pods-{start:06}.json").write_text(text)


def _some(start: int, end: int, every: int) -> Iterator[dict[str, Any]]:
    for number in range(start, end):
        yield pod(number, "10M" if every and number % every == 0 else None)
