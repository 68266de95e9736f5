"""`rulectl init --plugin`: a project that works as it is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import rulectl


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("projects")
    told = rulectl("init", "--plugin", "page-team", "--dir", str(folder))
    assert told.status == 0
    assert told.out.splitlines()[-2:] == [
        f"next: cd {folder}/page-team; pip install -e '.[test]'; pytest; rulectl run rules/ --sandbox",
        "(without installing: --plugin rulectl_page_team.action --plugin rulectl_page_team.functions)",
    ]
    return folder / "page-team"


def run(project: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(project)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_its_tests_pass(project: Path) -> None:
    assert "7 passed" in run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_its_rule_is_valid_and_acts(project: Path) -> None:
    objects = project / "objects.yaml"
    objects.write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default, labels: {team: blue}}\n"
    )
    plugins = ("--plugin", "rulectl_page_team.action", "--plugin", "rulectl_page_team.functions")
    assert "no problems" in run(project, "-m", "rulectl", "validate", "rules", *plugins)
    told = run(
        project, "-m", "rulectl", "run", "rules", f"--sandbox={objects}", "--once", "--state", "sqlite:s.db", *plugins
    )
    assert "pageTeam done (marked default/settings)" in told


@pytest.mark.slow
def test_an_installed_project_is_found_by_its_entry_points(project: Path, tmp_path: Path) -> None:
    pip = ("-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index")
    run(project, *pip, "--target", str(tmp_path), ".")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    schema = [sys.executable, "-m", "rulectl", "schema"]
    for name in ("pageTeam", "page_team_start"):
        done = subprocess.run([*schema, name], env=environment, capture_output=True, text=True, check=True)
        assert done.stdout.startswith(name)


def test_a_project_is_not_written_over_another(project: Path) -> None:
    told = rulectl("init", "--plugin", "page-team", "--dir", str(project.parent))
    assert told.status == 2
    assert told.err.endswith("pyproject.toml exists already; give another name, or --force to overwrite it\n")
