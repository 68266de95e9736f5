"""Faults of the world: one tree, sorted by what the caller may do about them.

::

    RulectlError
    ├── TransientError      trying again later may help; carries how long to wait
    │   └── Unreachable     nobody answered: refused, reset, timed out
    ├── PermanentError      trying the same again cannot help
    │   ├── Forbidden       401 or 403 (401 may heal when a token is rotated)
    │   ├── NotFound        the object, or the resource itself, is not there
    │   ├── Conflict        409: the object is not what the writer thought
    │   └── Gone            410: the resourceVersion is too old to go on from
    └── UsageError          the command line or the configuration is wrong

Faults in a rule file are not exceptions but values: see `rulectl.problem`.
Foreign exceptions are translated where they enter, with ``raise ... from``.
"""

from __future__ import annotations


class RulectlError(Exception):
    """A fault with a message for people; the message says what to do next."""


class TransientError(RulectlError):
    """Trying again may help.

    `retry_after_seconds` is what the other side asked for, None when it asked for nothing.
    `status` is the HTTP status, 0 when there was no answer.
    """

    def __init__(self, message: str, *, retry_after_seconds: float | None = None, status: int = 0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.status = status


class Unreachable(TransientError):  # noqa: N818 - the field's word for it
    """Nobody answered: connection refused or reset, name not found, timed out."""


class PermanentError(RulectlError):
    """Trying the same again cannot help. `status` is the HTTP status, 0 when there was none."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Forbidden(PermanentError):  # noqa: N818
    """The server knows us not (401) or lets us not (403)."""


class NotFound(PermanentError):  # noqa: N818
    """The object is not there, or the resource is not served."""


class Conflict(PermanentError):  # noqa: N818
    """The object changed, exists already, or a field belongs to another manager (409)."""


class Gone(PermanentError):  # noqa: N818
    """The resourceVersion is too old to go on from (410): list again."""


class UsageError(RulectlError):
    """The command line, a flag or the configuration is wrong (exit status 2)."""
