"""What came of a run of the engine, in numbers; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from rulectl.controller.report import Fault, Held, Paused, Report, RunEnded

_WORDS = {
    "succeeded": "succeeded",
    "would": "shown only",
    "failed": "failed for good",
    "retry": "not done yet",
}


@dataclass(slots=True)
class Tally:
    """Counts runs by how they stand at last: a run that was tried again counts once."""

    held: int = 0
    paused: set[str] = field(default_factory=set)
    faults: int = 0
    _runs: dict[tuple[object, ...], str] = field(default_factory=dict)

    def add(self, report: Report) -> None:
        """Takes a report into account."""
        match report:
            case RunEnded():
                self._runs[report.rule, report.key, report.target, report.number] = report.outcome
            case Held(_, count):
                self.held += count
            case Paused(rule):
                self.paused.add(rule)
            case Fault():
                self.faults += 1
            case _:
                pass

    @property
    def runs(self) -> Mapping[str, int]:
        """How many runs there were, by outcome."""
        return Counter(self._runs.values())

    @property
    def is_fine(self) -> bool:
        """Whether nothing failed, was held, or is left undone."""
        runs = self.runs
        return not (runs.get("failed") or runs.get("retry") or self.held or self.paused or self.faults)

    def text(self) -> str:
        """One line: ``12 runs: 10 succeeded, 2 failed for good; 1 held``."""
        runs = self.runs
        total = sum(runs.values())
        parts = ", ".join(f"{runs[name]} {word}" for name, word in _WORDS.items() if runs.get(name))
        line = f"{total} run{'' if total == 1 else 's'}" + (f": {parts}" if parts else "")
        if self.held:
            line = f"{line}; {self.held} held"
        if self.paused:
            line = f"{line}; paused: {', '.join(sorted(self.paused))}"
        return f"{line}; {self.faults} not evaluated" if self.faults else line
