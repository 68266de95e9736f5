"""Writes reports from a thread of its own: a slow reader of the output never slows a worker."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Literal, TextIO

from rulectl.cli.moment import clock_time, rfc3339
from rulectl.cli.output import Palette
from rulectl.cli.reporting import json_of, text_of
from rulectl.cli.status_line import StatusLine
from rulectl.cli.tally import Tally
from rulectl.controller.report import Notice, Report

KEPT = 20_000
"""So many reports may wait to be written; after that they are dropped and counted."""
GATHER_SECONDS = 0.05
"""Where no person looks on, lines of so long are written at once: to wake for each costs more than to make it."""
_MOST_LINES = 500
"""In one write."""


class Printer:
    """Its `report` may be called from any thread; `close` writes what is left."""

    def __init__(
        self,
        out: TextIO,
        form: Literal["text", "json"],
        palette: Palette,
        status: StatusLine,
        on_broken: Callable[[], None],
        tally: Tally | None = None,
    ) -> None:
        """`on_broken` is called once if nobody reads the output any more; `tally` counts what is reported."""
        self._tally = tally
        self.is_broken = False
        self._out = out
        self._form = form
        self._palette = palette
        self._status = status
        self._on_broken = on_broken
        self._gather_seconds = 0.0 if out.isatty() else GATHER_SECONDS
        self._waiting: deque[tuple[float, Report]] = deque()
        self._dropped = 0
        self._news = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write_all, name="printer", daemon=True)
        self._thread.start()

    def report(self, report: Report) -> None:
        """Takes a report; returns at once."""
        if len(self._waiting) >= KEPT:
            self._dropped += 1  # a lost count between threads would not matter
            return
        self._waiting.append((time.time(), report))
        if not self._news.is_set():
            self._news.set()

    def close(self) -> None:
        """Writes all that has been reported, and ends."""
        self._closing.set()
        self._news.set()
        self._thread.join()

    def _write_all(self) -> None:
        while not self._closing.is_set():
            self._news.wait()
            self._closing.wait(self._gather_seconds)
            self._news.clear()  # before the look: what comes after it sets it again
            self._write_waiting()
        self._write_waiting()

    def _write_waiting(self) -> None:
        while self._waiting:
            entries = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_LINES))]
            if self._tally is not None:
                for _, report in entries:
                    self._tally.add(report)
            self._write(self._line(now, report) for now, report in entries)
            if self._dropped and len(self._waiting) < KEPT // 2:
                dropped, self._dropped = self._dropped, 0
                told = Notice(f"{dropped} lines were left out: the output is read too slowly", "warning")
                self._write([self._line(entries[-1][0], told)])

    def _line(self, now: float, report: Report) -> str:
        if self._form == "json":
            return f"{json_of(report, rfc3339(now))}\n"
        return f"{text_of(report, clock_time(now), self._palette)}\n"

    def _write(self, lines: Iterable[str]) -> None:
        if self.is_broken:
            return
        try:
            with self._status.hidden():
                self._out.write("".join(lines))
                self._out.flush()
        except (OSError, ValueError):
            self.is_broken = True
            self._on_broken()
