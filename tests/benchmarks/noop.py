"""The plugin that does nothing, for `tests.benchmarks.actions`."""

from __future__ import annotations

from rulectl.action import ActionContext, Done, Outcome, action


@action()
def noop(context: ActionContext) -> Outcome:  # noqa: ARG001 - every action is given one
    """Do nothing."""
    return Done()
