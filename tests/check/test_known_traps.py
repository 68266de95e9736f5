"""JMESPath's traps as people fall into them: each is told by validate, with what to write instead."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulectl.check.inspection import inspect
from rulectl.check.lesson import lesson
from rulectl.plan.compiler import compile_rules, compile_text
from tests.rule.marked import expected, found, rule, unmarked

ROOT = Path(__file__).parents[2]
DEPLOYMENT = "watch: {apiVersion: apps/v1, kind: Deployment}\n"
ADDED = "events: [added, modified]\nchanged: {fields: [spec.replicas]}\n"

TRAPS = {
    "&& beside a pipe": (
        "RC411",
        "when:\n- ▲object.status.phase == 'Running' && object.status.conditions[?type=='Ready'] | [0].status != 'True'",
        "put parentheses around what belongs together",
    ),
    "!= on a path that is misspelt": (
        "RC421",
        f"{DEPLOYMENT}when:\n- object.spec.▲replicsa != `1`",
        "did you mean 'replicas'?",
    ),
    "a text in double quotes": (
        "RC414",
        'when:\n- object.status.conditions[?status == ▲"Pending"]',
        "a text is written 'Pending'",
    ),
    "a text without quotes": (
        "RC402",
        "when:\n- object.status.phase == ▲Pending",
        "the roots here are: let, lookup, object, rule; a text is written in single quotes, 'Pending'",
    ),
    "a number in quotes": ("RC422", f"{DEPLOYMENT}when:\n- ▲object.spec.replicas == '0'", "a number is written `0`"),
    "a list compared with a text": (
        "RC415",
        "when:\n- ▲object.spec.containers[].name == 'a'",
        "write contains(object.spec.containers[].name, 'a')",
    ),
    "an order of a baseline that is not there": (
        "RC417",
        f"{DEPLOYMENT}{ADDED}when:\n- ▲old.spec.replicas < `5`",
        "write old && ... if it may be so, or !old || ... if added is to count",
    ),
    "the length of what is absent": (
        "RC416",
        "when:\n- length(▲object.spec.volumes) > `0`",
        "write (object.spec.volumes || `[]`) if it may be",
    ),
    "an order of a number and a text": ("RC422", f"{DEPLOYMENT}when:\n- ▲object.spec.replicas > 'a'", ""),
    "a key with a slash": (
        "RC401",
        "when:\n- object.metadata.annotations.a.io▲/x == 'b'",
        "a key with other characters than letters, digits and _ is written in double quotes,"
        " or read with annotation(object, 'a.io/key')",
    ),
    "a key in brackets": (
        "RC401",
        "when:\n- object.metadata.annotations[▲'a.io/x'] == 'b'",
        "keys in brackets are not JMESPath: write a.\"key\", or annotation(object, 'a.io/key')",
    ),
    "a root with a dollar": (
        "RC401",
        "when:\n- object.spec.containers[?x == ▲$.object.y]",
        "JMESPath has no $; begin with a root such as object",
    ),
    "! before a path": ("RC412", "when:\n- '▲!object.spec.nodeName'", "write !(object.spec.nodeName)"),
    "! before a path in a filter": (
        "RC412",
        "when:\n- object.status.containerStatuses[?▲!state.running]",
        "write !(state.running)",
    ),
    "null as a bare word": (
        "RC402",
        "when:\n- object.spec.nodeName != ▲null",
        "the value is written `null`, in backticks",
    ),
    "true as a bare word": (
        "RC402",
        "when:\n- object.spec.hostNetwork == ▲true",
        "the value is written `true`, in backticks",
    ),
    "a root in a filter": (
        "RC413",
        "lookup: {nodes: {apiVersion: v1, kind: Node}}\nwhen:\n- lookup.nodes[?metadata.name == ▲object.spec.nodeName]",
        "compare in a lookup's where with item, or with a literal",
    ),
    "! as a YAML tag": ("RC106", "when:\n- ▲!contains(object.metadata.name, 'x')", None),
}


@pytest.mark.parametrize(("code", "spec", "hint"), TRAPS.values(), ids=TRAPS)
def test_a_known_trap_is_told_at_its_place_and_nothing_else_is(code: str, spec: str, hint: str | None) -> None:
    text = rule(spec)
    problems = [one for one in inspect(compile_text(unmarked(text))) if one.code != "RC603"]
    assert found(problems) == expected(text, [code])
    assert hint is None or problems[0].hint == hint
    shown = lesson(code)
    assert shown is not None
    assert shown.wrong
    assert shown.right


@pytest.mark.parametrize("code", sorted({code for code, _, _ in TRAPS.values()} - {"RC106", "RC401", "RC402"}))
def test_each_of_them_can_be_silenced(code: str) -> None:
    spec = next(spec for trap, spec, _ in TRAPS.values() if trap == code)
    text = unmarked(rule(spec)).replace(
        "{name: example}", f"{{name: example, annotations: {{rulectl.dev/ignore: {code}}}}}"
    )
    assert [one for one in inspect(compile_text(text)) if one.code != "RC603"] == []


def test_the_shipped_rules_are_free_of_them() -> None:
    assert inspect(compile_rules([ROOT / "rules"], environ={})) == ()


def test_the_rules_in_the_readme_are_free_of_them() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    rules = [block for block in blocks if "kind: Rule\n" in block]
    assert rules
    for text in rules:
        assert [one for one in inspect(compile_text(text, environ={})) if one.severity != "note"] == []
