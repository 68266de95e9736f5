"""Silencing: what a rule does not want to be told of, and silences that silence nothing."""

from __future__ import annotations

import pytest

from rulectl.check.inspection import inspect
from rulectl.plan.compiler import compile_text
from tests.rule.marked import expected, found, rule, unmarked


def annotated(codes: str, spec: str, name: str = "example") -> str:
    text = rule(spec, name)
    return text.replace(f"{{name: {name}}}", f'{{name: {name}, annotations: {{rulectl.dev/ignore: "{codes}"}}}}')


@pytest.mark.parametrize(
    ("codes", "spec"),
    [
        ("RC421", "when: [object.spec.nodename]"),
        ("rc421", "when: [object.spec.nodename, object.spec.other]"),
        ("RC421, RC422", "when: [object.spec.nodename, object.spec.priority == '5']"),
        ("RC421 RC422", "when: [object.spec.nodename, object.spec.priority == '5']"),
        ("RC416", "when: ['length(object.spec.volumes) > `1`']"),
        ("RC420", "watch: {apiVersion: apps/v1, kind: Deploymnt}"),
        ("RC703", "watch: {apiVersion: acme.io/v1, kind: Widget}"),
        ("RC601,RC421", "changed: {labels: [a]}\nwhen: [object.spec.a]\nactions: [{label: {set: {a: b}}}]"),
    ],
)
def test_what_a_rule_silences_is_not_told(codes: str, spec: str) -> None:
    assert inspect(compile_text(annotated(codes, spec))) == ()


@pytest.mark.parametrize(
    ("codes", "spec", "told", "message", "hint"),
    [
        (
            "▲RC421",
            "when: [object.spec.nodeName]",
            "RC320",
            "RC421 silences nothing: this rule has no such problem",
            "remove it",
        ),
        (
            "RC421,  ▲rc423",
            "when: [object.spec.a]",
            "RC320",
            "RC423 silences nothing: this rule has no such problem",
            "remove it",
        ),
        (
            "▲RC42",
            "when: [object.spec.nodeName]",
            "RC320",
            "there is no code RC42",
            "`rulectl explain CODE` tells what each means",
        ),
        (
            "▲all",
            "when: [object.spec.nodeName]",
            "RC320",
            "there is no code ALL",
            "`rulectl explain CODE` tells what each means",
        ),
        (
            "▲RC203",
            "▲event: [added]",
            "RC320 RC203",
            "RC203 cannot be silenced: with it the rule does not run",
            "correct it",
        ),
    ],
)
def test_a_silence_that_silences_nothing_is_told(codes: str, spec: str, told: str, message: str, hint: str) -> None:
    text = annotated(codes, spec)
    problems = inspect(compile_text(unmarked(text)))
    assert found(problems) == expected(text, told.split())
    assert (message, hint) in [(problem.message, problem.hint) for problem in problems]


def test_a_silence_holds_for_its_own_rule_only() -> None:
    first = annotated("RC421", "when: [object.spec.nodename]", "one")
    second = rule("when: [object.spec.▲nodename, object.spec.nodeName]", "two")
    text = f"{first}---\n{second}"
    assert found(inspect(compile_text(unmarked(text)))) == expected(text, ["RC421"])
