"""The embedded API server: Kubernetes' API in memory, for tests and dry runs.

`Sandbox` is the server without sockets (one call per request), `SandboxServer` the one with a port.

It keeps to what clients can see of a real server: resourceVersions and conflicts, lists and their pages,
watches with bookmarks and 410, finalizers, every kind of patch, field ownership, custom resources. The checks in
``tests/conformance`` say so, and can be run on a real server. What is otherwise, on purpose:

- Nobody acts but the server: no kubelet, no scheduler, no controllers. What a controller manager would do
  about owners, namespaces and CRDs is done before the request that causes it is answered; a deleted pod is gone
  at once.
- Built-in kinds get the few defaults and checks of `rulectl.sandbox.builtin`, and their types are checked; a Pod's
  spec can be changed. CEL rules, admission plugins and webhooks, quotas and RBAC are not there: all is allowed.
- Versions of one resource differ in their apiVersion only (Events excepted): no conversion of HorizontalPodAutoscalers,
  none by CRDs' webhooks.
- Answers are JSON or YAML, never protobuf; protobuf is read for the kinds that kubectl creates by name.
- exec, attach, port-forward, logs, proxying and API aggregation are not served.
- An object is collected when its owner is deleted here; owners that were never here are not missed.
"""

from rulectl.sandbox.answer import Answer, NoAnswer, Silence
from rulectl.sandbox.api import Api, Reply
from rulectl.sandbox.fault import Fault
from rulectl.sandbox.faults import Faults, Injected
from rulectl.sandbox.loading import load
from rulectl.sandbox.sandbox import Sandbox
from rulectl.sandbox.server import SandboxServer, banner
from rulectl.sandbox.store import Store
from rulectl.sandbox.watching import WatchAnswer

__all__ = [
    "Answer",
    "Api",
    "Fault",
    "Faults",
    "Injected",
    "NoAnswer",
    "Reply",
    "Sandbox",
    "SandboxServer",
    "Silence",
    "Store",
    "WatchAnswer",
    "banner",
    "load",
]
