"""Colour, and text from a cluster."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from rulectl.cli.output import Palette, one_line, palette_for, shortened


class Screen:
    def isatty(self) -> bool:
        return True


class Pipe:
    def isatty(self) -> bool:
        return False


@pytest.mark.parametrize(
    ("env", "is_coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
    ids=["plain", "NO_COLOR", "NO_COLOR empty", "dumb"],
)
def test_a_terminal_is_coloured_unless_somebody_objects(env: dict[str, str], is_coloured: bool) -> None:
    with CliRunner().isolation(env={"NO_COLOR": None, "TERM": "xterm", **env}):
        assert palette_for(Screen()) == Palette(is_coloured)


def test_a_pipe_is_never_coloured() -> None:
    with CliRunner().isolation(env={"NO_COLOR": None, "TERM": "xterm"}):
        assert palette_for(Pipe()) == Palette()


def test_text_is_put_on_one_line_without_control_characters() -> None:
    assert one_line(" a\n\tb \x07\x1b[1m ") == "a b \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[1m"


def test_text_is_cut_with_an_ellipsis() -> None:
    assert (shortened("abcdef", 6), shortened("abcdefg", 6)) == ("abcdef", "abcde\N{HORIZONTAL ELLIPSIS}")
