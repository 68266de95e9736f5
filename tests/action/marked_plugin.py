"""A module that brings two actions, and imports a third one that is not its own."""

from dataclasses import dataclass
from typing import ClassVar

from rulectl.action import ActionContext, Done, Outcome, action
from tests.action.plugins import Page

__all__ = ["First", "Page", "second"]


@dataclass(frozen=True)
class First:
    """The first."""

    name: ClassVar[str] = "first"

    def run(self, context: ActionContext) -> Outcome:
        return Done(context.rule)


@action()
def second(context: ActionContext) -> None:
    """The second."""
    context.log("second")
