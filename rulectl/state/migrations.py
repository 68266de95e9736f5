"""The versions of the state file, and the steps from each to the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rulectl.errors import PermanentError

APPLICATION_ID = 0x52756C65
"""In every file of ours, at a place that sqlite keeps for it ("Rule")."""


@dataclass(frozen=True, slots=True)
class Schema:
    """One version: what a new file is made by, and what brings older ones to it."""

    version: int
    create: str
    steps: Mapping[int, str] = field(default_factory=dict)
    """For each older version the SQL that makes the next one of it."""


CURRENT = Schema(
    version=1,
    create="""
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE rules (rule TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE records (
            rule TEXT NOT NULL, uid TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (rule, uid)
        ) WITHOUT ROWID;
    """,
)


def migrate(connection: sqlite3.Connection, path: Path, schema: Schema = CURRENT) -> int:
    """Brings the file at `path` to `schema`, in one transaction; the version that it had.

    Before the first step the file as it was is copied beside it (``PATH.v1`` for version 1), for going back.

    Raises:
        PermanentError: it was written by a newer rulectl, or by one so old that no steps are left.
        sqlite3.Error: a step failed; the file is as it was.
    """
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found == schema.version:
        return found
    if found > schema.version:
        raise PermanentError(
            f"the state {path} was written by a newer rulectl (format {found}; this one knows {schema.version}):"
            " use that version, or give another place with --state sqlite:PATH"
        )
    missing = [version for version in range(found, schema.version) if version not in schema.steps]
    if missing:
        raise PermanentError(
            f"the state {path} has format {found}, which this rulectl cannot read any more:"
            " start an older version on it once, then this one"
        )
    copy = path.with_name(f"{path.name}.v{found}")
    copy.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(copy),))
    copy.chmod(0o600)
    script = ";\n".join(schema.steps[version] for version in range(found, schema.version))
    try:
        connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {schema.version}; COMMIT;")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.rollback()
        raise
    return found
