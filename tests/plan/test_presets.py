"""What RuleDefaults preset for actions."""

from __future__ import annotations

import pytest

from rulectl.plan.compiler import compile_text
from tests.rule.marked import expected, found, rule, unmarked
from tests.rule.test_defaults import defaults


@pytest.mark.parametrize(
    ("codes", "presets"),
    [
        ("RC501", "actions: {▲htpp: {url: x}}"),
        ("RC502", "actions: {http: {▲methd: PUT}}"),
        ("RC502 RC501", "actions: {http: {▲methd: PUT}, ▲foo: {}}"),
    ],
)
def test_a_preset_that_no_action_takes_is_told_at_its_place(codes: str, presets: str) -> None:
    text = f"{defaults(presets)}---\n{rule('workers: 1')}"
    assert found(compile_text(unmarked(text)).problems) == expected(text, codes.split())


def test_a_parameter_that_is_preset_is_not_missing() -> None:
    text = f"{defaults('actions: {http: {url: http://a}}')}---\n{rule('actions: [{http: {method: GET}}]')}"
    compilation = compile_text(text)
    assert compilation.problems == ()
    assert compilation.plan.rules[0].actions[0].written == {"method": "GET", "url": "http://a"}


def test_a_preset_of_a_wrong_value_is_told_where_it_is_preset() -> None:
    text = f"{defaults('actions: {scale: {replicas: ▲many}}')}---\n{rule('actions: [{scale: {}}]')}"
    assert found(compile_text(unmarked(text)).problems) == expected(text, ["RC502"])


@pytest.mark.parametrize("text", [rule("actions: [{pageTeam: {}}]"), f"{defaults('actions: {pageTeam: {}}')}"])
def test_an_action_that_is_like_none_may_be_of_a_plugin(text: str) -> None:
    [problem] = [one for one in compile_text(text).problems if one.code == "RC501"]
    assert problem.hint.startswith("known: annotate, apply, ")
    assert problem.hint.endswith("scale; a plugin's has to be installed, or given with --plugin")
