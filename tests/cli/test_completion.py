"""Shells complete commands, options, their values, and files."""

from __future__ import annotations

import subprocess

import pytest

from rulectl.cli.program import COMMANDS
from tests.cli.shell import PROGRAM, environment, rulectl


@pytest.mark.parametrize(
    ("shell", "part"),
    [
        ("bash", "complete -o nosort -F _rulectl_completion rulectl"),
        ("zsh", "#compdef rulectl"),
        ("fish", "--command rulectl"),
    ],
)
def test_the_script_of_each_shell_is_printed(shell: str, part: str) -> None:
    shown = rulectl("completion", shell)
    assert shown.status == 0
    assert part in shown.out


def completed(line: str) -> list[str]:
    """What bash would be told for the last word of `line`."""
    words = line.split(" ")
    variables = {"_RULECTL_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(PROGRAM, env=environment(**variables), capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "answers"),
    [
        ("rulectl va", ["plain,validate"]),
        ("rulectl validate --str", ["plain,--strict"]),
        ("rulectl validate -o s", ["plain,sarif"]),
        ("rulectl validate ru", ["file,ru"]),
        ("rulectl explain x --old ", ["file,"]),
        ("rulectl run rules --sandbox", ["plain,--sandbox"]),
    ],
)
def test_words_are_completed(line: str, answers: list[str]) -> None:
    assert completed(line) == answers


def test_all_commands_are_offered() -> None:
    assert completed("rulectl ") == [f"plain,{name}" for name in COMMANDS]


def test_an_unknown_shell_is_wrong_usage() -> None:
    assert rulectl("completion", "tcsh").status == 2
