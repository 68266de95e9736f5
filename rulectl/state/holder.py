"""Who holds a state, and the file lock by which a process on the same machine keeps it."""

from __future__ import annotations

import fcntl
import os
import socket
import weakref
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rulectl.errors import PermanentError
from rulectl.value import decode, encode, mapping, text


@dataclass(frozen=True, slots=True)
class Holder:
    """One process that uses a state; `since` is wall-clock seconds, `token` is drawn anew by each holder."""

    pid: int
    host: str
    since: float
    token: str = ""

    @classmethod
    def this_process(cls, now: float, token: str = "") -> Holder:
        """Ourselves. In a pod the host is the pod's name."""
        return cls(os.getpid(), socket.gethostname(), now, token)

    @classmethod
    def of(cls, value: object) -> Holder | None:
        """The holder that decoded JSON says; None: it says none."""
        said = mapping(value)
        pid, since = said.get("pid"), said.get("since")
        if not isinstance(pid, int) or not isinstance(since, int | float):
            return None
        return cls(pid, text(said.get("host")), float(since), text(said.get("token")))

    def to_json(self) -> dict[str, int | float | str]:
        """What `of` reads."""
        return {"pid": self.pid, "host": self.host, "since": self.since, "token": self.token}

    def __str__(self) -> str:
        since = datetime.fromtimestamp(self.since, UTC).strftime("%Y-%m-%d %H:%M:%S")
        return f"process {self.pid} on {self.host}, since {since} UTC"


class InUse(PermanentError):  # noqa: N818 - says what is so, like its siblings
    """Another process works with it."""


class FileLock:
    """Held by one process at a time, until it lets go or ends in whatever way: the system sees to that.

    The lock is flock(2) on a file of its own that is never removed. On network file systems it may not hold
    between machines.
    """

    def __init__(self, path: Path, what: str, holder: Holder) -> None:
        """Takes the lock; what the file says beside it is only for the message.

        Raises:
            InUse: another process holds `what`.
            PermanentError: the file cannot be made.
        """
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise PermanentError(
                f"{what} cannot be used: {path} cannot be written: {error.strerror};"
                " make its folder writable, or give another place with --state sqlite:PATH"
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            found = self._said()
            os.close(self._descriptor)
            raise InUse(
                f"{what} is in use by {found or 'another process'}: one state serves one rulectl at a time;"
                " end that process, or use another --name or --state"
            ) from error
        except OSError as error:
            os.close(self._descriptor)
            raise PermanentError(
                f"{what} cannot be locked: {error.strerror}; give a place on a local disk with --state sqlite:PATH"
            ) from error
        _close_in_forks(self)
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, encode(holder.to_json()), 0)

    @property
    def is_released(self) -> bool:
        """Whether `release` was called."""
        return self._descriptor < 0

    def release(self) -> None:
        """Lets go; can be repeated."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1

    def forget(self) -> None:
        """Closes the file without unlocking it: in a child process that got it by fork, and must not keep it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _said(self) -> Holder | None:
        try:
            return Holder.of(decode(os.pread(self._descriptor, 4096, 0)))
        except ValueError:
            return None  # it is just being written, or was by an older version


def _close_in_forks(lock: FileLock) -> None:
    """A child that outlives the process would hold the lock in its place."""
    found = weakref.ref(lock)

    def close() -> None:
        held = found()
        if held is not None:
            held.forget()

    os.register_at_fork(after_in_child=close)
