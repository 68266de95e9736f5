"""One process of a plugin, seen from rulectl: calls go in, questions and one end come out."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Final

from rulectl.action.isolation import wire
from rulectl.clock import Clock
from rulectl.errors import PermanentError, TransientError

_TICK: Final = 0.1
"""Seconds between two looks at the deadline and the stop event."""
_CHUNK: Final = 65_536
_LAST_WORDS: Final = 2_000
"""Characters of what a process printed that are told when it has ended."""


class PluginEnded(Exception):  # noqa: N818 - says what happened
    """The process is gone, or speaks nonsense, in the middle of a call."""


class PluginProcess:
    """A child that runs one call at a time. Whoever makes it has to `kill` it."""

    def __init__(self) -> None:
        """Starts it.

        Raises:
            PermanentError: it cannot be started.
        """
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        try:
            # -P: whatever lies in the working folder does not stand in for a library.
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "rulectl.action.isolation.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as fault:
            raise PermanentError(f"a process for the plugin cannot be started: {fault}") from fault
        child = self._child
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        self._in, self._out, self._err = child.stdin, child.stdout, child.stderr
        for pipe in (self._in, self._out, self._err):
            os.set_blocking(pipe.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._out, selectors.EVENT_READ)
        self._selector.register(self._err, selectors.EVENT_READ)
        self._unsent = b""
        self._buffer = bytearray()
        self._open_pipes = 2

    def call(
        self,
        call: wire.Call,
        answer: Callable[[wire.Question | wire.Say], wire.Answer | None],
        printed: Callable[[str], None],
        *,
        clock: Clock,
        deadline: float,
        stop: threading.Event,
    ) -> wire.Over:
        """The end of `call`; until then its questions are given to `answer`, what it prints to `printed`.

        Raises:
            PluginEnded: the process is gone, or does not keep to the messages.
            TransientError: `deadline` (monotonic) has passed, or rulectl is stopping; the process has to be killed.
        """
        self._unsent = wire.line_of(call)
        while True:
            for line in self._lines(printed):
                frame = self._frame(line)
                if isinstance(frame, wire.Over):
                    self._step(0, printed)  # what it printed came before its end
                    return frame
                reply = answer(frame)
                if reply is not None:
                    self._unsent += wire.line_of(reply)
            if stop.is_set():
                raise TransientError("the plugin's process was killed: rulectl is stopping")
            if clock.monotonic() >= deadline:
                raise TransientError("the plugin's process was killed: the action's timeout has passed")

    @property
    def is_alive(self) -> bool:
        """Whether it can take another call."""
        return self._child.poll() is None

    def kill(self) -> int:
        """Ends it with all that it started; its exit status (negative: the signal)."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._selector.close()
        for pipe in (self._in, self._out, self._err):
            with contextlib.suppress(OSError):
                pipe.close()
        return self._child.wait()

    def _lines(self, printed: Callable[[str], None]) -> list[bytes]:
        """Whole messages that have come by now, after a short wait for some."""
        self._step(_TICK, printed)
        *whole, rest = self._buffer.split(b"\n")
        self._buffer = bytearray(rest)
        if not whole and len(rest) > wire.LONGEST_LINE:
            raise PluginEnded(f"the plugin's process sent more than {wire.LONGEST_LINE >> 20} MiB at once")
        if not whole and self._open_pipes == 0:
            raise PluginEnded(f"the plugin's process {self._ending()}")
        return [bytes(line) for line in whole]

    def _step(self, seconds: float, printed: Callable[[str], None]) -> None:
        wanted = selectors.EVENT_WRITE if self._unsent else 0
        registered = self._selector.get_map().get(self._in.fileno())
        if wanted and registered is None:
            self._selector.register(self._in, wanted)
        elif not wanted and registered is not None:
            self._selector.unregister(self._in)
        for key, _ in self._selector.select(seconds):
            if key.fileobj is self._in:
                self._write()
            elif key.fileobj is self._out:
                self._buffer += self._read(self._out.fileno())
            else:
                text = self._read(self._err.fileno())
                if text:
                    printed(text.decode("utf-8", "replace"))

    def _write(self) -> None:
        try:
            self._unsent = self._unsent[os.write(self._in.fileno(), self._unsent[:_CHUNK]) :]
        except BrokenPipeError:
            self._unsent = b""  # the end of what it sends tells the rest

    def _read(self, descriptor: int) -> bytes:
        data = os.read(descriptor, _CHUNK)
        if not data:
            self._selector.unregister(descriptor)
            self._open_pipes -= 1
        return data

    def _ending(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self._child.wait(1.0)
            return f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return "closed its pipes"

    @staticmethod
    def _frame(line: bytes) -> wire.FromPlugin:
        try:
            return wire.from_plugin(line)
        except ValueError as fault:
            raise PluginEnded(f"the plugin's process sent no message: {fault}") from fault
