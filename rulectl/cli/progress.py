"""How far the caches are, in words; pure."""

from __future__ import annotations

from collections.abc import Sequence

from rulectl.duration import format_duration
from rulectl.manager.engine import InformerProgress, RuleProgress


def syncing_text(watches: Sequence[InformerProgress]) -> str:
    """One line while the first lists are read."""
    done = [one for one in watches if one.synced]
    missing = [one for one in watches if not one.synced]
    line = f"reading {len(done)}/{len(watches)} watches, {_objects(watches)}"
    if not missing:
        return line
    first = missing[0]
    return f"{line}; waiting for {first.what}" + (f" ({first.problem})" if first.problem else "")


def ready_text(watches: Sequence[InformerProgress], rules: Sequence[RuleProgress], seconds: float) -> str:
    """One line when the caches are there: what is ready, and which rules are not and why."""
    ready = [rule for rule in rules if rule.ready]
    counted = f"{len(ready)} rule{'' if len(ready) == 1 else 's'} ready"
    line = f"{counted}: {_watches(len(watches))}, {_objects(watches)}, {format_duration(round(seconds, 1))}"
    waiting = [
        f"\n  {rule.rule} is not ready: {rule.problem or 'its first list has not come'}"
        for rule in rules
        if not rule.ready
    ]
    return line + "".join(waiting)


def _objects(watches: Sequence[InformerProgress]) -> str:
    count = sum(one.objects for one in watches)
    return f"{count} object{'' if count == 1 else 's'}"


def _watches(count: int) -> str:
    return f"{count} watch{'' if count == 1 else 'es'}"
