"""Semantic versions and ranges of them, as Kyverno's semver_compare reads them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, total_ordering

from rulectl.expression.function import Function, Parameter
from rulectl.expression.kind import Kind
from rulectl.value import Value

_VERSION = re.compile(r"v?(\d{1,18})\.(\d{1,18})\.(\d{1,18})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?\Z", re.ASCII)
_TERM = re.compile(
    r"(>=|<=|!=|==|=|!|>|<|)\s*v?(\d{1,18}(?:\.(?:\d{1,18}|[xX*])){0,2}(?:[-+][0-9A-Za-z.+-]+)?)\Z", re.ASCII
)
_MAX_RANGE = 500


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """`prerelease` holds its dot-separated parts; build metadata does not count."""

    numbers: tuple[int, int, int]
    prerelease: tuple[str, ...] = ()

    def __lt__(self, other: Version) -> bool:
        if self.numbers != other.numbers:
            return self.numbers < other.numbers
        if not self.prerelease or not other.prerelease:
            return bool(self.prerelease) and not other.prerelease
        return [_rank(part) for part in self.prerelease] < [_rank(part) for part in other.prerelease]


def _rank(part: str) -> tuple[bool, int, str]:
    return (False, int(part), "") if part.isdigit() else (True, 0, part)


def parse_version(text: str) -> Version:
    """The version in `text`; a leading v is allowed.

    Raises:
        ValueError: it is none.
    """
    match = _VERSION.match(text)
    if match is None:
        msg = f"{text[:40]!r} is not a semantic version; write it as 1.2.3 or 1.2.3-rc.1"
        raise ValueError(msg)
    major, minor, patch, prerelease = match.groups()
    return Version((int(major), int(minor), int(patch)), tuple(prerelease.split(".")) if prerelease else ())


_Test = Callable[[Version], bool]


@lru_cache(maxsize=256)
def parse_range(text: str) -> tuple[tuple[_Test, ...], ...]:
    """Alternatives (``||``) of tests that must all hold (spaces between them).

    Raises:
        ValueError: it is no range.
    """
    if len(text) > _MAX_RANGE:
        msg = f"the range has {len(text)} characters; {_MAX_RANGE} are allowed"
        raise ValueError(msg)
    alternatives = []
    for part in text.split("||"):
        words = re.sub(r"([<>=!])\s+", r"\1", part).split()
        if not words:
            msg = f"{text[:40]!r} is not a range of versions; write it as >=1.2.0 <2.0.0"
            raise ValueError(msg)
        alternatives.append(tuple(_term(word, text) for word in words))
    return tuple(alternatives)


def _term(word: str, text: str) -> _Test:
    match = _TERM.match(word)
    if match is None:
        msg = f"{word[:40]!r} in the range {text[:40]!r} is not understood; write >=1.2.0, <2.x or 1.2.3"
        raise ValueError(msg)
    operator, version = match.groups()
    core, extra = re.match(r"([^-+]*)(.*)", version, re.DOTALL).groups()  # type: ignore[union-attr] # always matches
    numbers = [int(part) for part in core.split(".") if part.isdigit()]
    if len(numbers) == 3:
        return _comparison(operator, parse_version(core + extra))
    low = Version((*numbers, *[0] * (3 - len(numbers))))  # type: ignore[arg-type] # three numbers
    high = Version((*numbers[:-1], numbers[-1] + 1, *[0] * (3 - len(numbers))))  # type: ignore[arg-type]
    match operator:
        case ">=" | "<":
            return _comparison(operator, low)
        case ">":
            return lambda found: found >= high
        case "<=":
            return lambda found: found < high
        case "!=" | "!":
            return lambda found: not low <= found < high
        case _:
            return lambda found: low <= found < high


def _comparison(operator: str, version: Version) -> _Test:
    match operator:
        case ">=":
            return lambda found: found >= version
        case "<=":
            return lambda found: found <= version
        case ">":
            return lambda found: found > version
        case "<":
            return lambda found: found < version
        case "!=" | "!":
            return lambda found: found != version
        case _:
            return lambda found: found == version


def _semver_compare(version: str, versions: str) -> Value:
    found = parse_version(version)
    return any(all(test(found) for test in tests) for tests in parse_range(versions))


SEMVER: tuple[Function, ...] = (
    Function(
        "semver_compare",
        (
            Parameter("version", Kind.STRING, check=parse_version),
            Parameter("range", Kind.STRING, check=parse_range),
        ),
        Kind.BOOLEAN,
        "Whether a semantic version lies in a range: spaces mean and, || means or, x is any number.",
        _semver_compare,
        ("semver_compare('1.2.3', '>=1.2.x <2.0.0')", True),
        strict=True,
    ),
)
