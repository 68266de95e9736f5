"""The table of codes and the code that uses them agree."""

from __future__ import annotations

import re
from pathlib import Path

import rulectl
from rulectl.rule.codes import CODES

SOURCES = Path(rulectl.__file__).parent


def test_every_code_that_is_used_is_explained_and_every_explained_one_is_used() -> None:
    used: set[str] = set()
    for folder in ("rule", "plan", "check"):
        for file in (SOURCES / folder).rglob("*.py"):
            if file.name != "codes.py":
                used |= set(re.findall(r'"(RC\d{3})"', file.read_text()))
    assert used == set(CODES)
