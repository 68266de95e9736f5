"""Everything that flags decide, read in one place: the builder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Settings:
    """How an engine is to run. Times are in seconds.

    `dry_run` "client" shows what would be sent; "server" has the API server check writes without keeping them.
    `once`: every owed run is tried to its limit (or `once_attempts` times), nothing waits for clocks, then it ends.
    """

    name: str = "rulectl"
    dry_run: Literal["none", "client", "server"] = "none"
    once: bool = False
    once_attempts: int = 5
    allow_exec: bool = False
    egress_allow: tuple[str, ...] = ()
    egress_deny: tuple[str, ...] = ()
    workers_cap: int = 32
    drain_seconds: float = 25.0
    start_seconds: float = 30.0
    """No answer from the server within this time at the start is an error."""
    page_size: int = 500
    watch_list: bool = True
    environ: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    """For tests: makes ids, jitter and back-off the same on every run."""
