"""Short words for what scenarios do to a bench and see there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rulectl.state.record import Record
from rulectl.testing.bench import Bench


def apply(bench: Bench, *objects: Mapping[str, Any]) -> None:
    """Applies one after the other, and lets the controller settle after each."""
    for one in objects:
        bench.cluster.apply(one)
        bench.settle()


def told(bench: Bench, name: str) -> list[Any]:
    """One field of every body that arrived."""
    return [body[name] for body in bench.bodies()]  # type: ignore[index]


def events(bench: Bench) -> list[str]:
    """The event of every run, in order."""
    return told(bench, "event")


def records(bench: Bench) -> dict[str, Record]:
    """Every record by its object's name."""
    return {one.name: one for one in bench.store.load().records}


def labelled_namespace(name: str, **labels: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
