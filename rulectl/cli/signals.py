"""SIGTERM and SIGINT: the first asks to stop, the second ends the process at once."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGTERM, signal.SIGINT)
SAME_SECONDS = 0.3
"""Signals so close to the first are the same wish: timeout(1) sends each twice."""


@contextmanager
def stop_on_signals(on_first: Callable[[str], None], on_second: Callable[[int], None]) -> Iterator[None]:
    """Within it, the first signal calls `on_first` with its name, a later one `on_second` with its number.

    Both are called on a thread of their own, so they work while the main thread is stuck in a system call.
    To be entered on the main thread; before, it must hold that signals have Python's own handlers.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    # Python's C-level handler writes the number to this socket, whatever the main thread is doing.
    wakeup_before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    before = {number: signal.signal(number, _nothing) for number in SIGNALS}
    listener = threading.Thread(target=_listen, args=(reader, on_first, on_second), name="signals", daemon=True)
    listener.start()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup_before)
        writer.close()
        listener.join()
        reader.close()


def end_at_once(number: int) -> None:
    """Ends the process with the status that shells give for signal `number`; nothing is cleaned up."""
    os._exit(128 + number)


def _nothing(number: int, frame: object) -> None:
    """Keeps Python from its default action; the listener does the work."""


def _listen(reader: socket.socket, on_first: Callable[[str], None], on_second: Callable[[int], None]) -> None:
    first: float | None = None
    while received := reader.recv(64):
        for number in received:
            if number not in SIGNALS:
                continue
            if first is None:
                first = time.monotonic()
                on_first(signal.Signals(number).name)
            elif time.monotonic() - first >= SAME_SECONDS:
                on_second(number)
