"""Problems in the formats of CI systems."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from rulectl.check.github import github_report
from rulectl.check.junit import junit_report
from rulectl.check.sarif import sarif_report
from rulectl.plan.compiler import compile_text
from rulectl.problem import Place, Problem, Severity
from tests.rule.marked import rule

ERROR = Problem(Place("a b.yaml", 7, 3, 8), "RC203", "unknown key 'x'", hint="did you mean 'y'?", rule="web")
WARNING = Problem(Place("a b.yaml", 9, 1), "RC319", "50%, no: effect", Severity.WARNING)
NOTE = Problem(Place("c,d.yaml"), "RC210", "left\x01 <alone>", Severity.NOTE)


def test_github_gets_a_command_for_each_problem() -> None:
    assert github_report([NOTE, WARNING, ERROR]) == (
        "::error file=a b.yaml,line=7,col=3,endColumn=7,title=RC203::unknown key 'x'%0Adid you mean 'y'?\n"
        "::warning file=a b.yaml,line=9,col=1,title=RC319::50%25, no: effect\n"
        "::notice file=c%2Cd.yaml,title=RC210::left\x01 <alone>\n"
    )


def test_github_gets_nothing_when_there_is_nothing() -> None:
    assert github_report([]) == ""


def test_sarif_has_a_result_for_each_problem_and_a_rule_for_each_code() -> None:
    report = json.loads(json.dumps(sarif_report([NOTE, WARNING, ERROR], version="1.0")))
    [run] = report["runs"]
    driver = run["tool"]["driver"]
    assert (report["version"], driver["version"]) == ("2.1.0", "1.0")
    assert [one["id"] for one in driver["rules"]] == ["RC203", "RC210", "RC319"]
    first, second, third = run["results"]
    assert first == {
        "ruleId": "RC203",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "unknown key 'x' (did you mean 'y'?)"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "a%20b.yaml"},
                    "region": {"startLine": 7, "startColumn": 3, "endColumn": 8},
                }
            }
        ],
    }
    assert (second["level"], second["ruleIndex"]) == ("warning", 2)
    assert third["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "c%2Cd.yaml"}}}]


def case_texts(report: str) -> list[tuple[str | None, str, str]]:
    suite = ET.fromstring(report)
    return [(case.get("name"), child.tag, child.text or "") for case in suite for child in case]


@pytest.mark.parametrize(("strict", "failures"), [(False, "1"), (True, "2")])
def test_junit_has_a_case_for_each_rule(strict: bool, failures: str) -> None:
    text = "---\n".join(
        [rule("workers: 1", "good"), rule("limits: {onExceed: wait}", "odd"), rule("when: [foo]", "bad")]
    )
    compilation = compile_text(text)
    report = junit_report(compilation.problems, compilation.written, strict=strict)
    suite = ET.fromstring(report)
    assert (suite.get("tests"), suite.get("failures")) == ("3", failures)
    assert [(name, tag) for name, tag, _ in case_texts(report)] == [
        ("odd", "failure" if strict else "system-out"),
        ("bad", "failure"),
    ]


def test_junit_has_a_case_for_a_file_whose_problem_belongs_to_no_rule() -> None:
    report = junit_report([NOTE, ERROR], [])
    assert case_texts(report) == [
        ("a b.yaml", "failure", "a b.yaml:7:3: RC203 unknown key 'x' (did you mean 'y'?)"),
        ("c,d.yaml", "system-out", "c,d.yaml: RC210 left <alone>"),
    ]
