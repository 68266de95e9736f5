"""Problems as text and as JSON, exactly as users read them."""

from __future__ import annotations

import pytest

from rulectl.check.report import fails, json_report, summary, text_report
from rulectl.plan.compiler import compile_text
from rulectl.problem import Place, Problem, Severity
from tests.rule.marked import rule

ERROR = Problem(
    Place("a.yaml", 7, 3, 8), "RC203", "unknown key 'evnts'", hint="did you mean 'events'?", source="  evnts: []"
)
WARNING = Problem(Place("a.yaml", 9, 1), "RC319", "no effect", Severity.WARNING, source="x: y")
NOTE = Problem(Place("b.yaml"), "RC210", "left alone", Severity.NOTE)


def test_problems_are_shown_with_their_line_a_caret_and_what_to_do() -> None:
    assert (
        text_report([WARNING, ERROR, NOTE, ERROR], rules=3)
        == """\
a.yaml:7:3: RC203 unknown key 'evnts'
    |   evnts: []
    |   ^^^^^
    = did you mean 'events'?
a.yaml:9:1: RC319 warning: no effect
    | x: y
    | ^
b.yaml: RC210 note: left alone
3 rules: 1 error, 1 warning, 1 note
"""
    )


def test_the_report_of_a_real_rule() -> None:
    compilation = compile_text(
        rule("evnts: [added]\nwhen:\n- objct.status.phase == 'Running'\nfor: 5 minutes"), file="rules/web.yaml"
    )
    assert (
        text_report(compilation.problems, rules=len(compilation.names))
        == """\
rules/web.yaml:5:3: RC203 unknown key 'evnts' in spec
    |   evnts: [added]
    |   ^^^^^
    = did you mean 'events'?
rules/web.yaml:7:5: RC402 unknown root 'objct'
    |   - objct.status.phase == 'Running'
    |     ^^^^^
    = did you mean 'object'?
rules/web.yaml:8:8: RC207 spec.for must be a duration such as 500ms, 30s, 5m or 1h30m, not '5 minutes'
    |   for: 5 minutes
    |        ^^^^^^^^^
    = write 5m
1 rule: 3 errors
"""
    )


def test_a_report_about_nothing_says_so() -> None:
    assert text_report([], rules=3) == "3 rules: no problems\n"
    assert text_report([]) == "no problems\n"


def test_tabs_do_not_move_the_caret() -> None:
    problem = Problem(Place("a.yaml", 1, 3, 5), "RC104", "broken", source="\ta\tbc")
    assert text_report([problem]).split("\n")[1:3] == ["    |     a    bc", "    |      ^^^^^"]


def test_a_long_line_is_cut_around_the_place() -> None:
    problem = Problem(Place("a.json", 1, 5001, 5005), "RC203", "unknown", source="x" * 5000 + "evil" + "y" * 5000)
    line, caret = text_report([problem]).split("\n")[1:3]
    assert len(line) < 220
    assert line[caret.index("^") : caret.rindex("^") + 1] == "evil"


@pytest.mark.parametrize(
    ("problems", "strict", "failed"),
    [
        ([], True, False),
        ([NOTE], True, False),
        ([WARNING], False, False),
        ([WARNING], True, True),
        ([ERROR], False, True),
    ],
)
def test_errors_fail_and_warnings_do_with_strict(problems: list[Problem], strict: bool, failed: bool) -> None:
    assert fails(problems, strict=strict) is failed


def test_the_summary_says_why_a_check_failed_on_warnings_alone() -> None:
    assert summary([WARNING], rules=1, strict=True) == "1 rule: 1 warning (warnings fail with --strict)"
    assert summary([WARNING, ERROR], rules=1, strict=True) == "1 rule: 1 error, 1 warning"


def test_the_json_report_has_the_same_problems_in_the_same_order() -> None:
    report = json_report([NOTE, WARNING, ERROR, ERROR])
    assert (report["ok"], report["errors"], report["warnings"], report["notes"]) == (False, 1, 1, 1)
    assert report["problems"] == [
        {
            "file": "a.yaml", "line": 7, "column": 3, "endColumn": 8, "code": "RC203", "severity": "error",
            "message": "unknown key 'evnts'", "hint": "did you mean 'events'?",
        },
        {"file": "a.yaml", "line": 9, "column": 1, "code": "RC319", "severity": "warning", "message": "no effect"},
        {"file": "b.yaml", "code": "RC210", "severity": "note", "message": "left alone"},
    ]  # fmt: skip
