"""Records in a file on a local disk: every durable write is on it before the call returns."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from rulectl.clock import Clock
from rulectl.errors import PermanentError
from rulectl.state.codec import RECORDS, RULES
from rulectl.state.collector import without_collector
from rulectl.state.group_commit import GroupCommit
from rulectl.state.holder import FileLock, Holder
from rulectl.state.identity import Owner
from rulectl.state.packing import pack, unpack
from rulectl.state.record import Record
from rulectl.state.sqlite_error import damaged, explained, is_fatal
from rulectl.state.sqlite_file import create_file, make_folder, open_file, open_for_reading, read_meta
from rulectl.state.store import Drop, DropRule, Edit, Loaded, Put, PutRule
from rulectl.value import decode

_KEEP_SECONDS = 1.0
_PUT = "INSERT OR REPLACE INTO records VALUES (?, ?, ?)"
_DROP = "DELETE FROM records WHERE rule = ? AND uid = ?"
_PUT_RULE = "INSERT OR REPLACE INTO rules VALUES (?, ?)"
_DROP_RULE = "DELETE FROM rules WHERE rule = ?"


class SqliteStore:
    """A `StateStore` in one SQLite file (write-ahead log, synced at each commit), held by one process at a time.

    Survives kill -9 and loss of power, as far as the disk keeps its word about what is synced. Not for network
    file systems. Edits that need not be durable wait for at most a second, if `flush_due` is called.
    """

    def __init__(self, path: Path, owner: Owner, clock: Clock) -> None:
        """Makes the file if it is not there, for this user alone.

        Raises:
            PermanentError: it is held by another process, damaged, another program's, another cluster's, of a
                newer format, or cannot be written; the message says what to do.
            TransientError: no room on the disk, or another program has it locked.
        """
        self.owner = owner
        self.path = path.expanduser().absolute()
        make_folder(self.path)
        # Two names of one file are one state: the lock lies beside the file itself.
        self.path = self.path.resolve()
        lock = FileLock(
            self.path.with_name(self.path.name + ".lock"),
            f"the state {self.path}",
            Holder.this_process(clock.now()),
        )
        try:
            with _explaining(self.path):
                self.is_new = not self.path.exists()
                if self.is_new:
                    create_file(self.path, owner)
                self._connection = open_file(self.path, owner)
                self._inode = self.path.stat().st_ino
        except BaseException:
            lock.release()
            raise
        self._lock = lock
        self._group = GroupCommit(self._commit, clock, keep_seconds=_KEEP_SECONDS)
        self._closing = threading.Lock()
        self._broken: PermanentError | None = None

    @property
    def is_durable(self) -> bool:
        """See `StateStore.is_durable`."""
        return True

    def load(self) -> Loaded:
        """See `StateStore.load`."""
        with _explaining(self.path):
            return _read(self._connection, self.path)

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:
        """See `StateStore.write`."""
        if self._broken is not None:
            raise PermanentError(str(self._broken))
        self._group.write(edits, durable=durable)

    def flush(self) -> None:
        """See `StateStore.flush`."""
        self._group.flush()

    def next_flush(self) -> float | None:
        """See `StateStore.next_flush`."""
        return self._group.next_flush()

    def flush_due(self, now: float) -> None:
        """See `StateStore.flush_due`."""
        self._group.flush_due(now)

    def close(self) -> None:
        """See `StateStore.close`. Can be repeated."""
        with self._closing:
            if self._lock.is_released:
                return
            try:
                self._group.flush()
            finally:
                self._broken = self._broken or PermanentError(f"the state {self.path} is closed already")
                self._connection.close()
                self._lock.release()

    def _check_usable(self) -> None:
        if self._broken is None and _inode_of(self.path) != self._inode:
            self._broken = PermanentError(
                f"the state {self.path} was moved, deleted or replaced while it is in use: what is written now would be"
                " lost. End this process, put the file back, and start again"
            )
        if self._broken is not None:
            raise PermanentError(str(self._broken))

    def _commit(self, edits: Sequence[Edit]) -> None:
        """Called by one thread at a time."""
        self._check_usable()
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            for edit in edits:
                _apply(connection, edit)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            explanation = explained(error, self.path)
            if is_fatal(error):
                self._broken = PermanentError(str(explanation))
            raise explanation from error


def _inode_of(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def read_state_file(path: Path, owner: Owner) -> Loaded | None:
    """What the state at `path` holds, without taking it over: also while a rulectl works with it.

    None: there is none. Edits that are still in that process's memory are not seen.

    Raises:
        PermanentError, TransientError: it is damaged, another cluster's, or not of this format.
    """
    path = path.expanduser().resolve()
    if not path.exists():
        return None
    with _explaining(path), contextlib.closing(open_for_reading(path, owner)) as connection:
        return _read(connection, path)


def _apply(connection: sqlite3.Connection, edit: Edit) -> None:
    match edit:
        case Put(record):
            connection.execute(_PUT, (record.rule, record.uid, pack(RECORDS.encode(record))))
        case Drop(rule, uid):
            connection.execute(_DROP, (rule, uid))
        case PutRule(state):
            connection.execute(_PUT_RULE, (state.rule, pack(RULES.encode(state))))
        case DropRule(rule):
            connection.execute(_DROP_RULE, (rule,))


def _read(connection: sqlite3.Connection, path: Path) -> Loaded:
    connection.execute("BEGIN")  # one moment for all three tables
    try:
        with without_collector():
            records = tuple(
                _checked(RECORDS.of(decode(unpack(body))), rule, uid)
                for rule, uid, body in connection.execute("SELECT rule, uid, body FROM records")
            )
        rules = tuple(RULES.of(decode(unpack(body))) for (body,) in connection.execute("SELECT body FROM rules"))
        return Loaded(records, rules, read_meta(connection))
    except ValueError as error:
        raise damaged(path, str(error)) from error
    finally:
        connection.execute("COMMIT")


def _checked(record: Record, rule: str, uid: str) -> Record:
    if (record.rule, record.uid) != (rule, uid):
        raise ValueError(f"the record of rule {rule} and {uid} is another one's")
    return record


@contextlib.contextmanager
def _explaining(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise explained(error, path) from error
    except OSError as error:
        raise PermanentError(
            f"the state {path} cannot be used: {error.strerror or error};"
            " check the disk and its permissions, or give another place with --state sqlite:PATH"
        ) from error
