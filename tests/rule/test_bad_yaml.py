"""Broken files: each fault is told with its code and its exact place, and nothing else is."""

from __future__ import annotations

import pytest

from rulectl.rule.load import load_text
from rulectl.rule.source import Source
from rulectl.rule.syntax import json_fault
from tests.rule.marked import expected, found, rule, unmarked

CASES = {
    "a list in the middle of a mapping": ("RC104", "a: 1\n▲- b\n"),
    "a value with a colon that is not quoted": ("RC104", "message: it says▲: no\n"),
    "a quote that is never closed": ("RC104", "a: ▲'b\nc: d\n"),
    "a double quote that is never closed": ("RC104", 'a: ▲"b\n'),
    "a bracket that is never closed": ("RC104", "a: ▲[1, 2\nb: 3\n"),
    "a brace that is never closed": ("RC104", "a: ▲{b: 1\n"),
    "a tab as indentation": ("RC104", "a:\n▲\tb: c\n"),
    "a value that begins with a backtick": ("RC104", "a: ▲`1`\n"),
    "a value that begins with @": ("RC104", "a: ▲@\n"),
    "an indentation that is one too deep": ("RC104", "a: 1\n b▲: 2\n"),
    "an escape that does not exist": ("RC104", 'a: "b▲\\qc"\n'),
    "a text that goes on behind its quotes": ("RC104", "a:\n- 'b' ▲== c\n"),
    "a glob that is not quoted": ("RC104", "a: [▲*]\n"),
    "a directive that does not exist": ("RC104", "▲%FOO\n---\na: 1\n"),
    "a key twice": ("RC105", "a: 1\nb: 2\n▲a: 3\n"),
    "a key twice in a flow mapping": ("RC105", "a: {b: 1, ▲b: 2}\n"),
    "a key twice, once quoted": ("RC105", "a: 1\n▲'a': 3\n"),
    "a key three times": ("RC105 RC105", "a: 1\n▲a: 2\n▲a: 3\n"),
    "an expression that is a YAML tag": ("RC106", "when:\n- ▲!f(x)\n"),
    "an expression that is no valid YAML tag": ("RC106", "when:\n- ▲!contains(x, 'a')\n"),
    "two expressions that are no valid YAML tags": ("RC106 RC106", "w:\n- ▲!f(x, y)\n- a\n- ▲!g(x, y)\n"),
    "a standard tag": ("RC106", "a: ▲!!str 5\n"),
    "a tag on a mapping": ("RC106", "a: ▲!x\n  b: 1\n"),
    "a number with a leading zero": ("RC107", "mode: ▲0644\n"),
    "a negative number with a leading zero": ("RC107", "a: ▲-010\n"),
    "a new octal number": ("RC107", "a: ▲0o17\n"),
    "a binary number": ("RC107", "a: ▲0b101\n"),
    "a number with underscores": ("RC107", "a: ▲1_000\n"),
    "an infinity": ("RC107", "a: ▲.inf\n"),
    "no number": ("RC107", "a: ▲.nan\n"),
    "a float that is too large": ("RC107", "a: ▲1e400\n"),
    "an integer that is too large": ("RC107", "a: ▲99999999999999999999\n"),
    "an alias of nothing": ("RC108", "a: ▲*b\n"),
    "an alias inside of what it names": ("RC108", "a: &x\n  b: ▲*x\n"),
    "a key that is a list": ("RC110", "? ▲[a, b]\n: 1\n"),
    "a key that is missing": ("RC110", "?▲\n: 1\n"),
    "a key that is an alias": ("RC110", "a: &x b\n▲*x : 1\n"),
    "a merge key": ("RC111", "a: &x {b: 1}\nc:\n  ▲<<: *x\n"),
    "a control character": ("RC102", "a: b▲\x01\n"),
}


@pytest.mark.parametrize(("codes", "text"), CASES.values(), ids=CASES)
def test_broken_yaml_is_told_with_its_place(codes: str, text: str) -> None:
    loaded = load_text("kind: x\napiVersion: y\n---\n" + unmarked(text))
    faults = [fault for fault in found(loaded.problems) if fault.code not in {"RC210", "RC120"}]
    assert faults == expected("\n\n\n" + text, codes.split())


ADVICE = {
    "a template of Helm": (
        "a: 1\nb: {{ .Values.b }}\n",
        "this looks like a Helm template, which is no YAML",
    ),
    "a statement of Helm": (
        "a: 1\n{{- if .Values.b }}\nb: 1\n",
        "this looks like a Helm template, which is no",
    ),
    "a key in braces": ("? {a: 1}\n: 2\n", "quote it if it is text"),
}


