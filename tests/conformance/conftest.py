"""Which server the checks are about: the embedded one, and the one that the environment names.

``RULECTL_CONFORMANCE_SERVER`` is the URL of a real API server that may be written to (each check works in
a namespace of its own), ``RULECTL_CONFORMANCE_TOKEN`` a bearer token for it. What is checked here must be
true of a real server; what is the embedded one's own way is tested in ``tests/sandbox``.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from rulectl.sandbox import SandboxServer
from tests.conformance.target import Api, Target

REAL = os.environ.get("RULECTL_CONFORMANCE_SERVER")
BOTH = ["embedded", *(["real"] if REAL else [])]


@pytest.fixture(scope="session", params=BOTH)
def server(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The server under test."""
    with ExitStack() as stack:
        if request.param == "embedded":
            embedded = stack.enter_context(SandboxServer())
            yield Target(embedded.url, None, real=False)
        else:
            assert REAL is not None
            yield Target(REAL.rstrip("/"), os.environ.get("RULECTL_CONFORMANCE_TOKEN"), real=True)


@pytest.fixture
def api(server: Target) -> Iterator[Api]:
    """A client with a namespace of its own, which goes with the test."""
    namespace = f"check-{uuid.uuid4().hex[:8]}"
    with Api(server, namespace) as client:
        client.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
        yield client
        client.send("DELETE", f"/api/v1/namespaces/{namespace}")
