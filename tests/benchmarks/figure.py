"""One measured figure beside what was wanted, and how a table of them is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`wanted` is a limit in words, empty where the figure is a peer's, or tells something."""

    group: str
    name: str
    value: float
    unit: str
    wanted: str = ""

    @property
    def shown(self) -> str:
        """The value as people read it."""
        size = abs(self.value)
        return f"{self.value:,.0f}" if size >= 100 else f"{self.value:.1f}" if size >= 10 else f"{self.value:.2f}"


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table: it can be read as it is, and pasted."""
    rows = [("what", "measured", "wanted")]
    group = ""
    for one in figures:
        if one.group != group:
            group = one.group
            rows.append((f"**{group}**", "", ""))
        rows.append((one.name, f"{one.shown} {one.unit}".strip(), one.wanted))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    cells = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"


def as_json(figures: Sequence[Figure], about: dict[str, str]) -> str:
    """The same for programs, to compare two commits."""
    return json.dumps({"about": about, "figures": [asdict(one) for one in figures]}, indent=1) + "\n"
