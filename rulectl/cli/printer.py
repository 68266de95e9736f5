"""Writes reports as they come, from a thread of its own: a slow reader of the output never slows a worker."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Literal, TextIO

from rulectl.cli.moment import clock_time, rfc3339
from rulectl.cli.output import Palette
from rulectl.cli.reporting import json_of, text_of
from rulectl.cli.status_line import StatusLine
from rulectl.cli.tally import Tally
from rulectl.controller.report import Notice, Report

KEPT = 20_000
"""So many reports may wait to be written; after that they are dropped and counted."""


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
        self._waiting: queue.Queue[tuple[float, Report] | None] = queue.Queue(KEPT)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write_all, name="printer", daemon=True)
        self._thread.start()

    def report(self, report: Report) -> None:
        """Takes a report; returns at once."""
        try:
            self._waiting.put_nowait((time.time(), report))
        except queue.Full:
            self._dropped += 1  # a lost count between threads would not matter

    def close(self) -> None:
        """Writes all that has been reported, and ends."""
        self._waiting.put(None)
        self._thread.join()

    def _write_all(self) -> None:
        while (entry := self._waiting.get()) is not None:
            now, report = entry
            if self._tally is not None:
                self._tally.add(report)
            self._write(now, report)
            if self._dropped and self._waiting.qsize() < KEPT // 2:
                dropped, self._dropped = self._dropped, 0
                self._write(now, Notice(f"{dropped} lines were left out: the output is read too slowly", "warning"))

    def _write(self, now: float, report: Report) -> None:
        if self.is_broken:
            return
        if self._form == "json":
            line = json_of(report, rfc3339(now))
        else:
            line = text_of(report, clock_time(now), self._palette)
        try:
            with self._status.hidden():
                self._out.write(f"{line}\n")
                self._out.flush()
        except (OSError, ValueError):
            self.is_broken = True
            self._on_broken()
