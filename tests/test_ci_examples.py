"""What is offered for CI works: the hooks name commands, the action's script runs, the examples are YAML."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from rulectl.cli.program import COMMANDS
from tests.check.test_bad_files import LOG
from tests.rule.marked import rule

ROOT = Path(__file__).parent.parent
ACTION = ROOT / ".github" / "actions" / "validate" / "action.yml"
BAD = rule(f"{LOG}${{{{ foo }}}}")


def hooks() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return found


def test_the_hooks_have_what_pre_commit_asks_for() -> None:
    for hook in hooks():
        assert {"id", "name", "entry", "language"} <= hook.keys()
        program, command = shlex.split(hook["entry"])
        assert (program, hook["language"], command in COMMANDS) == ("rulectl", "python", True)


def test_the_examples_use_hooks_that_there_are() -> None:
    example = yaml.safe_load((ROOT / "examples" / "ci" / "pre-commit-config.yaml").read_text())
    used = [hook["id"] for repository in example["repos"] for hook in repository["hooks"]]
    assert sorted(used) == sorted(hook["id"] for hook in hooks())


def test_the_examples_use_commands_that_there_are() -> None:
    for name in ("github.yaml", "gitlab-ci.yml"):
        text = (ROOT / "examples" / "ci" / name).read_text()
        assert yaml.safe_load(text)
        assert set(re.findall(r"(?:- |run: )rulectl (\w+)", text)) <= COMMANDS.keys()


def test_the_actions_inputs_are_those_that_its_script_reads() -> None:
    action = yaml.safe_load(ACTION.read_text())
    used = set(re.findall(r"\$\{\{ inputs\.([a-z-]+) \}\}", ACTION.read_text()))
    assert used == action["inputs"].keys()
    example = yaml.safe_load((ROOT / "examples" / "ci" / "github.yaml").read_text())
    [given] = [step["with"] for step in example["jobs"]["validate"]["steps"] if "rulectl" in step.get("uses", "")]
    assert given.keys() <= action["inputs"].keys()


def run_action(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Runs the action's last step as a runner does."""
    step = yaml.safe_load(ACTION.read_text())["runs"]["steps"][-1]
    program = folder / "bin" / "rulectl"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "import sys; from rulectl.cli.main import main; '
                       'sys.exit(main())" "$@"\n')  # fmt: skip
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    given = {"PATHS": "rules", "STRICT": "false", "SARIF": "", "ARGS": "", **inputs}
    command = ["bash", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **given, "PATH": path}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("text", "status"), [(rule("workers: 1"), 0), (BAD, 1)])
def test_the_action_tells_faults_and_writes_sarif(text: str, status: int, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "one.yaml").write_text(text)
    done = run_action(tmp_path, SARIF="out.sarif", ARGS="--kubernetes-version 1.31")
    assert done.returncode == status, done.stderr
    assert done.stdout.startswith("::error file=rules/one.yaml,line=") == bool(status)
    [run] = json.loads((tmp_path / "out.sarif").read_text())["runs"]
    assert len(run["results"]) == status


def test_the_action_does_not_hide_wrong_usage(tmp_path: Path) -> None:
    assert run_action(tmp_path, SARIF="out.sarif").returncode == 2
