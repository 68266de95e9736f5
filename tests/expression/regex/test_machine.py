from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rulectl.expression.regex.machine import matches, replace_all
from rulectl.expression.regex.program import compile_pattern

_atoms = st.sampled_from(
    ["a", "b", "c", ".", "[ab]", "[^a]", "[a-c]", r"\d", r"\w", r"\s", r"\W", r"[\d_]", "^", r"\b", r"\B", "(?i:A)", ""]
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda one, two: one + two, inner, inner),
        st.builds(lambda one, two: f"{one}|{two}", inner, inner),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"(?:{text})"),
        st.builds(
            lambda text, repeat: f"(?:{text}){repeat}",
            inner,
            st.sampled_from(("*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,1}?")),
        ),
    )


_patterns = st.recursive(_atoms, _grown, max_leaves=8)
_texts = st.text(alphabet="abcA1_ \n", max_size=8)


@given(_patterns, _texts)
@settings(max_examples=500, deadline=None)
def test_a_pattern_matches_where_pythons_does(pattern: str, text: str) -> None:
    assume(text or "B" not in pattern)  # Python alone says that an empty text has no \\B (until 3.14)
    assert matches(pattern, text) == bool(re.search(pattern, text, re.ASCII))


_simple = st.sampled_from(
    ["a", "ab", "a|ab", "(a)(b)?", "[ab]+", "(a+)(b*)", "a*?b", "(?P<x>a)|(b)", "a{1,2}", r"\bA\b", "(a|b)+c", "b+?"]
)


@given(_simple, _texts)
@settings(max_examples=300, deadline=None)
def test_replacing_finds_the_same_matches_and_groups_as_python(pattern: str, text: str) -> None:
    expected = re.sub(
        pattern, lambda match: f"<{match[0]}:{match[1] if match.re.groups else ''}>".replace("None", ""), text
    )
    assert replace_all(pattern, text, "<$0:${1}>") == expected


@pytest.mark.parametrize(
    ("pattern", "text", "replacement", "result"),
    [
        ("a*", "baac", "x", "xbxcx"),
        ("", "ab", "-", "-a-b-"),
        ("(?P<first>a)", "a", "${first}$first$0$$", "aaa$"),
        ("a", "a", "$9$unknown", ""),
        ("a", "a", "$1x", ""),
        ("$", "a", "!", "a!"),
        ("(?m)^", "a\nb", "> ", "> a\n> b"),
        ("é+", "éé", "e", "e"),
    ],
)
def test_replacing_works_as_in_go(pattern: str, text: str, replacement: str, result: str) -> None:
    assert replace_all(pattern, text, replacement) == result


def test_the_end_of_the_text_is_not_before_a_last_newline() -> None:
    assert not matches("a$", "a\n")
    assert matches("(?m)a$", "a\n")


@pytest.mark.parametrize(
    "pattern",
    ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)[^a]$", "(a*)*b", "^([a-z]+-?)+$"],
)
def test_no_pattern_takes_more_than_linear_time(pattern: str) -> None:
    begin = time.process_time()
    assert not matches(pattern, "a" * 5_000 + "!\n" if pattern.endswith("$") and "[^a]" not in pattern else "a" * 5_000)
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "is not a regular expression"),
        ("a**", "is not a regular expression"),
        ("(?=a)", "look-around, back-references and atomic groups are not supported"),
        (r"(a)\1", "look-around, back-references and atomic groups are not supported"),
        ("(?>a)", "look-around, back-references and atomic groups are not supported"),
        ("a" * 1_001, "the pattern has 1001 characters; 1000 are allowed"),
        ("((a{100}){100}){100}", "the pattern is too large"),
    ],
)
def test_a_pattern_that_cannot_be_run_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        compile_pattern(pattern)


def test_a_text_that_is_too_long_for_its_pattern_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shorten it with truncate\(\)"):
        matches("a{100}", "b" * 100_000)
    with pytest.raises(ValueError, match=r"shorten it with truncate\(\)"):
        replace_all("a{100}", "b" * 100_000, "")
