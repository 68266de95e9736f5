"""The database file: made whole or not at all, opened only if it is ours and sound."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from rulectl.errors import PermanentError
from rulectl.state.digest import new_meta
from rulectl.state.identity import Identity, Owner
from rulectl.state.migrations import APPLICATION_ID, CURRENT, Schema, migrate
from rulectl.state.sqlite_error import damaged
from rulectl.value import decode, encode, mapping

_HEADER = b"SQLite format 3\x00"
_BUSY_SECONDS = 5.0


def make_folder(path: Path) -> None:
    """The folder of the file `path`, for this user alone if it has to be made.

    Raises:
        PermanentError: it cannot be made.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise PermanentError(
            f"the folder {path.parent} for the state cannot be made: {error.strerror};"
            " give another place with --state sqlite:PATH"
        ) from error


def create_file(path: Path, owner: Owner) -> None:
    """A state with nothing in it, for `owner`. A crash in between leaves no half-made file at `path`.

    Raises:
        sqlite3.Error, OSError: it could not be made.
        PermanentError: part of an older state is in the way.
    """
    remains = path.with_name(path.name + "-wal")
    if remains.exists() and remains.stat().st_size:
        raise PermanentError(
            f"the state {path} is gone, but {remains.name} is there, which holds its last changes:"
            f" put {path.name} back, or move {remains.name} away to begin anew"
        )
    making = path.with_name(path.name + ".new")
    making.unlink(missing_ok=True)
    os.close(os.open(making, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connection = connect(making)
    try:
        connection.executescript(
            f"PRAGMA synchronous = EXTRA; BEGIN; PRAGMA application_id = {APPLICATION_ID};"
            f"PRAGMA user_version = {CURRENT.version}; {CURRENT.create}"
        )
        connection.executemany("INSERT INTO meta VALUES (?, ?)", {**_of_owner(owner), **new_meta()}.items())
        connection.execute("COMMIT")
    finally:
        connection.close()
    making.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def open_file(path: Path, owner: Owner, schema: Schema = CURRENT) -> sqlite3.Connection:
    """A connection for writing to the state at `path`, once it is known to be sound, of this format and `owner`'s.

    Raises:
        PermanentError: it is not; the message says what to do.
        sqlite3.Error: see `rulectl.state.sqlite_error`.
    """
    check_is_ours(path)
    connection = connect(path)
    try:
        _use_log(connection, path)
        connection.execute("PRAGMA synchronous = FULL")
        _check_is_sound(connection, path)
        migrate(connection, path, schema)
        owner.check(_owner_in(read_meta(connection), path), f"the state {path}")
        # Also finds out now, and not at the first run, whether it can be written.
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", _of_owner(owner).items())
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def open_for_reading(path: Path, owner: Owner) -> sqlite3.Connection:
    """A connection that writes nothing; raises as `open_file` does, and migrates nothing."""
    check_is_ours(path)
    connection = connect(path)
    try:
        connection.execute("PRAGMA query_only = ON")
        found = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if found < CURRENT.version:
            _refuse_older(path, found)
        migrate(connection, path)
        owner.check(_owner_in(read_meta(connection), path), f"the state {path}")
    except BaseException:
        connection.close()
        raise
    return connection


def owner_of(path: Path) -> Owner | None:
    """Whose state the file at `path` is; None: it is none, or cannot be read."""
    try:
        check_is_ours(path)
        with contextlib.closing(connect(path)) as connection:
            return _owner_in(read_meta(connection), path)
    except (PermanentError, sqlite3.Error):
        return None


def _refuse_older(path: Path, found: int) -> NoReturn:
    raise PermanentError(
        f"the state {path} has the older format {found}: `rulectl run` brings it to {CURRENT.version} at its next start"
    )


def connect(path: Path) -> sqlite3.Connection:
    """A connection to an existing file, without any of Python's own transactions."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=_BUSY_SECONDS,
    )


def check_is_ours(path: Path) -> None:
    """Raises PermanentError: the file is empty, no database, or another program's."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        raise PermanentError(
            f"the state {path} cannot be read: {error.strerror};"
            " check its permissions, or give another place with --state sqlite:PATH"
        ) from error
    if not head:
        raise damaged(path, "it is empty")
    if not head.startswith(_HEADER):
        raise PermanentError(
            f"{path} is no state of rulectl, nor any SQLite database: give another place with --state sqlite:PATH"
        )
    # Read from the header itself: opening it would change another program's file. In the log of a file of
    # ours there can be no other number, as it is written before the file gets its name.
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise PermanentError(
            f"{path} is an SQLite database of another program: give another place with --state sqlite:PATH"
        )


def _use_log(connection: sqlite3.Connection, path: Path) -> None:
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != ("wal",):
        raise PermanentError(
            f"the state {path} lies on a file system that cannot share memory between processes, as SQLite needs it:"
            " give a place on a local disk with --state sqlite:PATH"
        )


def _check_is_sound(connection: sqlite3.Connection, path: Path) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != ("ok",):
        raise damaged(path, str(found[0]) if found else "the check says nothing")


def read_meta(connection: sqlite3.Connection) -> Mapping[str, str]:
    """All of the table `meta`."""
    return dict(connection.execute("SELECT key, value FROM meta"))


def _of_owner(owner: Owner) -> dict[str, str]:
    return {"name": owner.name, "cluster": encode(owner.cluster.to_json()).decode()}


def _owner_in(meta: Mapping[str, str], path: Path) -> Owner:
    try:
        cluster = mapping(decode(meta["cluster"]))
        return Owner(meta["name"], Identity.of(cluster))
    except (KeyError, ValueError) as error:
        raise damaged(path, f"it does not say whose it is ({error})") from error
