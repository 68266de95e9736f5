"""Letters from one process to another."""

from __future__ import annotations

from pathlib import Path

from rulectl.state.mailbox import FolderMailbox, NoMailbox
from rulectl.state.request import Ack, Rename, Request, Retry, decode_request, encode_request


def test_a_letter_is_read_answered_and_gone(tmp_path: Path) -> None:
    box = FolderMailbox(tmp_path / "box")
    number = box.post(Ack("r"))
    assert [(one.number, one.request) for one in box.letters()] == [(number, Ack("r"))]
    assert box.answer(number) is None
    box.reply(number, "done")
    assert (box.letters(), box.answer(number), box.answer(number)) == ([], "done", None)


def test_letters_come_in_the_order_in_which_they_were_left(tmp_path: Path) -> None:
    box = FolderMailbox(tmp_path / "box")
    requests: list[Request] = [Retry("r", "n", str(number)) for number in range(5)]
    for request in requests:
        box.post(request)
    assert [one.request for one in box.letters()] == requests


def test_what_is_no_letter_is_taken_away(tmp_path: Path) -> None:
    box = FolderMailbox(tmp_path)
    (tmp_path / "x.json").write_text('{"type": "explode"}')
    assert (box.letters(), list(tmp_path.iterdir())) == ([], [])


def test_a_letter_can_be_withdrawn(tmp_path: Path) -> None:
    box = FolderMailbox(tmp_path)
    box.withdraw(box.post(Ack("r")))
    assert box.letters() == []


def test_only_the_user_may_read_them(tmp_path: Path) -> None:
    box = FolderMailbox(tmp_path / "box")
    box.post(Ack("r"))
    modes = [path.stat().st_mode & 0o777 for path in (box.folder, *box.folder.iterdir())]
    assert modes == [0o700, 0o600]


def test_requests_survive_the_way() -> None:
    request = Rename("old", "new")
    assert decode_request(encode_request(request)) == request


def test_a_state_in_memory_has_no_letters() -> None:
    assert NoMailbox().letters() == []
