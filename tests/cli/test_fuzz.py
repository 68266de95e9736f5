"""Whatever a file holds: an exit status of 0, 1 or 2, a message, never a traceback; in bounded time and memory."""

from __future__ import annotations

import resource
import subprocess
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.check.test_bad_files import ELSEWHERE, SPECS
from tests.cli.shell import PROGRAM, Shown, environment, rulectl
from tests.rule.marked import rule, unmarked

SECONDS, MEGABYTES = 30, 1500
CORPUS = [unmarked(text) for _, text in ELSEWHERE.values()] + [unmarked(rule(spec)) for _, spec in SPECS.values()]
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(FEW, max_examples=3000)


def validated(data: bytes, name: str = "rule.yaml") -> Shown:
    """`rulectl validate` on a file with `data`, held to what is promised of any file."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(data)
        shown = rulectl("validate", f"{folder}/{name}")
    assert shown.status in {0, 1, 2}, shown.err
    assert "Traceback" not in shown.out + shown.err
    assert "internal error" not in shown.err
    assert shown.status == 0 or shown.out + shown.err
    return shown


WORDS = st.sampled_from([
    *("object", "old", "@", "*", "[]", "[0]", "[?", "]", "(", ")", "{", "}", ".", ",", "|", "||", "&&", "!", "==", "<"),
    *("'a'", "`1`", "`", "'", '"', "a", "length(", "condition(object, 'Ready')", "&", ":", "-1", "${{", "}}", " ", "é"),
])  # fmt: skip
EXPRESSIONS = st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=12).map("".join))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | EXPRESSIONS
KEYS = st.sampled_from([
    *("apiVersion", "kind", "metadata", "name", "spec", "watch", "when", "any", "not", "for", "events", "changed"),
    *("fields", "path", "from", "to", "labels", "actions", "log", "http", "url", "message", "if", "lookup", "where"),
    *("let", "since", "forEach", "references", "resolved", "retry", "limits", "env", "enabledIf", "0", "<<"),
])  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@FEW
@given(st.binary(max_size=200))
@example(b"\xff\xfe\x00")
@example("﻿a: 1".encode())
@example(b"a: &a [*a]")
@example(b"!!python/object:os.system x")
@example(b"? {a: b}\n: c\n? [x]\n: y")
@example(b"--- \n...\n---\n--- !x\n")
def test_any_bytes(data: bytes) -> None:
    validated(data)


@FEW
@given(VALUES)
def test_any_spec(spec: object) -> None:
    document = {"apiVersion": "rulectl.dev/v1alpha1", "kind": "Rule", "metadata": {"name": "a"}, "spec": spec}
    validated(yaml.safe_dump(document, allow_unicode=True).encode())


@FEW
@given(EXPRESSIONS, EXPRESSIONS, EXPRESSIONS)
def test_any_expressions(term: str, path: str, template: str) -> None:
    spec = {
        "watch": {"apiVersion": "v1", "kind": "Pod"},
        "when": [term],
        "changed": {"fields": [path]},
        "let": {"a": term},
        "actions": [{"log": {"message": template}}],
    }
    document = {"apiVersion": "rulectl.dev/v1alpha1", "kind": "Rule", "metadata": {"name": "a"}, "spec": spec}
    validated(yaml.safe_dump(document, allow_unicode=True).encode())


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A rule, good or bad, with some of its bytes taken away, doubled or replaced."""
    data = bytearray(draw(st.sampled_from(CORPUS)).encode())
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 8)))
        data[start:end] = draw(
            st.sampled_from([b"", bytes(data[start:end]) * 2, b" ", b"\n", b": ", b"- ", b"'", b"}", b"\t"])
        )
    return bytes(data)


@FEW
@given(damaged())
def test_any_damaged_rule(data: bytes) -> None:
    validated(data)


@pytest.mark.slow
@MANY
@given(st.one_of(damaged(), st.binary(max_size=2000), VALUES.map(lambda value: yaml.safe_dump(value).encode())))
def test_many_more_files(data: bytes) -> None:
    validated(data)
    validated(data, "rule.json")


def _bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    return "\n".join(lines + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)])


def _term(expression: str) -> str:
    return rule(f"when:\n- {yaml.safe_dump(expression, width=1 << 30).removesuffix('...').strip()}")


HEAVY = {
    "an alias bomb": _bomb(),
    "an alias bomb in a rule": rule(f"env: &e {{A: b}}\n{_bomb()}".replace("\n", "\n  ")),
    "lists 10,000 deep": "a: " + "[" * 10_000,
    "closed lists 10,000 deep": "a: " + "[" * 10_000 + "]" * 10_000,
    "mappings 10,000 deep": "{a: " * 10_000 + "1" + "}" * 10_000,
    "block mappings 3,000 deep": "\n".join(f"{' ' * depth}a:" for depth in range(3_000)),
    "terms 10,000 deep": rule("when: [" + "{not: " * 10_000 + "object" + "}" * 10_000 + "]"),
    "10 MB of one rule": rule(f"env: {{A: {'x' * 10_000_000}}}"),
    "10 MB of terms": rule("when:\n" + "- object.metadata.name == 'a'\n" * 320_000),
    "300 KB of rules": "---\n".join(rule("workers: 1", f"r{number}") for number in range(1_500)),
    "900 KB of faults": "".join(f"a{number}: 0{number % 7}\n" for number in range(80_000)),
    "an expression of 100 KB of dots": _term("object" + ".a" * 50_000),
    "an expression of 100 KB of ors": _term("object.a" + " || object.b" * 9_000),
    "an expression of 100 KB of parentheses": _term("(" * 50_000 + "object" + ")" * 50_000),
    "an expression of 100 KB of brackets": _term("object" + "[" * 100_000),
    "an expression of 100 KB of nots": _term("!" * 100_000 + "object"),
    "an expression of 100 KB of text": _term(f"object.a == '{'x' * 100_000}'"),
    "an expression of 9 KB of ors": _term("object.a" + " || object.b" * 700),
    "an expression with 400 projections": _term("object.a" + "[]" * 400),
    "a template of 100 KB": rule(f'actions: [{{log: {{message: "{"${{ object.a }}" * 6_000}"}}}}]'),
    "a regular expression that backtracks": _term("regex_match('(a+)+$', object.metadata.name)"),
    "a number of 100,000 digits": rule(f"workers: {'9' * 100_000}"),
    "a glob of stars": rule(f"watch: {{apiVersion: v1, kind: Pod, excludeNamespaces: ['{'*a' * 30}*b']}}"),
}


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY)
def test_heavy_files_are_dealt_with_in_bounded_time_and_memory(text: str, tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(text)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    done = subprocess.run(
        [*PROGRAM, "validate", str(tmp_path)],
        env=environment(), capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert len(done.stdout) < 4_000_000
