"""Rule files with marks where faults are expected: ``▲`` stands just before the faulty character."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rulectl.problem import Problem

MARK = "▲"


class Fault(NamedTuple):
    """What a test compares: code and place."""

    code: str
    line: int
    column: int


def unmarked(text: str) -> str:
    """`text` as rulectl is given it."""
    return text.replace(MARK, "")


def expected(text: str, codes: Iterable[str]) -> list[Fault]:
    """The faults that the marks stand for, with `codes` in their order."""
    places = []
    for number, line in enumerate(text.split("\n"), start=1):
        start = line.find(MARK)
        while start >= 0:
            places.append((number, start + 1 - line[:start].count(MARK)))
            start = line.find(MARK, start + 1)
    return [Fault(code, *place) for code, place in zip(codes, places, strict=True)]


def found(problems: Iterable[Problem]) -> list[Fault]:
    """The problems, in the order in which they were given."""
    return [Fault(problem.code, problem.place.line, problem.place.column) for problem in problems]


def rule(spec: str, name: str = "example") -> str:
    """A rule whose spec is `spec`, from its second column on, with a watch and an action unless it has them."""
    lines = [
        "apiVersion: rulectl.dev/v1alpha1",
        "kind: Rule",
        f"metadata: {{name: {name}}}",
        "spec:",
        *(f"  {line}" if line else "" for line in spec.strip("\n").split("\n")),
    ]
    if "watch:" not in spec:
        lines.append("  watch: {apiVersion: v1, kind: Pod}")
    if "actions:" not in spec:
        lines.append("  actions: [{log: {message: seen}}]")
    return "\n".join(lines) + "\n"
