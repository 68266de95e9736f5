"""Functions on texts, named as in Kyverno where it has them."""

from __future__ import annotations

import posixpath
import urllib.parse

from rulectl.expression.function import Function, Parameter
from rulectl.expression.kind import Kind
from rulectl.expression.regex.machine import matches, replace_all
from rulectl.expression.regex.program import compile_pattern
from rulectl.value import Value, encode

_TEXT = Parameter("text", Kind.STRING)
_PATTERN = Parameter("pattern", Kind.STRING, check=compile_pattern)
_SUBJECT = Parameter("text", Kind.STRING | Kind.NUMBER)
_REPLACEMENT = Parameter("replacement", Kind.STRING | Kind.NUMBER)


def _as_text(value: str | float) -> str:
    return value if isinstance(value, str) else encode(value).decode()


def _compare(left: str, right: str) -> Value:
    return (left > right) - (left < right)


def _replace(text: str, old: str, new: str, count: float) -> Value:
    return text.replace(old, new, int(count))


def _trim(text: str, characters: str) -> Value:
    return text.strip(characters) if characters else text


def _split(text: str, separator: str) -> Value:
    return list(text.split(separator) if separator else text)


def _truncate(text: str, length: float) -> Value:
    return text[: max(0, int(length))]


def _regex_match(pattern: str, text: str | float) -> Value:
    return matches(pattern, _as_text(text))


def _regex_replace(pattern: str, text: str | float, replacement: str | float) -> Value:
    return replace_all(pattern, _as_text(text), _as_text(replacement))


def _regex_replace_literal(pattern: str, text: str | float, replacement: str | float) -> Value:
    return replace_all(pattern, _as_text(text), _as_text(replacement), literal=True)


def _pattern_match(pattern: str, text: str | float) -> Value:
    """`*` and `?` only, matched greedily in linear time per star."""
    return _wildcard(pattern, _as_text(text))


def _wildcard(pattern: str, text: str) -> bool:
    at, star, mark, position = 0, -1, 0, 0
    while position < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, mark, at = at, position, at + 1
        elif at < len(pattern) and pattern[at] in {"?", text[position]}:
            at, position = at + 1, position + 1
        elif star >= 0:
            mark += 1
            at, position = star + 1, mark
        else:
            return False
    return not pattern[at:].strip("*")


def _canonical_path(path: str) -> Value:
    cleaned = posixpath.normpath(path)
    return "/" + cleaned.lstrip("/") if path.startswith("/") else cleaned


def _to_boolean(text: str) -> Value:
    lowered = text.lower()
    if lowered not in {"true", "false"}:
        msg = f"{text[:40]!r} is neither 'true' nor 'false'"
        raise ValueError(msg)
    return lowered == "true"


def _url_encode(text: str) -> Value:
    return urllib.parse.quote(text, safe="")


