"""Orders of a baseline that may not be there."""

from __future__ import annotations

import pytest

from rulectl.check.baseline import baseline_problems
from rulectl.plan.compiler import compile_text
from tests.rule.marked import expected, found, rule, unmarked

ADDED = "events: [added, modified]\nchanged: {fields: [spec.priority]}\n"


@pytest.mark.parametrize(
    "spec",
    [
        "when: ['▲old.spec.priority < `5`']",
        "when: ['object.spec.nodeName && ▲object.spec.priority >= old.spec.priority']",
        "let: {a: '▲old.spec.priority > `5`'}",
        "actions: [{if: '▲old.spec.priority > `5`', log: {message: x}}]",
        "when: [{any: ['▲old.spec.priority > `5`', object.spec.nodeName]}]",
    ],
)
def test_an_order_of_old_is_told_where_added_makes_the_rule_owe(spec: str) -> None:
    text = rule(ADDED + spec)
    assert found(baseline_problems(compile_text(unmarked(text)).expressions)) == expected(text, ["RC417"])


@pytest.mark.parametrize(
    "spec",
    [
        "changed: {fields: [spec.priority]}\nwhen: ['old.spec.priority < `5`']",
        f"{ADDED}when: ['old && old.spec.priority < `5`']",
        f"{ADDED}when: ['!old || old.spec.priority < `5`']",
        f"{ADDED}when: [old != `null`, 'old.spec.priority < `5`']",
        f"{ADDED}when: ['!(old) || `true`', 'old.spec.priority < `5`']",
        f"{ADDED}when: [\"event.type == 'modified'\", 'old.spec.priority < `5`']",
        f"{ADDED}when: ['old.spec.priority && old.spec.priority < `5`']",
        f"{ADDED}when: ['old.spec.priority == `5`']",
        f"{ADDED}when: ['object.spec.priority < `5`']",
        f"{ADDED}when: ['(old || object).spec.priority < `5`']",
        f"{ADDED}when: ['changes[?old < `5`]']",
        f"{ADDED}resolved: [{{if: 'old.spec.priority < `5`', log: {{message: x}}}}]",
    ],
)
def test_an_order_of_old_is_left_alone_where_it_is_there_or_asked_for(spec: str) -> None:
    assert baseline_problems(compile_text(rule(spec)).expressions) == []
