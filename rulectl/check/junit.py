"""Problems as JUnit's XML: one test case for each rule, failed where the rule is."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from rulectl.check.report import fails
from rulectl.problem import Problem, in_order
from rulectl.rule.model import Rule


def junit_report(problems: Iterable[Problem], rules: Iterable[Rule], *, strict: bool = False) -> str:
    """A test suite with a case for each of `rules`, and one for each file with a problem that belongs to no rule.

    With `strict` a warning fails its case, too; otherwise warnings and notes are output of their case.
    """
    cases: dict[tuple[str, str], list[Problem]] = {}
    for rule in rules:
        cases.setdefault((rule.document.place(()).file, rule.name), [])
    for problem in in_order(problems):
        key = (problem.place.file, problem.rule)
        cases.setdefault(key if key in cases else (problem.place.file, ""), []).append(problem)
    failed = sum(fails(found, strict=strict) for found in cases.values())
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuite name="rulectl validate" tests="{len(cases)}" failures="{failed}" errors="0">')
    for (file, name), found in cases.items():
        lines += _case(file, name or file, found, strict=strict)
    return "\n".join([*lines, "</testsuite>"]) + "\n"


def _case(file: str, name: str, problems: list[Problem], *, strict: bool) -> list[str]:
    head = f"  <testcase classname={quoteattr(file)} name={quoteattr(name)}"
    if not problems:
        return [f"{head}/>"]
    text = _printable("\n".join(str(problem) for problem in problems))
    if not fails(problems, strict=strict):
        return [f"{head}>", f"    <system-out>{escape(text)}</system-out>", "  </testcase>"]
    first = next(problem for problem in problems if fails([problem], strict=strict))
    message = quoteattr(_printable(f"{first.code} {first.message}"))
    return [f"{head}>", f"    <failure message={message}>{escape(text)}</failure>", "  </testcase>"]


def _printable(text: str) -> str:
    """`text` without the characters that XML cannot hold."""
    return "".join(character for character in text if character in "\t\n" or character >= " ")
