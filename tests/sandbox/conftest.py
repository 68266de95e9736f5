"""What every test of the sandbox begins with."""

from __future__ import annotations

import pytest

from tests.sandbox.client import CRDS, Client, widget_crd


@pytest.fixture
def client() -> Client:
    """A client of a fresh sandbox."""
    return Client()


@pytest.fixture
def widgets(client: Client) -> Client:
    """The same, with the Widget CRD."""
    client.create(CRDS, widget_crd())
    return client
