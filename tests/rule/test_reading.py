"""Whatever the bytes are, reading gives documents and problems, within bounds."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.problem import Place
from rulectl.rule.load import load_text
from rulectl.rule.reading import MAX_BYTES, read_bytes, read_text
from tests.rule.marked import rule


def test_all_documents_of_a_file_are_read_in_order() -> None:
    reading = read_text("a.yaml", "a: 1\n---\nb: 2\n---\n---\n- c\n")
    assert [document.value for document in reading.documents] == [{"a": 1}, {"b": 2}, None, ["c"]]


def test_bytes_that_are_not_utf_8_are_told_with_their_place() -> None:
    [problem] = read_bytes("a.yaml", b"a: 1\nb: caf\xe9\n").problems
    assert problem.place == Place("a.yaml", 2, 7)
    assert str(problem) == "a.yaml:2:7: RC102 the file is not UTF-8: byte 0xe9 (save it as UTF-8 text)"


def test_a_file_that_is_too_large_is_told_and_not_read() -> None:
    [problem] = read_bytes("a.yaml", b"a" * (MAX_BYTES + 1)).problems
    assert (problem.code, problem.message) == ("RC103", "the file has more than 4 MiB")


@pytest.mark.parametrize(
    "text",
    [
        "[" * MAX_BYTES,
        "- " * (MAX_BYTES // 2),
        "a: [\n---\n" * (MAX_BYTES // 9),
        "a: 010\n" * (MAX_BYTES // 7),
        "- !f(a, b)\n" * (MAX_BYTES // 11),
        "x" * MAX_BYTES,
        "'" + "x" * (MAX_BYTES - 1),
        "? " * (MAX_BYTES // 2),
        "a: &a [*a]\n" * 10_000,
    ],
    ids=["brackets", "dashes", "broken documents", "octals", "tags", "a word", "a quote", "questions", "aliases"],
)
def test_large_hostile_files_take_a_bounded_time(text: str) -> None:
    start = time.process_time()
    reading = read_text("a.yaml", text)
    assert time.process_time() - start < 5
    assert reading.problems or text.startswith("xx")
    assert len(reading.problems) <= 51


@given(st.binary(max_size=300))
def test_any_bytes_give_documents_and_problems_and_raise_nothing(data: bytes) -> None:
    for name in ("a.yaml", "a.json"):
        reading = read_bytes(name, data)
        assert all(problem.code.startswith("RC1") for problem in reading.problems)


FRAGMENTS = [
    *"[]{}'\"#%\t~@é\u2028\n",
    *["a:  ", "- ", "? ", ": ", ", ", "  ", "&x ", "*x", "!f(", ">-\n", "---\n", "...\n", "010", "\\u12", "<<: "],
    "|\n",
]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join))
@settings(max_examples=300)
def test_any_mixture_of_yaml_gives_documents_and_problems_and_raises_nothing(text: str) -> None:
    reading = read_text("a.yaml", text)
    for document in reading.documents:
        document.place(())


SPEC_KEYS = ["env", "enabledIf", "watch", "events", "changed", "when", "for", "since", "lookup", "let", "forEach"]
KEYS = [*SPEC_KEYS, "actions", "resolved", "retry", "limits", "any", "not", "fields", "path", "from", "name", "kind"]
TEXTS = ["", "5m", "object.a", "Pod", "v1", "${{ x", "deleted"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6))
@settings(max_examples=200)
def test_a_rule_of_any_shape_gives_problems_and_raises_nothing(spec: dict[str, object]) -> None:
    import json

    head = '{"apiVersion": "rulectl.dev/v1alpha1", "kind": "Rule", "metadata": {"name": "a"}, "spec": '
    loaded = load_text(head + json.dumps(spec) + "}", "a.json")
    assert len(loaded.rules) == 1


def test_a_good_rule_has_no_problems() -> None:
    assert load_text(rule("workers: 4")).problems == ()
