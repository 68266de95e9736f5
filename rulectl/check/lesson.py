"""What a code means, with an example that is wrong and one that is right."""

from __future__ import annotations

import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass

from rulectl.rule.codes import CODES
from rulectl.rule.reading import read_bytes
from rulectl.value import mapping, text


@dataclass(frozen=True, slots=True)
class Lesson:
    """One code: what it means, why it is a fault, and parts of a rule's spec that have it and that have it not.

    `why` and the examples are empty where the meaning says it all.
    """

    code: str
    meaning: str
    why: str = ""
    wrong: str = ""
    right: str = ""

    def __str__(self) -> str:
        """As people read it; ends without a line break."""
        parts = [f"{self.code}: {self.meaning}"]
        parts += [self.why] if self.why else []
        for title, example in (("Wrong:", self.wrong), ("Right:", self.right)):
            if example:
                parts.append("\n".join([title, *(f"    {line}" for line in example.rstrip("\n").split("\n"))]))
        return "\n\n".join(parts)


def lesson(code: str) -> Lesson | None:
    """The lesson of a code, in any case of letters; None when there is no such code."""
    return _lessons().get(code.upper())


@functools.cache
def _lessons() -> Mapping[str, Lesson]:
    data = importlib.resources.files(__package__).joinpath("lessons.yaml").read_bytes()
    [document] = read_bytes("lessons.yaml", data).documents
    examples = mapping(document.value)
    return {code: _lesson(code, meaning, mapping(examples.get(code))) for code, meaning in CODES.items()}


def _lesson(code: str, meaning: str, example: Mapping[str, object]) -> Lesson:
    why, wrong, right = (text(example.get(key)) for key in ("why", "wrong", "right"))
    return Lesson(code, meaning, why, wrong, right)
