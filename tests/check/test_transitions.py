"""Rules that judge a step get a note about what is weaker."""

from __future__ import annotations

import pytest

from rulectl.check.inspection import inspect
from rulectl.plan.compiler import compile_text
from rulectl.problem import Severity
from tests.rule.marked import rule

ACTIONS = "actions: [{log: {message: hi}}]\n"


def notes(spec: str) -> list[tuple[str, int, Severity]]:
    found = inspect(compile_text(rule(spec + ACTIONS)))
    return [(one.code, one.place.column, one.severity) for one in found]


@pytest.mark.parametrize(
    ("spec", "column"),
    [
        pytest.param("changed: {fields: [{path: status.phase, from: Pending}]}\n", 29, id="from"),
        pytest.param("changed: {fields: [{path: status.phase, to: Running}]}\n", 29, id="to"),
        pytest.param(
            'changed: {fields: [spec.nodeName]}\nwhen: ["old.spec.nodeName && object.spec.nodeName"]\n',
            11,
            id="old in a term",
        ),
    ],
)
def test_a_step_is_noted(spec: str, column: int) -> None:
    assert notes(spec) == [("RC603", column, Severity.NOTE)]


def test_a_difference_is_not() -> None:
    assert notes("changed: {fields: [status.phase]}\n") == []
