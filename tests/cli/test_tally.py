"""The summary in numbers."""

from __future__ import annotations

from dataclasses import replace

from rulectl.cli.tally import Tally
from rulectl.controller.report import Fault, Held, Paused, Report, RunEnded
from rulectl.resource import ObjectKey

RUN = RunEnded("bw", ObjectKey("shop", "a"), "Pod", "modified", 1, 1, "succeeded", (), (), 0.1)


def tally(*reports: Report) -> Tally:
    counted = Tally()
    for report in reports:
        counted.add(report)
    return counted


def test_a_run_counts_once_however_often_it_was_tried() -> None:
    counted = tally(replace(RUN, outcome="retry"), replace(RUN, attempt=2))
    assert (counted.text(), counted.is_fine) == ("1 run: 1 succeeded", True)


def test_a_run_that_never_worked_is_not_fine() -> None:
    counted = tally(RUN, replace(RUN, number=2, outcome="retry"), replace(RUN, number=3, outcome="failed"))
    assert counted.text() == "3 runs: 1 succeeded, 1 failed for good, 1 not done yet"
    assert not counted.is_fine


def test_runs_that_were_held_are_not_fine() -> None:
    counted = tally(Held("bw", 7, "the list is empty"), Paused("b", "x"), Paused("a", "x"), Fault("bw", None, "y"))
    assert counted.text() == "0 runs; 7 held; paused: a, b; 1 not evaluated"
    assert not counted.is_fine


def test_runs_that_were_only_shown_are_fine() -> None:
    counted = tally(replace(RUN, outcome="would"))
    assert (counted.text(), counted.is_fine) == ("1 run: 1 shown only", True)


def test_nothing_to_do_is_fine() -> None:
    assert (tally().text(), tally().is_fine) == ("0 runs", True)
