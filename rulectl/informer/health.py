"""How an informer is doing, for readiness, status pages and the `Synced` condition of a rule."""

from __future__ import annotations

from dataclasses import dataclass

from rulectl.errors import Forbidden, Gone, NotFound, RulectlError, TransientError, Unreachable


@dataclass(frozen=True, slots=True)
class Health:
    """A snapshot.

    `synced`: the store has had a complete list, and nothing says that it cannot be kept up. Not for ever:
    look at `age_seconds` too, the time since the server last answered anything. Above
    `STALE_SECONDS` the store must be held for stale.
    """

    synced: bool
    reason: str
    """Empty while all is well, else one of: ``listing forbidden unauthorized not found refused expired
    unreachable server error dead``."""
    last_error: str
    age_seconds: float


STALE_SECONDS = 3 * 90.0
"""Three times the idle time of a stream with bookmarks."""


def reason_of(error: RulectlError | None) -> str:
    """The word for a failure in `Health.reason`; empty for none."""
    match error:
        case None:
            return ""
        case Forbidden():
            return "unauthorized" if error.status == 401 else "forbidden"
        case NotFound():
            return "not found"
        case Gone():
            return "expired"
        case Unreachable():
            return "unreachable"
        case TransientError():
            return "server error"
        case _:
            return "refused"


DEAD = "dead"
LASTING = frozenset({"forbidden", "unauthorized", "not found", "refused", DEAD})
"""Reasons that do not heal by themselves: what the store has may be out of date for long."""
