"""The three stores, for what holds of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.state.places import InCluster, InFile, InMemory, Place


@pytest.fixture(params=["memory", "sqlite", "configmap"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where a state lies, for each kind of store."""
    match request.param:
        case "memory":
            return InMemory()
        case "sqlite":
            return InFile(tmp_path)
        case _:
            return InCluster()


@pytest.fixture
def file(tmp_path: Path) -> InFile:
    """A state in a file."""
    return InFile(tmp_path)


@pytest.fixture
def cluster() -> InCluster:
    """A state in ConfigMaps."""
    return InCluster()
