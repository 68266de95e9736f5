"""A child process that is bounded in time and output, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Final

from rulectl.clock import Clock
from rulectl.errors import PermanentError, TransientError

MOST_OUTPUT: Final = 65_536
_TICK: Final = 0.1
"""Seconds between two looks at the deadline, the stop event and the child."""
_CHUNK: Final = 16_384


@dataclass(frozen=True, slots=True)
class Command:
    """What to run: a program and its arguments, never a shell's line; `repr` shows only these."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    working_directory: str = "/"
    stdin: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: `status` as in a shell (128 + the signal's number when one killed it)."""

    status: int
    stdout: bytes
    stderr: bytes
    is_truncated: bool


def run_process(command: Command, *, clock: Clock, deadline: float, stop: threading.Event) -> Ended:
    """Runs `command` to its end, reading at most 64 KiB of each of its outputs; the rest is thrown away.

    It runs in a process group of its own. When `deadline` (monotonic) passes or `stop` is set, and also when
    the program itself has ended, everything in that group is killed.

    Raises:
        TransientError: it was killed before its end.
        PermanentError: it could not be started.
    """
    with _started(command) as child, contextlib.closing(_Output(child)) as output:
        try:
            output.feed(command.stdin)
            while not _has_ended(child):
                output.step(_TICK)
                if stop.is_set():
                    raise TransientError(f"{command.arguments[0]} was killed: rulectl is stopping")
                if clock.monotonic() >= deadline:
                    raise TransientError(f"{command.arguments[0]} was killed: the action's timeout has passed")
        finally:
            # Before the child is reaped its number cannot belong to anybody else.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        # What is in the pipes is read; an end that somebody else still holds open is not waited for.
        while output.step(0):
            pass
        code = child.wait()
    status = 128 - code if code < 0 else code
    return Ended(status, bytes(output.stdout), bytes(output.stderr), output.is_truncated)


def _started(command: Command) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - an argument list from a rule; exec has to be allowed by a flag
            list(command.arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(command.environment),
            cwd=command.working_directory,
            start_new_session=True,
        )
    except FileNotFoundError as fault:
        raise PermanentError(f"{fault.filename} does not exist; name a program by its path") from fault
    except (OSError, ValueError) as fault:
        raise PermanentError(f"{command.arguments[0]} cannot be started: {fault}") from fault


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Whether the program has ended; it is not reaped by this."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


class _Output:
    """Feeds a child and keeps the beginning of what it writes, without ever blocking on it."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.is_truncated = False
        self._child = child
        self._unsent = memoryview(b"")
        self._selector = selectors.DefaultSelector()
        for stream, kept in ((child.stdout, self.stdout), (child.stderr, self.stderr)):
            assert stream is not None
            os.set_blocking(stream.fileno(), False)
            self._selector.register(stream, selectors.EVENT_READ, (stream, kept))

    def feed(self, data: bytes) -> None:
        """`data` is what the child reads."""
        stdin = self._child.stdin
        assert stdin is not None
        self._unsent = memoryview(data)
        if not data:
            stdin.close()
            return
        os.set_blocking(stdin.fileno(), False)
        self._selector.register(stdin, selectors.EVENT_WRITE, (stdin, None))

    def close(self) -> None:
        """Gives back what is needed for waiting; the child's streams stay open."""
        self._selector.close()

    def step(self, seconds: float) -> bool:
        """Waits for something to move, and moves it; whether anything did."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            stream, kept = key.data
            if kept is None:
                self._write(stream)
            else:
                self._read(stream, kept)
        return bool(ready)

    def _read(self, stream: IO[bytes], kept: bytearray) -> None:
        chunk = os.read(stream.fileno(), _CHUNK)
        if not chunk:
            self._selector.unregister(stream)
            return
        room = MOST_OUTPUT - len(kept)
        self.is_truncated = self.is_truncated or len(chunk) > room
        kept.extend(chunk[: max(0, room)])

    def _write(self, stream: IO[bytes]) -> None:
        try:
            sent = os.write(stream.fileno(), self._unsent[:_CHUNK])
        except BrokenPipeError:
            sent = len(self._unsent)
        self._unsent = self._unsent[sent:]
        if not self._unsent:
            self._selector.unregister(stream)
            stream.close()
