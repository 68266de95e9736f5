from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from rulectl.errors import PermanentError
from rulectl.state.migrations import CURRENT, Schema, migrate
from rulectl.state.sqlite_file import connect, create_file, open_file
from tests.state.places import InFile
from tests.state.sample import OWNER

OLD = Schema(version=1, create=CURRENT.create)
NEWER = Schema(
    version=3,
    create="",
    steps={
        1: "ALTER TABLE rules ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'",
        2: "UPDATE rules SET colour = 'red' WHERE rule = 'r'",
    },
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of the made-up old version, with two rules."""
    path = tmp_path / "state.sqlite"
    create_file(path, OWNER)
    with contextlib.closing(connect(path)) as connection:
        connection.execute("INSERT INTO rules VALUES ('r', x'00'), ('s', x'01')")
    return path


def rules_in(path: Path) -> list[tuple[object, ...]]:
    with contextlib.closing(connect(path)) as connection:
        return list(connection.execute("SELECT * FROM rules ORDER BY rule"))


def test_an_older_file_is_brought_up_step_by_step(path: Path) -> None:
    open_file(path, OWNER, NEWER).close()
    assert rules_in(path) == [("r", b"\x00", "red"), ("s", b"\x01", "blue")]
    with contextlib.closing(connect(path)) as connection:
        assert migrate(connection, path, NEWER) == 3


def test_the_file_as_it_was_is_kept_beside_it(path: Path) -> None:
    open_file(path, OWNER, NEWER).close()
    copy = path.with_name("state.sqlite.v1")
    assert rules_in(copy) == [("r", b"\x00"), ("s", b"\x01")]
    assert copy.stat().st_mode & 0o777 == 0o600


def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    broken = Schema(version=3, create="", steps={1: NEWER.steps[1], 2: "UPDATE missing SET x = 1"})
    with contextlib.closing(connect(path)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="no such table: missing"):
            migrate(connection, path, broken)
        assert migrate(connection, path, OLD) == 1
    assert rules_in(path) == [("r", b"\x00"), ("s", b"\x01")]


def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    open_file(path, OWNER, NEWER).close()
    with pytest.raises(PermanentError) as caught:
        open_file(path, OWNER, OLD)
    assert str(caught.value) == (
        f"the state {path} was written by a newer rulectl (format 3; this one knows 1):"
        " use that version, or give another place with --state sqlite:PATH"
    )


def test_a_file_too_old_for_any_step_is_refused(path: Path) -> None:
    far = Schema(version=3, create="", steps={2: "SELECT 1"})
    with pytest.raises(PermanentError, match="has format 1, which this rulectl cannot read any more"):
        open_file(path, OWNER, far)


def test_the_steps_of_this_version_lead_from_every_older_one() -> None:
    assert set(CURRENT.steps) == set(range(1, CURRENT.version))


def test_a_file_with_a_newer_version_is_not_read_either(file: InFile) -> None:
    file.open().close()
    with contextlib.closing(connect(file.path)) as connection:
        connection.execute("PRAGMA user_version = 9")
    with pytest.raises(PermanentError, match=r"written by a newer rulectl \(format 9"):
        file.open()
