"""The exact lines that people and machines read about runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rulectl.cli.output import Palette
from rulectl.cli.reporting import json_of, text_of
from rulectl.controller.report import ActionEnded, Fault, Held, Line, Notice, Paused, Report, RunEnded
from rulectl.resource import ObjectKey
from rulectl.state.record import Change
from rulectl.value import decode

KEY = ObjectKey("shop", "web-0")
INGRESS = 'metadata.annotations."kubernetes.io/ingress-bandwidth"'
DONE = RunEnded(
    rule="bw",
    key=KEY,
    kind="Pod",
    event="modified",
    number=2,
    attempt=1,
    outcome="succeeded",
    actions=(ActionEnded("push", "http", "done", "PUT http://agent 200"), ActionEnded("mark", "label", "unchanged")),
    changes=(Change(INGRESS, "1M", "2M"),),
    seconds=0.0471,
)
HEAD = f'12:00:00 bw modified Pod shop/web-0: {INGRESS} "1M" -> "2M"; '


def text(report: Report) -> str:
    return text_of(report, "12:00:00", Palette())


def test_a_run_that_worked_tells_what_changed_and_what_each_action_did() -> None:
    assert text(DONE) == f"{HEAD}push done (PUT http://agent 200), mark unchanged; 47ms"


def test_a_run_that_worked_at_last_tells_how_many_tries_it_took() -> None:
    assert text(replace(DONE, attempt=3)).endswith("; 47ms, try 3")


def test_a_run_that_is_tried_again_tells_why_and_when() -> None:
    failed = ActionEnded("push", "http", "retry", "503 from http://agent")
    report = replace(
        DONE, actions=(failed,), outcome="retry", message="push: 503 from http://agent", retry_in_seconds=1.234
    )
    assert text(report) == f"{HEAD}push retry (503 from http://agent); try 1 did not work; next try in 1.2s"


def test_a_reason_that_no_action_told_is_told_at_the_end() -> None:
    report = replace(DONE, actions=(), outcome="retry", message="lookup.node is not synced", retry_in_seconds=75.2)
    assert text(report) == f"{HEAD}try 1 did not work: lookup.node is not synced; next try in 1m15s"


def test_a_run_that_failed_for_good_tells_what_would_run_it_again() -> None:
    failed = ActionEnded("push", "http", "failed", "404 from http://agent")
    report = replace(DONE, actions=(failed,), outcome="failed", attempt=2, message="push: 404 from http://agent")
    assert text(report) == (
        f"{HEAD}push failed (404 from http://agent); failed for good after 2 tries; "
        "runs again when a watched value or the rule changes"
    )


def test_a_dry_run_tells_what_would_be_sent() -> None:
    report = replace(DONE, actions=(ActionEnded("push", "http", "done", '{"method":"PUT"}'),), outcome="would")
    assert text(report) == f'{HEAD}push would http {{"method":"PUT"}}; 47ms'


def test_a_run_for_a_target_names_both_objects() -> None:
    report = replace(DONE, kind="ConfigMap", target=ObjectKey("shop", "web"), changes=(), actions=())
    assert text(report) == "12:00:00 bw modified ConfigMap shop/web-0 for shop/web: 47ms"


def test_what_a_secret_holds_is_shown_neither_to_people_nor_to_machines() -> None:
    report = replace(DONE, kind="Secret", changes=(Change("data.token", None, "aHVudGVyMg=="),))
    assert 'data.token null -> "***"' in text(report)
    assert "aHVudGVyMg" not in text(report) + json_of(report, "2026-01-01T00:00:00.000Z")


def test_values_are_cut_on_a_line_for_people_and_whole_for_machines() -> None:
    report = replace(DONE, changes=(Change("data.a", None, "x" * 500),))
    assert "x" * 78 + "\N{HORIZONTAL ELLIPSIS};" in text(report)
    assert "x" * 500 in json_of(report, "2026-01-01T00:00:00.000Z")


def test_text_from_a_cluster_cannot_break_the_line_or_steer_the_terminal() -> None:
    line = text(Line("bw", KEY, "say", "info", "one\ntwo \x1b[2Jthree"))
    assert line == "12:00:00 bw shop/web-0 say: one two \N{REPLACEMENT CHARACTER}[2Jthree"


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (Fault("bw", KEY, "length(): null"), "bw shop/web-0: not evaluated: length(): null"),
        (Fault("bw", None, "length(): null"), "bw: not evaluated: length(): null"),
        (Paused("bw", "61 runs in a minute"), "bw: paused: 61 runs in a minute"),
        (Held("bw", 1, "the list is empty"), "bw: 1 run held: the list is empty"),
        (Held("bw", 30, "the list is empty"), "bw: 30 runs held: the list is empty"),
        (Line("bw", KEY, "say", "warning", "careful"), "bw shop/web-0 say: warning: careful"),
        (Notice("the server is back"), "the server is back"),
        (Notice("not ready", "error", "bw"), "bw: error: not ready"),
    ],
    ids=["fault", "fault without object", "paused", "held one", "held", "line", "notice", "notice of a rule"],
)
def test_other_reports_are_a_line_each(report: Report, expected: str) -> None:
    assert text(report) == f"12:00:00 {expected}"


def test_colour_says_how_it_went() -> None:
    painted = text_of(DONE, "12:00:00", Palette(colour=True))
    assert "\x1b[32mdone\x1b[0m" in painted
    assert "\x1b[1mbw\x1b[0m" in painted


def test_a_run_is_one_json_object_with_all_there_is_to_know() -> None:
    assert decode(json_of(DONE, "2026-01-01T00:00:00.000Z")) == {
        "time": "2026-01-01T00:00:00.000Z",
        "type": "run",
        "rule": "bw",
        "event": "modified",
        "object": {"kind": "Pod", "namespace": "shop", "name": "web-0"},
        "target": None,
        "number": 2,
        "attempt": 1,
        "outcome": "succeeded",
        "changes": [{"path": INGRESS, "old": "1M", "new": "2M"}],
        "actions": [
            {"name": "push", "plugin": "http", "outcome": "done", "message": "PUT http://agent 200"},
            {"name": "mark", "plugin": "label", "outcome": "unchanged", "message": ""},
        ],
        "seconds": 0.0471,
        "message": "",
        "retryInSeconds": None,
    }


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (
            Fault("bw", KEY, "m"),
            {"type": "fault", "rule": "bw", "object": {"namespace": "shop", "name": "web-0"}, "message": "m"},
        ),
        (Paused("bw", "m"), {"type": "paused", "rule": "bw", "message": "m"}),
        (Held("bw", 3, "m"), {"type": "held", "rule": "bw", "count": 3, "message": "m"}),
        (Notice("m", "warning"), {"type": "notice", "rule": None, "level": "warning", "message": "m"}),
        (
            Line("bw", KEY, "say", "info", "m"),
            {
                "type": "line",
                "rule": "bw",
                "object": {"namespace": "shop", "name": "web-0"},
                "action": "say",
                "level": "info",
                "message": "m",
            },
        ),
    ],
    ids=["fault", "paused", "held", "notice", "line"],
)
def test_every_report_says_in_json_which_it_is(report: Report, expected: object) -> None:
    told = decode(json_of(report, "t"))
    assert isinstance(told, dict)
    assert {name: value for name, value in told.items() if name != "time"} == expected
