from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rulectl.expression import JMESPATH, EvaluationError, ExpressionError, compile_expression


def _folder() -> Path | None:
    """Where the public compliance cases are, if they are anywhere."""
    named = os.environ.get("RULECTL_JMESPATH_COMPLIANCE") or os.environ.get("JMESPATH_COMPLIANCE")
    repository = Path(__file__).resolve().parents[2]
    candidates = [Path(named)] if named else [repository.parent / "shared" / "jmespath-compliance"]
    return next((folder for folder in candidates if folder.is_dir()), None)


def _cases() -> Iterator[Any]:
    folder = _folder()
    for file in sorted(folder.glob("*.json")) if folder else []:
        for number, suite in enumerate(json.loads(file.read_text())):
            yield pytest.param(suite, id=f"{file.stem}-{number}")


CASES = list(_cases())
pytestmark = pytest.mark.skipif(not CASES, reason="set RULECTL_JMESPATH_COMPLIANCE to the folder of compliance cases")


@pytest.mark.parametrize("suite", CASES)
def test_every_compliance_case_gives_the_expected_result_or_an_error(suite: dict[str, Any]) -> None:
    for case in suite["cases"]:
        text = case["expression"]
        if "error" in case:
            with pytest.raises((ExpressionError, EvaluationError)):
                compile_expression(text, roots=(), relative=True, functions=JMESPATH).search(suite["given"])
            continue
        value = compile_expression(text, roots=(), relative=True, functions=JMESPATH).search(suite["given"])
        if "result" in case:
            assert repr(value) == repr(case["result"]) or value == case["result"], text


def test_the_whole_suite_is_there() -> None:
    assert sum(len(case.values[0]["cases"]) for case in CASES) >= 900
