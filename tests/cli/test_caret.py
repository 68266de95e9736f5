"""Faults in what was typed, with a caret."""

from __future__ import annotations

import pytest

from rulectl.cli.caret import fault_text, underlined
from rulectl.expression import EvaluationError, ExpressionError


def test_every_fault_is_told_with_its_place() -> None:
    text = "lenght(object.a) > fooo(object)"
    fault = ExpressionError("unknown function lenght()", 0, 6, "did you mean length()?")
    fault.others = (ExpressionError("unknown function fooo()", 19, 23),)
    assert fault_text(text, fault) == (
        "unknown function lenght() (did you mean length()?)\n"
        "  lenght(object.a) > fooo(object)\n"
        "  ^^^^^^\n"
        "unknown function fooo()\n"
        "  lenght(object.a) > fooo(object)\n"
        "                     ^^^^"
    )


def test_a_value_that_could_not_be_had_is_told_with_its_place() -> None:
    assert fault_text("sum(a)", EvaluationError("sum(): a is null", 4, 5)) == "sum(): a is null\n  sum(a)\n      ^"


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("abc", 1, 2, "  abc\n   ^"),
        ("abc", 3, 3, "  abc\n     ^"),
        ("abc", 9, 9, "  abc\n     ^"),
        ("one\ntwo", 4, 6, "  two\n  ^^"),
        ("one\ntwo", 1, 6, "  one\n   ^^"),
        ("\ta+", 2, 3, "  \ta+\n  \t ^"),
    ],
    ids=["inside", "at the end", "past the end", "second line", "over a line's end", "tab"],
)
def test_the_caret_stands_under_the_character(text: str, start: int, end: int, expected: str) -> None:
    assert underlined(text, start, end) == expected
