"""Problems of rules in the form that ``-o`` asks for, and in colour where a person looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rulectl.check.report import Part, json_report, text_report
from rulectl.cli.document import written
from rulectl.cli.output import Palette
from rulectl.problem import Problem
from rulectl.rule.model import Rule
from rulectl.version import __version__

FORMS = ("text", "json", "sarif", "junit", "github")


def problems_text(
    problems: Sequence[Problem], form: str, rules: Sequence[Rule], *, strict: bool, palette: Palette
) -> str:
    """`problems` as one of `FORMS`; `rules` are all that were read. Ends with a line break if it is not empty."""
    match form:
        case "json":
            return written(json_report(problems, strict=strict), "json") + "\n"
        case "sarif":
            from rulectl.check.sarif import sarif_report  # noqa: PLC0415 - only for this form

            return written(sarif_report(problems, version=__version__), "json") + "\n"
        case "junit":
            from rulectl.check.junit import junit_report  # noqa: PLC0415 - only for this form

            return junit_report(problems, rules, strict=strict)
        case "github":
            from rulectl.check.github import github_report  # noqa: PLC0415 - only for this form

            return github_report(problems)
        case _:
            names = {rule.name for rule in rules if rule.name}
            return coloured(problems, palette, rules=len(names), strict=strict)


def coloured(problems: Iterable[Problem], palette: Palette, *, rules: int | None = None, strict: bool = False) -> str:
    """The report for people, in colour where `palette` has it."""

    def paint(text: str, part: Part) -> str:
        match part:
            case "place":
                return palette.name(text)
            case "error":
                return palette.bad(text)
            case "warning":
                return palette.warning(text)
            case "hint":
                return palette.good(text)
            case "note":
                return palette.quiet(text)

    return text_report(problems, rules=rules, strict=strict, paint=paint)
