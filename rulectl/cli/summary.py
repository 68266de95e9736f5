"""How a run with ``--once`` went, in a few lines or one JSON object; pure."""

from __future__ import annotations

from rulectl.cli.output import one_line
from rulectl.cli.tally import Tally
from rulectl.manager.once import Summary
from rulectl.value import Value, encode

SHOWN = 20
"""So many things that are left get a line each for people; JSON has all."""


def summary_text(tally: Tally, summary: Summary) -> str:
    """The runs in numbers, then what is left, a line each."""
    lines = [tally.text()]
    for one in summary.left[:SHOWN]:
        why = f": {one_line(one.message)}" if one.message else ""
        lines.append(f"  {one.rule} {one.key} {one.why}{why}")
    more = len(summary.left) - SHOWN
    return "\n".join([*lines, *([f"  and {more} more; -o json has them all"] if more > 0 else [])])


def summary_json(tally: Tally, summary: Summary, time: str) -> str:
    """One JSON object on one line, of the type ``summary``; `time` is RFC 3339."""
    runs: dict[str, Value] = dict(tally.runs)
    left: list[Value] = [
        {
            "rule": one.rule,
            "object": {"namespace": one.key.namespace, "name": one.key.name},
            "why": one.why,
            "message": one.message,
        }
        for one in summary.left
    ]
    ok = tally.is_fine and summary.is_fine
    told: dict[str, Value] = {
        "time": time,
        "type": "summary",
        "ok": ok,
        "runs": runs,
        "held": tally.held,
        "paused": sorted(tally.paused),
        "notEvaluated": tally.faults,
        "left": left,
    }
    return encode(told).decode()
