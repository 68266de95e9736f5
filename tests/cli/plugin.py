"""A plugin as a user would write it: one function and one action."""

from __future__ import annotations

from rulectl.action import ActionContext, Done, Outcome, action
from rulectl.expression import Function, Kind, Parameter

shout = Function(
    "shout",
    (Parameter("text", Kind.STRING),),
    Kind.STRING,
    "The text, louder.",
    lambda text: f"{text.upper()}!",
    ("shout('a')", "A!"),
)


@action()
def page(context: ActionContext, who: str, urgent: bool = False) -> Outcome:
    """Page somebody.

    Args:
        context: Of the call.
        who: Whom to wake.
        urgent: Whether to wake them at night.
    """
    return Done(f"{context.key} paged {who} {urgent}")
