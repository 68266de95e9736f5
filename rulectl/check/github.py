"""Problems as workflow commands of GitHub Actions, which shows them beside the lines of a change."""

from __future__ import annotations

from collections.abc import Iterable

from rulectl.problem import Problem, Severity, in_order

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def github_report(problems: Iterable[Problem]) -> str:
    """One line for each problem, in the order of files and lines; empty when there is none."""
    return "".join(f"{_command(problem)}\n" for problem in in_order(problems))


def _command(problem: Problem) -> str:
    place = problem.place
    properties: dict[str, object] = {"file": place.file}
    if place.line:
        properties |= {"line": place.line, "col": place.column}
        # The end is one past the last character for us, and the last character for GitHub.
        properties |= {"endColumn": place.end_column - 1} if place.end_column else {}
    properties["title"] = problem.code
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    text = f"{problem.message}\n{problem.hint}" if problem.hint else problem.message
    return f"::{_COMMANDS[problem.severity]} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
