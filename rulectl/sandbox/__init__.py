"""The embedded API server: Kubernetes' API in memory, for tests and dry runs.

`Sandbox` is the server without sockets (one call per request), `SandboxServer` the one with a port.
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
