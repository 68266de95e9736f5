"""JMESPath's traps: each is told where it stands, and what is written right is left alone."""

from __future__ import annotations

import pytest

from rulectl.check.traps import traps
from rulectl.plan.compiler import compile_text
from tests.rule.marked import expected, found, rule, unmarked

TRAPS = {
    "&& beside a pipe": ("RC411", "▲object.phase == 'Running' && object.c[?type=='Ready'] | [0].status != 'True'"),
    "|| beside a pipe": ("RC411", "▲object.a || object.b | [0]"),
    "&& right of a pipe": ("RC411", "object.a | ▲b && c"),
    "! before a path": ("RC412", '"▲!object.spec.x"'),
    "! before a path in a filter": ("RC412", "object.items[?▲!a.b]"),
    "a root in a filter": ("RC413", "object.items[?x == ▲object.y]"),
    "a root behind a pipe": ("RC413", "object.items | length(▲object.b || `[]`)"),
    "a text in double quotes": ("RC414", 'object.c[?type == ▲"Ready"]'),
    "a text without quotes": ("RC414", "object.c[?type == ▲Ready]"),
    "true without backticks": ("RC414", "object.c[?ready == ▲true]"),
    "null without backticks": ("RC414", "object.c[?ready != ▲null]"),
    "a list compared with a text": ("RC415", "▲object.spec.containers[].name == 'a'"),
    "a text compared with a list": ("RC415", "(▲'a' != object.spec.containers[*].name)"),
    "a filter compared with a text": ("RC415", "▲object.c[?type == 'Ready'].status == 'True'"),
}
FINE = [
    "(object.a && object.b) | [0]",
    "object.c[?type=='Ready'] | [0].status == 'True'",
    "'!(object.spec.x)'",
    "'!contains(`[]`, object.spec.x)'",
    "object.c[?type == 'Ready']",
    "object.c[?replicas != ready]",
    "object.c[?ready == `true`]",
    "object.spec.containers[0].name == 'a'",
    "object.spec.containers[*].name | [0] == 'a'",
    "contains(object.spec.containers[].name || `[]`, 'a')",
    "object.c[?a && b]",
    "object.spec.volumes && length(object.spec.volumes) > `1`",
    "starts_with(object.metadata.name, 'web-')",
    "annotation(object, 'a') == 'b'",
    "length(object.spec.volumes || `[]`) > `0`",
]


def problems(term: str) -> tuple[str, list[object]]:
    text = rule(f"when:\n- {term}")
    compilation = compile_text(unmarked(text))
    assert compilation.problems == ()
    return text, list(found(traps(compilation.expressions)))


@pytest.mark.parametrize(("code", "term"), TRAPS.values(), ids=TRAPS)
def test_a_trap_is_told_at_its_place(code: str, term: str) -> None:
    text, faults = problems(term)
    assert faults == expected(text, [code])


@pytest.mark.parametrize("term", FINE)
def test_what_is_written_right_is_left_alone(term: str) -> None:
    assert problems(term)[1] == []


def test_a_trap_in_a_template_is_told_where_it_stands_in_the_text() -> None:
    text = rule('actions:\n- log:\n    message: "a ${{ ▲!object.a.b }} b"')
    assert found(traps(compile_text(unmarked(text)).expressions)) == expected(text, ["RC412"])


def test_a_hint_says_what_to_write() -> None:
    [problem] = traps(compile_text(rule("when:\n- object.spec.containers[].name == 'a'")).expressions)
    assert problem.message == "a list is compared with a single value: this is always false"
    assert (problem.hint, problem.severity) == ("write contains(object.spec.containers[].name, 'a')", "warning")
