"""A program under measurement, as the operating system sees it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_TICKS = os.sysconf("SC_CLK_TCK")
REPOSITORY = Path(__file__).parents[2]
QUIET_CPU_SECONDS = 0.02
"""A process that needs no more than this in a second has nothing to do."""


def environ_of_measured() -> dict[str, str]:
    """This process's, but compiled modules are kept, as they are where a package is installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "rulectl-benchmarks-pycache")}


class Process:
    """Starts a program; as a context manager it ends it too. What it prints goes to `log`."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.log = log
        self.began = time.monotonic()
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=REPOSITORY,
                env={**environ_of_measured(), **(environ or {})},
            )

    @classmethod
    def python(
        cls, module: str, *arguments: str | Path, log: Path, environ: Mapping[str, str] | None = None
    ) -> Process:
        """``python -m MODULE`` with this interpreter."""
        return cls([sys.executable, "-m", module, *arguments], log=log, environ=environ)

    @property
    def age(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self.began

    def cpu(self) -> float:
        """CPU seconds, user and system, all threads, since its start."""
        fields = Path(f"/proc/{self._popen.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> float:
        """Resident MB now."""
        return self._status("VmRSS")

    def peak(self) -> float:
        """Most resident MB so far."""
        return self._status("VmHWM")

    def reset_peak(self) -> None:
        """Counts the peak anew from now on."""
        Path(f"/proc/{self._popen.pid}/clear_refs").write_text("5")

    def wait_for(self, text: str, seconds: float = 300.0) -> None:
        """Waits until it has printed `text`."""
        end = time.monotonic() + seconds
        while text not in self.log.read_text(errors="replace"):
            if self._popen.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{text!r} was not printed:\n{self.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.01)

    def wait_until_quiet(self, seconds: float = 900.0) -> tuple[float, float]:
        """Waits until it has done what it had to do; its CPU seconds and its age then."""
        end = time.monotonic() + seconds
        before, at = self.cpu(), self.age
        while True:
            time.sleep(1.0)
            if self._popen.poll() is not None:
                raise RuntimeError(f"it has ended:\n{self.log.read_text(errors='replace')[-3000:]}")
            now = self.cpu()
            if now - before <= QUIET_CPU_SECONDS:
                return before, at
            if time.monotonic() > end:
                raise RuntimeError(f"it never comes to rest:\n{self.log.read_text(errors='replace')[-3000:]}")
            before, at = now, self.age

    def idle(self, seconds: float = 3.0) -> float:
        """CPU seconds per second while nothing happens."""
        before = self.cpu()
        time.sleep(seconds)
        return (self.cpu() - before) / seconds

    def say(self, line: str) -> None:
        """Writes a line to its standard input."""
        assert self._popen.stdin is not None
        self._popen.stdin.write(f"{line}\n".encode())
        self._popen.stdin.flush()

    def wait(self, seconds: float = 900.0) -> str:
        """Waits for its end; all that it has printed.

        Raises:
            RuntimeError: it ended with an error.
        """
        status = self._popen.wait(seconds)
        text = self.log.read_text(errors="replace")
        if status:
            raise RuntimeError(f"exit status {status}:\n{text[-3000:]}")
        return text

    def end(self) -> None:
        """Ends it, if it has not ended."""
        if self._popen.poll() is None:
            self._popen.terminate()
            try:
                self._popen.wait(10.0)
            except subprocess.TimeoutExpired:
                self._popen.kill()
                self._popen.wait()
        if self._popen.stdin is not None:
            self._popen.stdin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def _status(self, name: str) -> float:
        for line in Path(f"/proc/{self._popen.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"no {name} in /proc; this needs Linux")
