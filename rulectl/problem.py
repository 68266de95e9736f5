"""Faults in rule files, as values: place, code, message; collected and shown together."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """How much a problem weighs: an error keeps the rule from loading, a warning does not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in a file, 1-based; `end_column` is one past the last character (0: not known).

    `line` 0 means the file as a whole.
    """

    file: str
    line: int = 0
    column: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: `code` is stable and can be looked up with ``rulectl explain CODE``.

    `hint` says what to do ("did you mean 'containers'?"); `source` is the line of the file
    it was found in, so that a report needs not to read the file again.
    """

    place: Place
    code: str
    message: str
    severity: Severity = Severity.ERROR
    hint: str = ""
    source: str = ""
    rule: str = ""

    def __str__(self) -> str:
        tail = f" ({self.hint})" if self.hint else ""
        return f"{self.place}: {self.code} {self.message}{tail}"


def has_errors(problems: Iterable[Problem]) -> bool:
    """Whether any of them keeps something from loading."""
    return any(problem.severity is Severity.ERROR for problem in problems)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """By file, line and column, each problem once."""
    return sorted(set(problems), key=lambda p: (p.place, p.code, p.message))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a misspelt one most likely meant, or None when none is near.

    Case and the usual one-letter slips are forgiven; a far-off word suggests nothing.
    """
    import difflib  # noqa: PLC0415 - only needed when something is wrong

    candidates = sorted(set(known))
    lowered = {candidate.lower(): candidate for candidate in candidates}
    if word.lower() in lowered:
        return lowered[word.lower()]
    close = difflib.get_close_matches(word.lower(), list(lowered), n=1, cutoff=0.7)
    return lowered[close[0]] if close else None
