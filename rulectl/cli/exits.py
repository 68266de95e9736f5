"""What a process says by its exit status."""

from __future__ import annotations

import enum

from rulectl.errors import PermanentError, RulectlError, TransientError, UsageError


class Exit(enum.IntEnum):
    """The statuses that scripts and CI may rely on."""

    FINE = 0
    PROBLEMS = 1
    """The rules, tests or expressions have problems."""
    USAGE = 2
    """The command line or the configuration is wrong."""
    CLUSTER = 3
    """The cluster could not be reached, or it refused."""
    RUNS = 4
    """With ``--once``: runs failed or were held."""
    INTERNAL = 70
    """A fault in rulectl itself (EX_SOFTWARE of sysexits.h)."""
    INTERRUPTED = 130
    """Ended by Ctrl-C, as shells say it."""
    BROKEN_PIPE = 141
    """Whoever read the output has gone, as shells say it."""


def status_of(error: RulectlError) -> Exit:
    """How a process ends that this fault ends."""
    match error:
        case UsageError():
            return Exit.USAGE
        case TransientError() | PermanentError():
            return Exit.CLUSTER
        case _:
            return Exit.PROBLEMS
