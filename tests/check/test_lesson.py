"""Lessons: what they show as wrong is, and what they show as right is not."""

from __future__ import annotations

import pytest

from rulectl.check.inspection import inspect
from rulectl.check.lesson import lesson
from rulectl.plan.compiler import compile_text
from rulectl.rule.codes import CODES
from tests.rule.marked import rule

SHOWN = [code for code in CODES if (found := lesson(code)) is not None and found.wrong]


@pytest.mark.parametrize("code", SHOWN)
def test_an_example_has_its_fault_or_has_it_not(code: str) -> None:
    shown = lesson(code)
    assert shown is not None
    assert code in {problem.code for problem in inspect(compile_text(rule(shown.wrong)))}
    assert inspect(compile_text(rule(shown.right))) == ()


def test_most_codes_are_shown_with_examples() -> None:
    assert len(SHOWN) >= 45


def test_a_lesson_reads_well() -> None:
    assert (
        str(lesson("rc412"))
        == """\
RC412: ! before a path: it binds tighter than the dot

In JMESPath ! binds tighter than the dot. The left one asks for a field of false.

Wrong:
    when:
    - "!object.spec.nodeName"

Right:
    when:
    - "!(object.spec.nodeName)\""""
    )


def test_a_lesson_without_example_says_what_the_code_means() -> None:
    assert str(lesson("RC103")) == "RC103: the file is larger than a rule file may be"


def test_an_unknown_code_has_no_lesson() -> None:
    assert lesson("RC999") is None
