"""What is said at the end of a run with --once."""

from __future__ import annotations

from rulectl.cli.summary import SHOWN, summary_json, summary_text
from rulectl.cli.tally import Tally
from rulectl.manager.once import Left, Summary
from rulectl.resource import ObjectKey
from rulectl.value import decode

KEY = ObjectKey("shop", "a")
LEFT = Summary((Left("bw", KEY, "failed", "push:\n404"), Left("bw", ObjectKey("shop", "b"), "waiting", "")))


def test_what_is_left_is_told_a_line_each() -> None:
    assert summary_text(Tally(), LEFT) == "0 runs\n  bw shop/a failed: push: 404\n  bw shop/b waiting"


def test_a_long_list_is_cut_for_people() -> None:
    many = Summary(tuple(Left("bw", KEY, "waiting", "") for _ in range(SHOWN + 3)))
    lines = summary_text(Tally(), many).splitlines()
    assert (len(lines), lines[-1]) == (SHOWN + 2, "  and 3 more; -o json has them all")


def test_machines_are_told_everything() -> None:
    assert decode(summary_json(Tally(), LEFT, "t")) == {
        "time": "t",
        "type": "summary",
        "ok": False,
        "runs": {},
        "held": 0,
        "paused": [],
        "notEvaluated": 0,
        "left": [
            {"rule": "bw", "object": {"namespace": "shop", "name": "a"}, "why": "failed", "message": "push:\n404"},
            {"rule": "bw", "object": {"namespace": "shop", "name": "b"}, "why": "waiting", "message": ""},
        ],
    }
