"""pytest fixtures for tests of plugins and rules: ``pytest_plugins = ["rulectl.testing.fixtures"]``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rulectl.sandbox import SandboxServer
from rulectl.testing.kube import FakeKube
from rulectl.testing.served import sandbox
from rulectl.testing.web import FakeWeb


@pytest.fixture
def kube() -> FakeKube:
    """An API server in memory, empty but for the default namespaces."""
    return FakeKube()


@pytest.fixture
def web() -> FakeWeb:
    """The other servers: 200 to all, unless scripted."""
    return FakeWeb()


@pytest.fixture
def sandbox_server() -> Iterator[SandboxServer]:
    """An API server on a port of this machine, for the time of one test."""
    with sandbox() as server:
        yield server