@pytest.mark.parametrize(("text", "hint"), ADVICE.values(), ids=ADVICE)
def test_broken_yaml_is_told_with_what_to_do(text: str, hint: str) -> None:
    first = next(problem for problem in load_text(text).problems if problem.code in {"RC104", "RC110"})
    assert first.hint.startswith(hint)


JSON_ADVICE = {
    "a comma before a bracket": ("[1, 2,\n]", "remove the comma before it: JSON has none after the last entry"),
    "a comma before a brace": ('{"a": 1,}', "remove the comma before it: JSON has none after the last entry"),
    "a comment": ('{"a": 1} // b', "JSON has no comments"),
    "single quotes": ("{'a': 1}", "texts stand in double quotes in JSON"),
    "a key without quotes": ("{a: 1}", "keys stand in double quotes in JSON"),
    "a comma too few": ('{"a": 1 "b": 2}', "a comma or a closing bracket is missing"),
    "two documents": (
        '{"a": 1}\n{"b": 2}',
        "a JSON file holds one document; write several as YAML, with -",
    ),
    "a word": ('{"a": b}', ""),
}


@pytest.mark.parametrize(("text", "hint"), JSON_ADVICE.values(), ids=JSON_ADVICE)
def test_broken_json_is_told_with_what_to_do(text: str, hint: str) -> None:
    source = Source("a.json", text)
    problem = json_fault(source)
    assert problem is not None
    assert problem.hint[: len(hint) or None] == hint


def test_documents_after_a_broken_one_are_read() -> None:
    text = f"a: [\n---\n{rule('for: 5')}---\nb: ]\n"
    assert [fault.code for fault in found(load_text(text).problems)] == ["RC104", "RC204", "RC104"]


def test_a_document_with_a_doubled_key_is_checked_on() -> None:
    problems = load_text(rule("workers: 4\nworkers: 5\nevnts: [added]")).problems
    assert [problem.code for problem in problems] == ["RC105", "RC203"]


def test_a_doubled_key_names_the_line_of_the_first() -> None:
    [problem] = load_text(rule("workers: 4\nworkers: 5")).problems
    assert problem.message == "the key 'workers' occurs twice in this mapping"
    assert problem.hint == "it is written in line 5 already; remove one of the two"


def test_an_expression_that_is_a_tag_is_shown_quoted() -> None:
    [problem] = load_text(rule("when:\n- !contains(object.spec, 'a')")).problems
    assert problem.hint == "a word that begins with ! is a tag to YAML: quote the term, \"!contains(object.spec, 'a')\""


def test_an_octal_number_is_shown_with_both_its_meanings() -> None:
    [problem] = load_text(rule("workers: 010")).problems
    assert problem.message == "010 is 8 in YAML 1.1 and 10 in YAML 1.2"
    assert problem.hint == 'write "010" for text, or 8 for the number'


def test_nothing_is_told_of_faults_beyond_a_limit() -> None:
    text = "".join(f"a{index}: 0{index}\n" for index in range(200))
    problems = load_text(text).problems
    assert len(problems) == 51
    assert problems[-1].code == "RC112"


def test_an_alias_bomb_is_refused_before_it_is_expanded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    [problem] = load_text("\n".join(lines)).problems
    assert (problem.code, problem.message) == ("RC108", "the aliases of this document expand too far")


def test_what_is_nested_too_deeply_is_refused() -> None:
    [problem] = load_text("a: " + "[" * 150 + "]" * 150).problems
    assert (problem.code, problem.place.column) == ("RC109", 103)


def test_what_is_nested_far_too_deeply_is_refused_too() -> None:
    [problem] = load_text("[" * 1_000_000).problems
    assert problem.code == "RC109"


def test_json_is_held_to_its_own_syntax() -> None:
    [problem] = load_text('{"a": 1,\n "b": tru}', "rule.json").problems
    assert (problem.code, problem.place.line, problem.place.column) == ("RC104", 2, 7)


def test_a_key_twice_in_json_is_told() -> None:
    [_, problem] = load_text('{"a": 1,\n "a": 2}', "rule.json").problems
    assert (problem.code, problem.place.line, problem.place.column) == ("RC105", 2, 2)


def test_numbers_that_json_does_not_have_are_told() -> None:
    assert [problem.code for problem in load_text('{"a": NaN}', "rule.json").problems] == ["RC107"]


def test_json_that_is_nested_too_deeply_is_refused() -> None:
    assert [problem.code for problem in load_text("[" * 100_000, "rule.json").problems] == ["RC109"]
