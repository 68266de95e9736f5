"""What plugins print: a few lines of it for the log, never a flood, and never between rulectl's own lines."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, TextIO

from rulectl.action.contract import Level, Log

MOST_LINES: Final = 50
"""Lines of one call that reach the log, logged and printed ones together."""
LONGEST_LINE: Final = 2_000
"""Characters; the rest of a longer line is dropped."""
_LONGEST_KEPT: Final = 65_536
"""Characters of a line that are looked at, for secrets."""
_mine = threading.local()


class Chatter:
    """Passes on the first lines of one call and counts the rest. One thread at a time may print.

    `mask` takes secrets out before a line is cut: half of one would not be found any more. `close` says how
    much was dropped.
    """

    def __init__(self, log: Log, mask: Callable[[str], str] = str) -> None:
        self._log = log
        self._mask = mask
        self._lines = 0
        self._dropped = 0
        self._partial = ""

    def say(self, line: str, level: Level = "info") -> None:
        """One line that the plugin means for the log."""
        if self._lines >= MOST_LINES:
            self._dropped += 1
            return
        self._lines += 1
        line = self._mask(line[:_LONGEST_KEPT])
        self._log(line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…", level)

    def print(self, text: str) -> None:
        """Some text as it is printed, in pieces that need not be lines."""
        *whole, rest = text.split("\n")
        if whole:
            whole[0] = self._partial + whole[0]
            self._partial = ""
        for line in whole:
            if line.strip():
                self.say(line.rstrip())
        self._partial = (self._partial + rest)[:_LONGEST_KEPT]

    def close(self) -> None:
        """The call is over."""
        if self._partial.strip():
            self.say(self._partial.rstrip())
        self._partial = ""
        if self._dropped:
            count = f"{self._dropped} more line{'' if self._dropped == 1 else 's'}"
            self._log(f"{count} of its output were dropped; a plugin may say {MOST_LINES} lines a run", "warning")


@contextlib.contextmanager
def printing_to(chatter: Chatter) -> Iterator[None]:
    """What this thread prints meanwhile goes to `chatter`, where `contained_printing` is in force."""
    before = getattr(_mine, "print", None)
    _mine.print = chatter.print
    try:
        yield
    finally:
        _mine.print = before
        chatter.close()


def printed(text: str) -> None:
    """Some text that a plugin printed elsewhere, in its own process, on behalf of this thread."""
    current: Callable[[str], None] | None = getattr(_mine, "print", None)
    if current is not None:
        current(text)


@contextlib.contextmanager
def contained_printing() -> Iterator[None]:
    """Meanwhile ``print``, and all that writes to `sys.stdout` or `sys.stderr`, is kept apart by thread.

    A thread that runs an action has its lines in the log. Other threads but the one that called this are plugins'
    own: nobody asked for what they print, it is dropped. What is written to the descriptors 1 and 2 themselves
    (by a program that a plugin starts, by a C library) is not caught; in a process of its own it is.
    """
    before = sys.stdout, sys.stderr
    owner = threading.get_ident()
    sys.stdout, sys.stderr = _ByThread(before[0], owner), _ByThread(before[1], owner)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


class _ByThread(io.TextIOBase):
    def __init__(self, original: TextIO, owner: int) -> None:
        super().__init__()
        self._original = original
        self._owner = owner

    def write(self, text: str) -> int:
        current: Callable[[str], None] | None = getattr(_mine, "print", None)
        if current is not None:
            current(text)
        elif threading.get_ident() == self._owner:
            self._original.write(text)
        return len(text)

    def flush(self) -> None:
        if threading.get_ident() == self._owner:
            self._original.flush()

    def isatty(self) -> bool:
        return self._original.isatty()

    def fileno(self) -> int:
        return self._original.fileno()

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]  # io has it as a property too
        return self._original.encoding

    @property
    def buffer(self) -> BinaryIO:
        """For bytes: the owner's are written, a plugin's are dropped."""
        return self._original.buffer if threading.get_ident() == self._owner else io.BytesIO()
