"""For tests of rules, plugins and of rulectl itself: a cluster in memory, time that is told to pass.

A plugin's test needs three names::

    from rulectl.action import Done
    from rulectl.testing import FakeKube, context_for, run_action

    def test_it_labels_the_pod() -> None:
        kube = FakeKube()
        assert run_action(MyAction, {"team": "blue"}, context_for(kube=kube)) == Done("labelled")

`Bench` is the whole engine, stepped by a test; `sandbox` an API server with a port. Fixtures are in
`rulectl.testing.fixtures`.
"""

from rulectl.action.http.port import HttpResponse
from rulectl.clock import VirtualClock
from rulectl.testing.bench import Bench
from rulectl.testing.kube import FakeKube, KubeCall, secret
from rulectl.testing.plugin import SOME_POD, FakeLog, context_for, faults_of, plugin_type, run_action
from rulectl.testing.served import sandbox
from rulectl.testing.web import Call, CutOff, FakeWeb, Refusal

__all__ = [
    "SOME_POD",
    "Bench",
    "Call",
    "CutOff",
    "FakeKube",
    "FakeLog",
    "FakeWeb",
    "HttpResponse",
    "KubeCall",
    "Refusal",
    "VirtualClock",
    "context_for",
    "faults_of",
    "plugin_type",
    "run_action",
    "sandbox",
    "secret",
]
