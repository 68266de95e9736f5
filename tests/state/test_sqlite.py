from __future__ import annotations

import contextlib
import random
import sqlite3
import threading
from pathlib import Path

import pytest

from rulectl.errors import PermanentError, RulectlError, TransientError
from rulectl.state.identity import Owner
from rulectl.state.sqlite import SqliteStore, read_state_file
from rulectl.state.sqlite_error import explained, is_fatal
from rulectl.state.sqlite_file import connect
from rulectl.state.store import Put
from tests.state.places import InFile
from tests.state.sample import CLUSTER, OTHER_CLUSTER, OWNER, bandwidth_record, record


def filled(file: InFile, *uids: str) -> None:
    store = file.open()
    store.load()
    store.write([Put(record(uid)) for uid in uids], durable=True)
    store.close()


def refusal(file: InFile) -> str:
    with pytest.raises(RulectlError) as caught:
        file.open().load()
    return str(caught.value)


def test_the_file_is_for_its_owner_alone(file: InFile) -> None:
    store = file.open()
    store.load()
    store.write([Put(record())], durable=True)
    modes = {path.name: path.stat().st_mode & 0o777 for path in file.path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert file.path.parent.stat().st_mode & 0o777 == 0o700
    store.close()


def test_a_folder_that_is_there_keeps_its_mode(file: InFile) -> None:
    file.path.parent.mkdir(mode=0o755)
    file.open().close()
    assert file.path.parent.stat().st_mode & 0o777 == 0o755


def test_a_state_knows_whether_it_is_new(file: InFile) -> None:
    first = file.open()
    first.close()
    second = file.open()
    second.close()
    assert (first.is_new, second.is_new) == (True, False)


def test_a_second_process_is_refused_and_told_who_the_first_is(file: InFile) -> None:
    store = file.open()
    assert f"the state {file.path} is in use by process " in refusal(file)
    store.close()
    file.open().close()


def test_two_names_of_one_file_are_one_state(file: InFile, tmp_path: Path) -> None:
    store = file.open()
    link = tmp_path / "link.sqlite"
    link.symlink_to(file.path)
    with pytest.raises(PermanentError, match="is in use by process"):
        SqliteStore(link, OWNER, file.clock)
    store.close()


def test_a_state_that_could_not_be_opened_is_not_held(file: InFile) -> None:
    filled(file)
    with pytest.raises(PermanentError, match="belongs to another cluster"):
        SqliteStore(file.path, Owner("rulectl", OTHER_CLUSTER), file.clock)
    with pytest.raises(PermanentError, match="belongs to --name rulectl, not second"):
        SqliteStore(file.path, Owner("second", CLUSTER), file.clock)
    file.open().close()


def test_an_empty_file_is_damage_and_no_new_state(file: InFile) -> None:
    file.path.parent.mkdir()
    file.path.touch()
    assert refusal(file) == (
        f"the state {file.path} is damaged: it is empty. Restore it from a backup; or move it away to begin anew:"
        " then rules do not know what they have done, and handle what is there as `existing` says"
    )


def test_a_file_that_is_no_database_is_left_alone(file: InFile) -> None:
    file.path.parent.mkdir()
    file.path.write_text("my diary, " * 100)
    assert "is no state of rulectl, nor any SQLite database" in refusal(file)
    assert file.path.read_text() == "my diary, " * 100


def test_another_programs_database_is_left_alone(file: InFile) -> None:
    file.path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(file.path)) as other:
        other.execute("CREATE TABLE diary (entry)")
    before = file.path.read_bytes()
    assert "is an SQLite database of another program" in refusal(file)
    assert file.path.read_bytes() == before


@pytest.mark.parametrize("kept", [100, 5000, 9000])
def test_a_file_cut_short_is_damage(file: InFile, kept: int) -> None:
    filled(file, *[f"uid-{number}" for number in range(300)])
    file.path.write_bytes(file.path.read_bytes()[:kept])
    assert f"the state {file.path} is damaged: " in refusal(file)


def test_overwritten_pages_are_damage(file: InFile) -> None:
    filled(file, *[f"uid-{number}" for number in range(300)])
    data = bytearray(file.path.read_bytes())
    data[8192:12288] = random.Random(1).randbytes(4096)
    file.path.write_bytes(data)
    assert f"the state {file.path} is damaged: " in refusal(file)


def test_a_changed_record_is_damage(file: InFile) -> None:
    filled(file, "a")
    with contextlib.closing(connect(file.path)) as connection:
        connection.execute("UPDATE records SET body = CAST(substr(body, 1, 20) || x'ff' || substr(body, 22) AS BLOB)")
    assert f"the state {file.path} is damaged: a damaged entry: " in refusal(file)


def test_a_record_under_another_ones_key_is_damage(file: InFile) -> None:
    filled(file, "a")
    with contextlib.closing(connect(file.path)) as connection:
        connection.execute("UPDATE records SET uid = 'b'")
    assert "the record of rule pod-bandwidth and b is another one's" in refusal(file)


def test_a_log_without_its_file_is_no_new_state(file: InFile) -> None:
    store = file.open()
    store.load()
    store.write([Put(record())], durable=True)
    log = file.path.with_name("rulectl.sqlite-wal").read_bytes()
    store.close()
    file.path.unlink()
    file.path.with_name("rulectl.sqlite-wal").write_bytes(log)
    assert refusal(file) == (
        f"the state {file.path} is gone, but rulectl.sqlite-wal is there, which holds its last changes:"
        " put rulectl.sqlite back, or move rulectl.sqlite-wal away to begin anew"
    )


