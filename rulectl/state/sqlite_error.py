"""What sqlite3 says -> what a person can do about it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from rulectl.errors import PermanentError, RulectlError, TransientError

_RETRY_SECONDS = 5.0


def explained(error: sqlite3.Error, path: Path) -> RulectlError:
    """The error of ours for a failure of the database at `path`."""
    said = f"({error})"
    match primary_code(error):
        case sqlite3.SQLITE_FULL:
            return TransientError(
                f"the state {path} cannot grow: the disk is full; make room, nothing is lost meanwhile {said}",
                retry_after_seconds=_RETRY_SECONDS,
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return TransientError(
                f"the state {path} is locked by another program; close whatever has it open {said}",
                retry_after_seconds=_RETRY_SECONDS,
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return PermanentError(
                f"the state {path} is read-only: make the file and its folder writable for this user,"
                f" or give another place with --state sqlite:PATH {said}"
            )
        case sqlite3.SQLITE_CANTOPEN:
            return PermanentError(
                f"the state {path} cannot be opened: check the path and its permissions,"
                f" or give another place with --state sqlite:PATH {said}"
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_FORMAT:
            return damaged(path, str(error))
        case sqlite3.SQLITE_IOERR:
            return PermanentError(
                f"the disk under the state {path} fails: check it, then start again;"
                f" what was written before is read back then {said}"
            )
        case _:
            return PermanentError(
                f"the state {path} cannot be used: {error}; start again, and if it stays so restore it from a backup"
            )


def damaged(path: Path, why: str) -> PermanentError:
    """The file is not what was written."""
    return PermanentError(
        f"the state {path} is damaged: {why}. Restore it from a backup; or move it away to begin anew:"
        " then rules do not know what they have done, and handle what is there as `existing` says"
    )


def is_fatal(error: sqlite3.Error) -> bool:
    """Whether nothing more may be written: after it, what the file holds is not known any more."""
    return primary_code(error) in {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
    }


def primary_code(error: sqlite3.Error) -> int:
    """The primary result code; 0 where the module gives none (misuse found by Python itself)."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
