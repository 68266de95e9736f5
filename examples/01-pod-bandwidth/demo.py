"""The whole example in one command: agent, embedded API server, controller, and somebody who changes pods.

    python demo.py           narrates the changes, then leaves everything running for your kubectl
    python demo.py --exit    ends after the changes, with status 1 if a call did not come

Nothing but rulectl is needed: no cluster, no docker. It listens on 127.0.0.1 only.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent import Agent

HERE = Path(__file__).resolve().parent
RULE = HERE.parent.parent / "rules" / "pod-bandwidth.yaml"
IN = "kubernetes.io/ingress-bandwidth"
OUT = "kubernetes.io/egress-bandwidth"
PATIENCE_SECONDS = 30.0


class Cluster:
    """The little that the demo needs of kubectl, over plain HTTP."""

    def __init__(self, kubeconfig: Path) -> None:
        config = json.loads(subprocess.check_output([sys.executable, "-c", _TO_JSON, str(kubeconfig)]))
        self.url = config["clusters"][0]["cluster"]["server"]

    def patch(self, pod: str, body: dict[str, Any], subresource: str = "") -> None:
        self._send("PATCH", f"{pod}{subresource}", body)

    def delete(self, pod: str) -> None:
        self._send("DELETE", pod, None)

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> None:
        url = f"{self.url}/api/v1/namespaces/shop/pods/{path}"
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/merge-patch+json"}
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method)) as answer:
            answer.read()


_TO_JSON = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))"


def annotate(**values: str | None) -> dict[str, Any]:
    names = {"ingress": IN, "egress": OUT}
    return {"metadata": {"annotations": {names[key]: value for key, value in values.items()}}}


def expect(agent: Agent, what: str, came: Callable[[], bool]) -> bool:
    """Waits for the agent to have been told; says so if it was not."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with agent.lock:
            if came():
                return True
        time.sleep(0.05)
    print(f"demo: the agent was not told: {what}", flush=True)
    return False


def say(line: str) -> None:
    sys.stdout.write(f"\ndemo:  {line}\n")
    sys.stdout.flush()


def story(cluster: Cluster, agent: Agent) -> bool:
    """Changes pods one after the other; whether every call came."""
    told = []
    say("the pods that were there: web-1 and web-2 have limits, cache-1 has none, batch-1 does not run yet")
    told.append(expect(agent, "web-1, web-2", lambda: {"shop/web-1", "shop/web-2"} <= agent.limits.keys()))
    say("kubectl annotate pod web-1 kubernetes.io/ingress-bandwidth=50M --overwrite")
    cluster.patch("web-1", annotate(ingress="50M"))
    told.append(expect(agent, "50M", lambda: agent.limits.get("shop/web-1", {}).get("ingress") == "50M"))
    say("kubectl label pod web-1 tier=front   (nothing that the rule watches: no call)")
    cluster.patch("web-1", {"metadata": {"labels": {"tier": "front"}}})
    say("batch-1 starts to run: now its limit is set")
    cluster.patch("batch-1", {"status": {"phase": "Running"}}, "/status")
    told.append(expect(agent, "batch-1", lambda: "shop/batch-1" in agent.limits))
    say("kubectl delete pod web-2")
    cluster.delete("web-2")
    told.append(expect(agent, "web-2 is gone", lambda: "shop/web-2" not in agent.limits))
    with agent.lock:
        say(f"{len(agent.calls)} calls, and the agent's limits are now: {json.dumps(agent.limits)}")
    return all(told)


def main() -> int:
    agent = Agent(0)
    threading.Thread(target=agent.serve_forever, daemon=True).start()
    command = [sys.executable, "-m", "rulectl", "run", str(RULE), f"--sandbox={HERE / 'manifests'}"]
    environment = {**os.environ, "AGENT_URL": agent.url, "VOYAGE_SERVER_ENABLE_PODLIMIT": "true"}
    controller = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        kubeconfig = follow(controller)
        if kubeconfig is None:
            print("demo:  the controller did not start", flush=True)
            return 1
        good = story(Cluster(kubeconfig), agent)
        if "--exit" not in sys.argv[1:]:
            say(f"it goes on: try `kubectl --kubeconfig {kubeconfig} -n shop annotate pod cache-1 {OUT}=3M`")
            say("and end it with Ctrl-C")
            controller.wait()
    except KeyboardInterrupt:
        return 0
    else:
        return 0 if good else 1
    finally:
        controller.terminate()
        controller.wait(timeout=30)
        agent.server_close()


def follow(controller: subprocess.Popen[str]) -> Path | None:
    """Shows what the controller says, from now on; its kubeconfig, once it has said where that is."""
    found: queue.SimpleQueue[Path | None] = queue.SimpleQueue()

    def show() -> None:
        for line in controller.stderr or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            if "KUBECONFIG=" in line:
                found.put(Path(line.partition("KUBECONFIG=")[2].strip()))
        found.put(None)

    threading.Thread(target=show, daemon=True).start()
    return found.get(timeout=PATIENCE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
