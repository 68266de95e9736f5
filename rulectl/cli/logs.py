"""Where the package's log lines go: to stderr, one line each, tracebacks only when asked for."""

from __future__ import annotations

import logging
import sys
import threading
import time


def log_to_stderr(*, debug: bool) -> None:
    """From now on warnings (with `debug` everything) are written; a thread that dies says so in a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line(debug=debug))
    root = logging.getLogger("rulectl")
    root.handlers[:] = [handler]
    root.propagate = False
    root.setLevel(logging.DEBUG if debug else logging.WARNING)
    for foreign in ("urllib3", "asyncio", "aiohttp", "kubernetes"):
        logging.getLogger(foreign).handlers[:] = [handler]
        logging.getLogger(foreign).propagate = False
        logging.getLogger(foreign).setLevel(logging.INFO if debug else logging.ERROR)
    threading.excepthook = _thread_ended


class _Line(logging.Formatter):
    def __init__(self, *, debug: bool) -> None:
        super().__init__()
        self._debug = debug

    def format(self, record: logging.LogRecord) -> str:
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        line = f"{clock} {record.levelname.lower()}: {record.getMessage()}"
        fault = record.exc_info[1] if record.exc_info else None
        if fault is None:
            return line
        if self._debug and record.exc_info:
            return f"{line}\n{self.formatException(record.exc_info)}"
        return f"{line}: {type(fault).__name__}: {fault}"


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_type is SystemExit:
        return
    name = ended.thread.name if ended.thread is not None else "?"
    fault = ended.exc_value or ended.exc_type()
    information = (ended.exc_type, fault, ended.exc_traceback)
    logging.getLogger("rulectl.cli").error(
        "internal error: thread %r has ended; please report it", name, exc_info=information
    )
