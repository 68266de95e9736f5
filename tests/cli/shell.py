"""The program as a person or a script uses it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from rulectl.cli.main import perform

PROGRAM = [sys.executable, "-c", "import sys; from rulectl.cli.main import main; sys.exit(main())"]


@dataclass(frozen=True, slots=True)
class Shown:
    """How a command ended and what it wrote."""

    status: int
    out: str
    err: str


def rulectl(*arguments: str, stdin: str = "", env: Mapping[str, str | None] | None = None) -> Shown:
    """Runs a command in this process."""
    plain: dict[str, str | None] = {"KUBECONFIG": None, "KUBERNETES_SERVICE_HOST": None, "HOME": "/nonexistent"}
    with CliRunner().isolation(input=stdin, env={**plain, **(env or {})}) as streams:
        status = perform(arguments)
        out, err = streams[0].getvalue(), streams[1].getvalue()
    return Shown(status, out.decode(), err.decode())


def environment(**more: str) -> dict[str, str]:
    """What a started program gets: nothing that says where a cluster is or how to colour."""
    hidden = ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "NO_COLOR", "RULECTL_DEBUG")
    return {**{name: value for name, value in os.environ.items() if name not in hidden}, "HOME": "/nonexistent", **more}


class Program:
    """A started program whose output is read as it comes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(process.stdout, self.lines), daemon=True),
            threading.Thread(target=self._read, args=(process.stderr, self.errors), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: object, into: list[str]) -> None:
        for line in stream:  # type: ignore[attr-defined] # a text stream
            into.append(line.rstrip("\n"))

    def wait_for(self, pattern: str, *, errors: bool = False, seconds: float = 20.0) -> str:
        """The first line in which `pattern` is found."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            ended = self.process.poll() is not None
            for line in self.errors if errors else self.lines:
                if re.search(pattern, line):
                    return line
            assert not ended, (self.lines, self.errors)
            time.sleep(0.01)
        raise AssertionError((pattern, self.lines, self.errors))

    def end(self, number: int) -> int:
        """Sends the signal; the exit status."""
        self.process.send_signal(number)
        status = self.process.wait(20)
        for reader in self._readers:
            reader.join(5)
        return status


@contextmanager
def started(*arguments: str, cwd: Path | None = None, **env: str) -> Iterator[Program]:
    """A program in a process of its own; killed if it is still there at the end."""
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=environment(**env),
    )
    try:
        yield Program(process)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
