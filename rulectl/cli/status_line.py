"""One line at the bottom of a terminal that is written over and over; on anything else, nothing."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rulectl.cli.output import shortened

_CLEAR = "\r\x1b[K"


class StatusLine:
    """Any thread may use it."""

    def __init__(self, err: TextIO) -> None:
        self.is_live = err.isatty()
        """Whether a person sees it."""
        self._err = err
        self._lock = threading.RLock()  # guards the terminal and the text
        self._text = ""

    def show(self, text: str) -> None:
        """Puts `text` in the place of what was there."""
        if not self.is_live:
            return
        with self._lock:
            self._text = text
            width = shutil.get_terminal_size().columns
            self._err.write(_CLEAR + shortened(text, width - 1))
            self._err.flush()

    def clear(self) -> None:
        """Takes it away."""
        if self.is_live and self._text:
            self.show("")

    def say(self, text: str) -> None:
        """Writes a line of its own to the same stream, for good."""
        with self.hidden():
            self._err.write(f"{text}\n")
            self._err.flush()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Within it the line is away, so that other lines can be written; no other thread shows it meanwhile."""
        with self._lock:
            text = self._text
            self.clear()
            yield
            if text:
                self.show(text)
