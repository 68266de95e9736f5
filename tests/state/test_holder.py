from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rulectl.errors import PermanentError
from rulectl.state.holder import FileLock, Holder

SOMEBODY = Holder(4711, "node-1", 1_700_000_000.0, "token")


def test_a_second_holder_is_refused_and_told_who_the_first_is(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "x.lock", "the state x", SOMEBODY)
    with pytest.raises(PermanentError) as caught:
        FileLock(tmp_path / "x.lock", "the state x", SOMEBODY)
    assert str(caught.value) == (
        "the state x is in use by process 4711 on node-1, since 2023-11-14 22:13:20 UTC: one state serves one"
        " rulectl at a time; end that process, or use another --name or --state"
    )
    lock.release()


def test_the_next_may_have_it_once_it_is_released(tmp_path: Path) -> None:
    FileLock(tmp_path / "x.lock", "x", SOMEBODY).release()
    lock = FileLock(tmp_path / "x.lock", "x", SOMEBODY)
    lock.release()
    lock.release()
    assert lock.is_released


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from rulectl.state.holder import *;"
        "lock = FileLock(Path(sys.argv[1]), 'x', Holder.this_process(1.0)); print('held', flush=True); time.sleep(60)"
    )
    path = tmp_path / "x.lock"
    with subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(PermanentError, match=f"in use by process {child.pid} on "):
            FileLock(path, "x", SOMEBODY)
        child.kill()
        child.wait()
    FileLock(path, "x", SOMEBODY).release()


def test_a_child_that_outlives_the_holder_does_not_keep_the_lock(tmp_path: Path) -> None:
    program = (
        "import os, sys, time; from pathlib import Path; from rulectl.state.holder import *;"
        "lock = FileLock(Path(sys.argv[1]), 'x', Holder.this_process(1.0));"
        "os.fork() or print(os.getpid(), flush=True); time.sleep(60)"
    )
    path = tmp_path / "x.lock"
    with subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        try:
            FileLock(path, "x", SOMEBODY).release()
        finally:
            os.kill(child, 9)


def test_what_an_unreadable_lock_file_says_is_passed_over(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "x.lock", "the state x", SOMEBODY)
    (tmp_path / "x.lock").write_text("{half")
    with pytest.raises(PermanentError, match="in use by another process: "):
        FileLock(tmp_path / "x.lock", "the state x", SOMEBODY)
    lock.release()


def test_a_lock_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match=r"x\.lock cannot be written: No such file or directory"):
        FileLock(tmp_path / "none" / "x.lock", "the state x", SOMEBODY)


def test_a_holder_comes_back_from_json() -> None:
    assert Holder.of(SOMEBODY.to_json()) == SOMEBODY
    assert Holder.of({"pid": "x"}) is None
    assert Holder.this_process(1.0).pid == os.getpid()
