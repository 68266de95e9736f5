"""Reports on their way to the output."""

from __future__ import annotations

import io
import re
import threading
from typing import Literal

import pytest

from rulectl.cli.output import Palette
from rulectl.cli.printer import KEPT, Printer
from rulectl.cli.status_line import StatusLine
from rulectl.cli.tally import Tally
from rulectl.controller.report import Fault, Notice
from rulectl.value import decode, mapping


def printer(out: io.StringIO, form: Literal["text", "json"] = "text", tally: Tally | None = None) -> Printer:
    return Printer(out, form, Palette(), StatusLine(io.StringIO()), lambda: None, tally)


def test_what_was_reported_is_written_in_order_when_it_closes() -> None:
    out = io.StringIO()
    printing = printer(out)
    for number in range(100):
        printing.report(Notice(str(number)))
    printing.close()
    assert [line.partition(" ")[2] for line in out.getvalue().splitlines()] == [str(number) for number in range(100)]


@pytest.mark.parametrize(
    ("form", "pattern"),
    [("text", r"\d\d:\d\d:\d\d hello\n"), ("json", r'\{"time":"\d{4}-\d\d-\d\dT[\d:.]+Z",.*"message":"hello"\}\n')],
)
def test_every_line_carries_the_time(form: Literal["text", "json"], pattern: str) -> None:
    out = io.StringIO()
    printing = printer(out, form)
    printing.report(Notice("hello"))
    printing.close()
    assert re.fullmatch(pattern, out.getvalue())


def test_reports_are_counted_where_that_is_wanted() -> None:
    tally = Tally()
    printing = printer(io.StringIO(), tally=tally)
    printing.report(Fault("bw", None, "x"))
    printing.close()
    assert tally.faults == 1


class Gone(io.StringIO):
    def write(self, text: str) -> int:  # noqa: ARG002 - the stream's signature
        raise BrokenPipeError


def test_when_nobody_reads_any_more_it_says_so_once_and_goes_on() -> None:
    told: list[bool] = []
    printing = Printer(Gone(), "text", Palette(), StatusLine(io.StringIO()), lambda: told.append(True))
    printing.report(Notice("one"))
    printing.report(Notice("two"))
    printing.close()
    assert (told, printing.is_broken) == ([True], True)


class Slow(io.StringIO):
    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go_on = threading.Event(), threading.Event()

    def write(self, text: str) -> int:
        self.reached.set()
        assert self.go_on.wait(10)
        return super().write(text)


def test_a_slow_reader_holds_up_nobody_and_costs_lines_that_are_counted() -> None:
    out = Slow()
    printing = printer(out, "json")
    printing.report(Notice("first"))
    assert out.reached.wait(10)
    for _ in range(KEPT + 5):
        printing.report(Notice("more"))
    out.go_on.set()
    printing.close()
    messages = [mapping(decode(line))["message"] for line in out.getvalue().splitlines()]
    assert "5 lines were left out: the output is read too slowly" in messages
    assert len(messages) == KEPT + 2
