"""Tables: what ``kubectl get`` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from rulectl.sandbox.columns import Column, columns_of
from rulectl.sandbox.registry import Served
from rulectl.sandbox.stored import Stored
from rulectl.sandbox.world import World
from rulectl.value import Value, text

AGE = Column("Age", "string", "CreationTimestamp: when the object was created.")


def table(
    world: World, served: Served, items: Sequence[Stored], version: str, *, include: str = "Metadata"
) -> dict[str, Value]:
    """The objects as a Table; `include` is what each row carries beside its cells (None, Metadata, Object)."""
    columns = [Column("Name", "string", "Name must be unique within a namespace.", format="name")]
    columns.extend(columns_of(served))
    if not any(column.name == "Age" for column in columns):
        place = next((i for i, column in enumerate(columns) if column.priority), len(columns))
        columns.insert(place, AGE)
    rows: list[Value] = [_row(world, served, columns, item, include) for item in items]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": version},
        "columnDefinitions": [column.definition() for column in columns],
        "rows": rows,
    }


def _row(world: World, served: Served, columns: Sequence[Column], item: Stored, include: str) -> dict[str, Value]:
    now = world.clock.now()
    cells: list[Value] = []
    for column in columns:
        if column.name == "Name":
            cells.append(item.name)
        elif column.read is None:
            cells.append(age(text(item.metadata.get("creationTimestamp")), now))
        else:
            value = column.read(item.object)
            cells.append(age(text(value), now) if column.type == "date" else value)
    row: dict[str, Value] = {"cells": cells}
    if include == "Object":
        row["object"] = served.shown(item.object)
    elif include != "None":
        partial: Mapping[str, Value] = {
            "kind": "PartialObjectMetadata",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": item.object.get("metadata"),
        }
        row["object"] = partial
    return row


def age(timestamp: str, now: float) -> str:
    """How long ago a time was, as kubectl prints it: ``45s``, ``7m30s``, ``3h``, ``12d``."""
    try:
        then = datetime.fromisoformat(timestamp).astimezone(UTC).timestamp()
    except ValueError:
        return "<unknown>"
    seconds = max(0, int(now - then))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return _two(minutes, "m", seconds % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 192:
        return _two(days, "d", hours % 24, "h")
    if days < 730:
        return f"{days}d"
    return _two(days // 365, "y", days % 365, "d") if days < 2920 else f"{days // 365}y"


def _two(first: int, unit: str, second: int, below: str) -> str:
    return f"{first}{unit}{second}{below}" if second else f"{first}{unit}"
