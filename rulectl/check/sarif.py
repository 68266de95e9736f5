"""Problems as SARIF 2.1.0, which code hosts show beside the lines of a change."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from urllib.parse import quote

from rulectl.problem import Problem, Severity, in_order
from rulectl.rule.codes import CODES
from rulectl.value import Value

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def sarif_report(problems: Iterable[Problem], *, version: str = "") -> dict[str, Value]:
    """One run with every problem as a result, and the codes that occur as rules.

    Paths are as they were given: relative ones are meant from the repository's root.
    """
    ordered = in_order(problems)
    codes = sorted({problem.code for problem in ordered})
    driver: dict[str, Value] = {
        "name": "rulectl",
        "rules": [{"id": code, "shortDescription": {"text": CODES.get(code, code)}} for code in codes],
    }
    run: dict[str, Value] = {
        "tool": {"driver": driver | ({"version": version} if version else {})},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, codes.index(problem.code)) for problem in ordered],
    }
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def _result(problem: Problem, index: int) -> Value:
    place = problem.place
    location: dict[str, Value] = {"artifactLocation": {"uri": quote(PurePath(place.file).as_posix())}}
    if place.line:
        region: dict[str, Value] = {"startLine": place.line, "startColumn": place.column}
        location["region"] = region | ({"endColumn": place.end_column} if place.end_column else {})
    text = f"{problem.message} ({problem.hint})" if problem.hint else problem.message
    return {
        "ruleId": problem.code,
        "ruleIndex": index,
        "level": _LEVELS[problem.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
    }
