"""Values in a few characters; those of Secrets are not shown."""

from __future__ import annotations

from dataclasses import dataclass

from rulectl.value import Value, encode

WIDTH = 80


@dataclass(frozen=True, slots=True)
class Show:
    """How values are shown. `masked`: texts may be secret, so only their kind is told."""

    masked: bool = False

    def __call__(self, value: Value) -> str:
        """`value` as compact JSON, cut to what a line can bear."""
        if self.masked and not isinstance(value, bool | None):
            return "***"
        text = encode(value).decode()
        return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}\N{HORIZONTAL ELLIPSIS}"
