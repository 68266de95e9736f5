"""The architecture tour in `rulectl.__doc__` leads somewhere at every stop."""

from __future__ import annotations

import importlib
import re

import pytest

import rulectl

STOPS = re.findall(r"^\d+\. .*$", rulectl.__doc__ or "", flags=re.MULTILINE)
MODULES = sorted({name for stop in STOPS for name in re.findall(r"`(rulectl\.[\w.]+)`", stop)})


def test_the_tour_has_its_stops() -> None:
    assert len(STOPS) >= 20


@pytest.mark.parametrize("module", MODULES)
def test_every_stop_can_be_visited(module: str) -> None:
    assert importlib.import_module(module).__doc__


def test_the_shipped_rules_load() -> None:
    found = rulectl.load(["rules"])
    assert (found.problems, len(found.plan.rules)) == ((), 3)
