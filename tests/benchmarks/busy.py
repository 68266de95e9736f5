"""The plugin that computes and computes, for `tests.benchmarks.ingest`."""

from __future__ import annotations

from rulectl.action import ActionContext, Done, Outcome, action


@action()
def busy(context: ActionContext, *, seconds: float) -> Outcome:
    """Compute, in Python, on one thread."""
    context.log("computing")
    end = context.clock.monotonic() + seconds
    rounds = 0
    while context.clock.monotonic() < end and not context.stop.is_set():
        rounds += sum(range(1000)) > 0
    return Done(f"{rounds} rounds")
