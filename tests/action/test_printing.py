"""What plugins print, in threads."""

from __future__ import annotations

import io
import sys
import threading
from contextlib import redirect_stdout

from rulectl.action.printing import Chatter, contained_printing, printing_to
from rulectl.testing import FakeLog


def printed(*pieces: str) -> list[str]:
    log = FakeLog()
    chatter = Chatter(log)
    for piece in pieces:
        chatter.print(piece)
    chatter.close()
    return [line for line, _ in log.lines]


def test_pieces_are_joined_to_lines() -> None:
    assert printed("on", "e\ntw", "o\n\nthr", "ee") == ["one", "two", "three"]


def test_a_line_without_end_is_cut() -> None:
    assert printed("x" * 5_000_000) == ["x" * 2_000 + "…"]


def test_a_secret_is_masked_before_a_line_is_cut_in_the_middle_of_it() -> None:
    log = FakeLog()
    chatter = Chatter(log, lambda text: text.replace("hunter2", "***"))
    chatter.print("x" * 1_996 + "hunter2 and more\n")
    chatter.close()
    assert log.lines[0][0] == "x" * 1_996 + "*** …"


def test_a_flood_is_counted() -> None:
    lines = printed("line\n" * 1_000)
    assert len(lines) == 51
    assert lines[-1] == "950 more lines of its output were dropped; a plugin may say 50 lines a run"


def test_each_thread_prints_to_its_own_log_and_none_between_our_lines() -> None:
    ours, one, other = io.StringIO(), FakeLog(), FakeLog()

    def plugin(log: FakeLog, word: str) -> None:
        with printing_to(Chatter(log)):
            print(word)
            print(word, file=sys.stderr)

    with redirect_stdout(ours), contained_printing():
        print("ours")
        threads = [threading.Thread(target=plugin, args=(log, word)) for log, word in ((one, "a"), (other, "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print("ours too")
    assert ours.getvalue() == "ours\nours too\n"
    assert [one.lines, other.lines] == [[("a", "info")] * 2, [("b", "info")] * 2]


def test_what_a_thread_of_a_plugin_prints_is_dropped() -> None:
    ours = io.StringIO()
    with redirect_stdout(ours), contained_printing():
        thread = threading.Thread(target=print, args=("stray",))
        thread.start()
        thread.join()
    assert ours.getvalue() == ""
