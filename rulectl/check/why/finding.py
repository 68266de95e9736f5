"""What was judged, part by part, with the values that decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rulectl.value import Value

Answer: TypeAlias = Literal["yes", "no", "unknown", "not asked"]
"""``not asked``: something before it has decided already, so the engine does not look at it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One part of a judgement: `text` as the rule has it, the answer, and in words the values behind it."""

    text: str
    answer: Answer
    detail: str = ""
    parts: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, Value]:
        """The same for machines."""
        found: dict[str, Value] = {"text": self.text, "answer": self.answer}
        found |= {"detail": self.detail} if self.detail else {}
        return found | ({"parts": [part.as_json() for part in self.parts]} if self.parts else {})

    def lines(self, indent: str = "") -> Iterator[str]:
        """For people: a mark, the text, what decided."""
        detail = f"  ({self.detail})" if self.detail else ""
        yield f"{indent}{MARKS[self.answer]:<4} {self.text}{detail}"
        for part in self.parts:
            yield from part.lines(indent + "  ")


MARKS: dict[Answer, str] = {"yes": "yes", "no": "no", "unknown": "?", "not asked": "-"}


def answered(holds: bool | None) -> Answer:
    """The answer that a truth value stands for; None is unknown."""
    return "unknown" if holds is None else "yes" if holds else "no"
