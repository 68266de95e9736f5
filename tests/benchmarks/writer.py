"""Changes pods through the API server at a fixed rate, as a process of its own.

``python -m tests.benchmarks.writer KUBECONFIG PODS COUNT PER_SECOND EVERY``: every `EVERY`th write sets the
annotation that the rule watches (0: none does), the others move a heartbeat. Prints JSON: for each value of the
annotation when the write was sent (monotonic), and how long all took.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.benchmarks.pods import IN, place

_PATCH = {"Content-Type": "application/merge-patch+json"}


def connect(kubeconfig: Path) -> http.client.HTTPConnection:
    """A connection that stays open."""
    cluster = yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]
    url = urlsplit(cluster["server"])
    if url.scheme == "http":
        return http.client.HTTPConnection(url.netloc)
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    return http.client.HTTPSConnection(url.netloc, context=ssl.create_default_context(cadata=authority))


def main(kubeconfig: str, pods: int, count: int, per_second: float, every: int) -> None:
    connection = connect(Path(kubeconfig))
    connection.connect()
    sent: dict[str, float] = {}
    began = time.monotonic()
    for number in range(count):
        due = began + number / per_second
        if (left := due - time.monotonic()) > 0:
            time.sleep(left)
        namespace, name = place(number * 7919 % pods)
        path = f"/api/v1/namespaces/{namespace}/pods/{name}"
        if every and number % every == 0:
            value = f"{time.monotonic_ns()}"
            body: dict[str, Any] = {"metadata": {"annotations": {IN: value}}}
            subresource = ""
            sent[value] = time.monotonic()
        else:
            body, subresource = {"status": {"message": f"heartbeat {time.monotonic_ns()}"}}, "/status"
        connection.request("PATCH", path + subresource, json.dumps(body), _PATCH)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {text[:300]!r}")
    print(json.dumps({"sent": sent, "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
