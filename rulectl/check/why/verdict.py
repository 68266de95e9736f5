"""Whether a rule would fire for an object, and why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rulectl.check.why.finding import MARKS, Answer, Finding
from rulectl.value import Value

Outcome: TypeAlias = Literal["fires", "waits", "resolves", "nothing", "unknown"]
TITLES: dict[Outcome, str] = {
    "fires": "it fires",
    "waits": "it would fire, but waits",
    "resolves": "its `resolved` actions run",
    "nothing": "nothing happens",
    "unknown": "this cannot be told",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One action that would run: what it would do, or why it would not."""

    name: str
    plugin: str
    answer: Answer
    detail: str
    parameters: Value = None


@dataclass(frozen=True, slots=True)
class Why:
    """A judgement with all that led to it. `event` is what the step is to the rule; `reason` is in words."""

    rule: str
    subject: str
    event: str
    outcome: Outcome
    reason: str
    scope: tuple[Finding, ...] = ()
    changed: tuple[Finding, ...] = ()
    when: Finding | None = None
    clocks: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Value]:
        """The same for machines."""
        acts: list[Value] = [
            {"name": one.name, "action": one.plugin, "runs": one.answer, "detail": one.detail, "would": one.parameters}
            for one in self.acts
        ]
        return {
            "rule": self.rule,
            "object": self.subject,
            "event": self.event,
            "outcome": self.outcome,
            "reason": self.reason,
            "scope": [finding.as_json() for finding in self.scope],
            "changed": [finding.as_json() for finding in self.changed],
            "when": None if self.when is None else self.when.as_json(),
            "clocks": list(self.clocks),
            "actions": acts,
            "notes": list(self.notes),
        }

    def text(self) -> str:
        """For people; ends with a line break."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.rule}, {self.subject}, as {self.event}: {TITLES[self.outcome]}"
        yield f"  {self.reason}"
        for title, findings in (
            ("in its scope", self.scope),
            ("changed, any of", self.changed),
            ("when, all of", _top(self.when)),
        ):
            if findings:
                yield f"  {title}:"
                for finding in findings:
                    yield from finding.lines("    ")
        if self.clocks:
            yield "  then:"
            yield from (f"    {clock}" for clock in self.clocks)
        if self.acts:
            yield "  actions:"
            for one in self.acts:
                plugin = "" if one.plugin == one.name else f" ({one.plugin})"
                yield f"    {MARKS[one.answer]:<4} {one.name}{plugin}" + (f": {one.detail}" if one.detail else "")
        yield from (f"  note: {note}" for note in self.notes)


def _top(when: Finding | None) -> tuple[Finding, ...]:
    if when is None:
        return ()
    return when.parts or (when,)
