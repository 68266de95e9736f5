"""The text of one file: lines, columns, and the problem at a place in it."""

from __future__ import annotations

import bisect
import re

from rulectl.problem import Place, Problem, Severity

_BREAK = re.compile(r"\r\n|\n|\r")


class Source:
    """A file's text under the name that problems show.

    Lines and columns are 1-based; columns count characters.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def place(self, start: int, end: int | None = None) -> Place:
        """The place of the text from index `start` to `end` (cut at the end of the line)."""
        start = max(0, min(start, len(self.text)))
        line = bisect.bisect_right(self._starts, start)
        column = start - self._starts[line - 1] + 1
        if end is None or end <= start:
            return Place(self.file, line, column)
        last = self._starts[line - 1] + len(self.line(line))
        return Place(self.file, line, column, column + max(1, min(end, last) - start))

    def line(self, number: int) -> str:
        """The text of a line without its break; empty when there is no such line."""
        if not 1 <= number <= len(self._starts):
            return ""
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end].rstrip("\r\n")

    def problem(
        self,
        code: str,
        message: str,
        place: Place,
        *,
        hint: str = "",
        severity: Severity = Severity.ERROR,
        rule: str = "",
    ) -> Problem:
        """A problem at `place`, with the line it stands in."""
        return Problem(place, code, message, severity, hint, self.line(place.line), rule)
