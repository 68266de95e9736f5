"""The problems of one file while it is read, up to a limit."""

from __future__ import annotations

from dataclasses import dataclass, field

from rulectl.problem import Problem
from rulectl.rule.source import Source


@dataclass(slots=True)
class Faults:
    """Collects the problems of one file; after `limit` one more says that the rest are not shown."""

    source: Source
    limit: int
    problems: list[Problem] = field(default_factory=list)
    full: bool = False

    def add(self, problem: Problem) -> None:
        """Keeps `problem`, unless the limit was reached."""
        if self.full:
            return
        if len(self.problems) >= self.limit:
            self.full = True
            message = f"more than {self.limit} faults in this file; the rest are not shown"
            problem = self.source.problem("RC112", message, problem.place, hint="mend these first")
        self.problems.append(problem)

    def report(self, code: str, message: str, start: int, end: int | None = None, hint: str = "") -> None:
        """Adds a problem with the text from index `start` to `end`."""
        self.add(self.source.problem(code, message, self.source.place(start, end), hint=hint))
