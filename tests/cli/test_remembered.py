"""The state in words and tables."""

from __future__ import annotations

import pytest

from rulectl.cli.remembered import details, object_lines, overview, rule_lines
from rulectl.errors import UsageError
from rulectl.state.record import Failure, Owed, Record, RuleState, Run
from rulectl.state.store import Loaded

SETTLED = Record("r", "u1", "i1", "shop", "web", base={"bw": "1M"}, settled=True)
OWED = Record("r", "u2", "i2", "shop", "job", owed=Owed("added", 0.0))
RETRYING = Record(
    "r", "u3", "i3", "", "node", run=Run(2, "fire", "modified", 0.0, attempts=1, error="503", retry_at=60.0)
)
FAILED = Record("r", "u4", "i4", "shop", "bad", failed=Failure("fire", 3, 0.0, "push: 422"))
HELD = Record("s", "u5", "i5", "shop", "gone", held=True)
KEPT = Loaded(
    (SETTLED, OWED, RETRYING, FAILED, HELD), (RuleState("r"), RuleState("s", paused=True, paused_reason="60"))
)


def test_each_rule_has_a_line() -> None:
    assert rule_lines(overview(KEPT)) == [
        "RULE  OBJECTS  OWED  RETRYING  HELD  FAILED  PAUSED",
        "r     4        1     1         -     1       -",
        "s     1        -     -         1     -       60",
    ]


def test_nothing_is_said_to_be_nothing() -> None:
    assert rule_lines(overview(Loaded((), ()))) == ["nothing is remembered yet"]


def test_each_object_is_told_with_what_is_to_be_done() -> None:
    assert object_lines(details(KEPT, "r", "", "")) == [
        "node (u3): begun",
        "  run: number 2, event modified, begun 1970-01-01T00:00:00Z, attempts 1, error 503, next 1970-01-01T00:01:00Z",
        "shop/bad (u4): failed for good",
        "  failed: run 3, at 1970-01-01T00:00:00Z: push: 422; `rulectl state retry` runs it again",
        "shop/job (u2): owed",
        "  owed: added, since 1970-01-01T00:00:00Z",
        "shop/web (u1): settled",
        "  baseline: bw 1M",
    ]


def test_one_object_by_its_name() -> None:
    assert [one["object"] for one in details(KEPT, "r", "shop", "web")] == ["shop/web"]


@pytest.mark.parametrize(
    ("rule", "name", "message"),
    [
        ("rr", "", "no object is remembered for a rule 'rr'; remembered are: r, s"),
        ("r", "x", "rule 'r' remembers no shop/x; `rulectl state show r` lists what it does"),
    ],
)
def test_what_is_not_there_is_said_to_be_missing(rule: str, name: str, message: str) -> None:
    with pytest.raises(UsageError) as told:
        details(KEPT, rule, "shop", name)
    assert str(told.value) == message