def test_a_half_made_file_of_a_crash_is_no_obstacle(file: InFile) -> None:
    file.path.parent.mkdir()
    file.path.with_name("rulectl.sqlite.new").write_text("half")
    filled(file, "a")
    assert not file.path.with_name("rulectl.sqlite.new").exists()


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PermanentError, match=r"the folder .*/file/state for the state cannot be made: Not a directory"):
        InFile(tmp_path / "file").open()


def test_a_full_disk_fails_the_write_and_loses_nothing(file: InFile) -> None:
    store = file.open()
    store.load()
    store.write([Put(record("kept"))], durable=False)
    store._connection.execute("PRAGMA max_page_count = 1")
    rng = random.Random(1)
    with pytest.raises(TransientError, match="cannot grow: the disk is full; make room, nothing is lost meanwhile"):
        store.write([Put(bandwidth_record(rng)) for _ in range(200)], durable=True)
    store._connection.execute("PRAGMA max_page_count = 100000")
    store.write([Put(record("later"))], durable=True)
    store.close()
    assert {one.uid for one in file.open().load().records} == {"kept", "later"}


def test_a_state_that_another_program_has_locked_is_a_matter_of_time(file: InFile) -> None:
    store = file.open()
    store.load()
    store._connection.execute("PRAGMA busy_timeout = 0")
    with contextlib.closing(connect(file.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TransientError, match="is locked by another program"):
            store.write([Put(record())], durable=True)
        other.execute("ROLLBACK")
    store.write([Put(record())], durable=True)
    store.close()


def test_after_a_fatal_fault_nothing_more_is_written(file: InFile) -> None:
    store = file.open()
    store.load()
    store._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(PermanentError, match="is read-only: make the file and its folder writable"):
        store.write([Put(record())], durable=True)
    store._connection.execute("PRAGMA query_only = OFF")
    for durable in (True, False):
        with pytest.raises(PermanentError, match="is read-only"):
            store.write([Put(record())], durable=durable)
    store.close()


def test_a_file_that_was_deleted_or_replaced_takes_no_writes(file: InFile) -> None:
    store = file.open()
    store.load()
    file.path.rename(file.path.with_name("moved"))
    with pytest.raises(PermanentError, match="was moved, deleted or replaced while it is in use"):
        store.write([Put(record())], durable=True)
    file.path.with_name("moved").rename(file.path)
    with pytest.raises(PermanentError, match="was moved, deleted or replaced while it is in use"):
        store.write([Put(record())], durable=False)
    store.close()


def test_a_closed_state_takes_no_writes(file: InFile) -> None:
    store = file.open()
    store.close()
    with pytest.raises(PermanentError, match="is closed already"):
        store.write([Put(record())], durable=False)


def test_reading_takes_nothing_from_the_process_that_works_with_it(file: InFile) -> None:
    assert read_state_file(file.path, OWNER) is None
    store = file.open()
    store.load()
    store.write([Put(record("a"))], durable=True)
    found = read_state_file(file.path, OWNER)
    assert found is not None
    assert [one.uid for one in found.records] == ["a"]
    store.write([Put(record("b"))], durable=True)
    store.close()
    with pytest.raises(PermanentError, match="belongs to another cluster"):
        read_state_file(file.path, Owner("rulectl", OTHER_CLUSTER))


def test_a_record_takes_less_than_400_bytes_of_the_file(file: InFile) -> None:
    store = file.open()
    store.load()
    rng = random.Random(1)
    store.write([Put(bandwidth_record(rng)) for _ in range(2000)], durable=True)
    store.close()
    assert file.path.stat().st_size / 2000 < 400


def test_threads_share_commits(file: InFile) -> None:
    store = file.open()
    store.load()
    before = store._connection.total_changes
    threads = [
        threading.Thread(target=store.write, args=([Put(record(f"u{n}"))],), kwargs={"durable": True})
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store._connection.total_changes - before == 20
    store.close()


def error_of(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("said sqlite")
    error.sqlite_errorcode = code
    return error


EXPLANATIONS = [
    (sqlite3.SQLITE_FULL, TransientError, "disk is full"),
    (sqlite3.SQLITE_BUSY, TransientError, "locked by another program"),
    (sqlite3.SQLITE_READONLY_DIRECTORY, PermanentError, "is read-only"),
    (sqlite3.SQLITE_CANTOPEN, PermanentError, "cannot be opened"),
    (sqlite3.SQLITE_CORRUPT_INDEX, PermanentError, "is damaged"),
    (sqlite3.SQLITE_IOERR_FSYNC, PermanentError, "the disk under"),
    (sqlite3.SQLITE_INTERNAL, PermanentError, "cannot be used"),
]


@pytest.mark.parametrize(("code", "kind", "said"), EXPLANATIONS, ids=[said for _, _, said in EXPLANATIONS])
def test_what_sqlite_says_is_explained(code: int, kind: type[RulectlError], said: str) -> None:
    found = explained(error_of(code), Path("/x.sqlite"))
    assert isinstance(found, kind)
    assert said in str(found)
    assert "/x.sqlite" in str(found)


def test_only_what_leaves_the_file_unknown_is_fatal() -> None:
    assert is_fatal(error_of(sqlite3.SQLITE_IOERR_WRITE))
    assert not is_fatal(error_of(sqlite3.SQLITE_FULL))
