"""`log`: a line in rulectl's log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from rulectl.action.contract import ActionContext
from rulectl.action.outcome import Done, Outcome
from rulectl.value import Value, encode


@dataclass(frozen=True, slots=True)
class Log:
    """Write a line to rulectl's log."""

    name: ClassVar[str] = "log"

    message: object
    """The line; what is not text is written as JSON."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """How much it weighs."""

    def run(self, context: ActionContext) -> Outcome:
        """Logs the line; when the action is tried again, again."""
        line = self._line()
        context.log(line, self.level)
        return Done(line)

    def describe(self, context: ActionContext) -> Value:  # noqa: ARG002 - the protocol's signature
        """The line."""
        return {"level": self.level, "message": self._line()}

    def _line(self) -> str:
        return self.message if isinstance(self.message, str) else encode(self.message).decode()