TEXT: tuple[Function, ...] = (
    Function(
        "compare",
        (Parameter("left", Kind.STRING), Parameter("right", Kind.STRING)),
        Kind.NUMBER,
        "-1, 0 or 1: how two texts sort.",
        _compare,
        ("compare('a', 'b')", -1),
        strict=True,
    ),
    Function(
        "equal_fold",
        (Parameter("left", Kind.STRING), Parameter("right", Kind.STRING)),
        Kind.BOOLEAN,
        "Whether two texts are equal apart from upper and lower case.",
        lambda left, right: left.casefold() == right.casefold(),
        ("equal_fold('Web', 'WEB')", True),
        strict=True,
    ),
    Function(
        "replace",
        (
            _TEXT,
            Parameter("old", Kind.STRING),
            Parameter("new", Kind.STRING),
            Parameter("count", Kind.NUMBER),
        ),
        Kind.STRING,
        "The text with the first so many occurrences replaced; -1 means all.",
        _replace,
        ("replace('a-a-a', 'a', 'b', `2`)", "b-b-a"),
        strict=True,
    ),
    Function(
        "replace_all",
        (_TEXT, Parameter("old", Kind.STRING), Parameter("new", Kind.STRING)),
        Kind.STRING,
        "The text with all occurrences replaced.",
        str.replace,
        ("replace_all('a-a', 'a', 'b')", "b-b"),
        strict=True,
    ),
    Function("to_upper", (_TEXT,), Kind.STRING, "In upper case.", str.upper, ("to_upper('a')", "A"), strict=True),
    Function("to_lower", (_TEXT,), Kind.STRING, "In lower case.", str.lower, ("to_lower('A')", "a"), strict=True),
    Function(
        "trim",
        (_TEXT, Parameter("characters", Kind.STRING)),
        Kind.STRING,
        "The text without these characters at both ends.",
        _trim,
        ("trim('--a-', '-')", "a"),
        strict=True,
    ),
    Function(
        "trim_prefix",
        (_TEXT, Parameter("prefix", Kind.STRING)),
        Kind.STRING,
        "The text without the prefix, if it has it.",
        str.removeprefix,
        ("trim_prefix('v1.2', 'v')", "1.2"),
        strict=True,
    ),
    Function(
        "trim_suffix",
        (_TEXT, Parameter("suffix", Kind.STRING)),
        Kind.STRING,
        "The text without the suffix, if it has it.",
        str.removesuffix,
        ("trim_suffix('a.yaml', '.yaml')", "a"),
        strict=True,
    ),
    Function(
        "split",
        (_TEXT, Parameter("separator", Kind.STRING)),
        Kind.ARRAY,
        "The parts between the separators; with '' its characters.",
        _split,
        ("split('a,b', ',')", ["a", "b"]),
        strict=True,
    ),
    Function(
        "truncate",
        (_TEXT, Parameter("length", Kind.NUMBER)),
        Kind.STRING,
        "At most so many characters of the text's beginning.",
        _truncate,
        ("truncate('abcdef', `3`)", "abc"),
        strict=True,
    ),
    Function(
        "regex_match",
        (_PATTERN, _SUBJECT),
        Kind.BOOLEAN,
        "Whether the regular expression (RE2's syntax) matches anywhere in the text.",
        _regex_match,
        ("regex_match('^web-[0-9]+$', 'web-12')", True),
        strict=True,
    ),
    Function(
        "regex_replace_all",
        (_PATTERN, _SUBJECT, _REPLACEMENT),
        Kind.STRING,
        "The text with every match replaced; $1 or ${1} stands for a group.",
        _regex_replace,
        ("regex_replace_all('([a-z])([0-9])', 'a1 b2', '$2$1')", "1a 2b"),
        strict=True,
    ),
    Function(
        "regex_replace_all_literal",
        (_PATTERN, _SUBJECT, _REPLACEMENT),
        Kind.STRING,
        "The text with every match replaced by just this text.",
        _regex_replace_literal,
        ("regex_replace_all_literal('[0-9]', 'a1', '$')", "a$"),
        strict=True,
    ),
    Function(
        "pattern_match",
        (Parameter("pattern", Kind.STRING), _SUBJECT),
        Kind.BOOLEAN,
        "Whether all of the text fits the pattern: * is any text, ? any one character.",
        _pattern_match,
        ("pattern_match('web-*', 'web-12')", True),
        strict=True,
    ),
    Function(
        "path_canonicalize",
        (Parameter("path", Kind.STRING),),
        Kind.STRING,
        "The path without . and .. and doubled slashes.",
        _canonical_path,
        ("path_canonicalize('/a//b/../c')", "/a/c"),
        strict=True,
    ),
    Function(
        "to_boolean",
        (_TEXT,),
        Kind.BOOLEAN,
        "The truth value that 'true' or 'false' spells.",
        _to_boolean,
        ("to_boolean('True')", True),
        strict=True,
    ),
    Function(
        "url_encode",
        (_TEXT,),
        Kind.STRING,
        "The text as one part of a URL: everything but letters, digits and _.-~ is %-encoded.",
        _url_encode,
        ("url_encode('a/b c')", "a%2Fb%20c"),
        strict=True,
    ),
)
