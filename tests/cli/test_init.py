"""`rulectl init`: a rule that validates, and a test that passes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rulectl.cli.scaffold import rule_text
from rulectl.resource import Kind
from tests.cli.shell import rulectl

KINDS = ("Pod", "Node", "apps/v1/Deployment", "apps/v1/StatefulSet", "ConfigMap", "Service", "batch/v1/Job")
CUSTOM = "example.com/v1/Widget"


def test_the_rules_validate_and_their_tests_pass(tmp_path: Path) -> None:
    for number, kind in enumerate(KINDS):
        for form in ("changed", "condition"):
            made = rulectl("init", f"r{number}-{form}", "--kind", kind, "--form", form, "--dir", str(tmp_path))
            assert (made.status, made.err) == (0, "")
    shown = rulectl("validate", str(tmp_path), "--strict")
    assert (shown.status, shown.out) == (0, f"{2 * len(KINDS)} rules: no problems\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert done.returncode == 0, done.stdout
    assert f"{4 * len(KINDS)} passed" in done.stdout


def test_the_tests_of_a_kind_that_kubernetes_does_not_have_pass_too(tmp_path: Path) -> None:
    for form in ("changed", "condition"):
        assert rulectl("init", form, "--kind", CUSTOM, "--form", form, "--dir", str(tmp_path)).status == 0
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=dict(os.environ))
    assert "4 passed" in done.stdout, done.stdout


def test_what_was_written_is_told(tmp_path: Path) -> None:
    shown = rulectl("init", "image-changed", "--dir", str(tmp_path / "rules"))
    assert shown.out.replace(f"{tmp_path}/", "") == (
        "wrote rules/image-changed.yaml\nwrote rules/test_image_changed.py\n"
        "next: rulectl validate rules/image-changed.yaml; rulectl explain rules/image-changed.yaml; "
        "pytest rules/test_image_changed.py\n"
    )


def test_nothing_is_overwritten_unless_that_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("mine")
    shown = rulectl("init", "a", "--dir", str(tmp_path))
    assert (shown.status, (tmp_path / "a.yaml").read_text()) == (2, "mine")
    assert "exists already; give another name, or --force to overwrite it" in shown.err
    assert rulectl("init", "a", "--dir", str(tmp_path), "--force").status == 0
    assert (tmp_path / "a.yaml").read_text() == rule_text("a", Kind("v1", "Pod"), "changed")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Big Name"], "cannot be a rule's name: lower case letters, digits and dashes; write it like 'big-name'"),
        (["..."], "write it like image-changed"),
        (["a", "--kind", "Pode"], "--kind Pode: Kubernetes has no such kind; did you mean 'Pod'?"),
        (["a", "--kind", "Widget"], "write custom kinds with their apiVersion: example.com/v1/Widget"),
    ],
)  # fmt: skip
def test_wrong_names_and_kinds_are_told(arguments: list[str], message: str, tmp_path: Path) -> None:
    shown = rulectl("init", *arguments, "--dir", str(tmp_path))
    assert (shown.status, list(tmp_path.iterdir())) == (2, [])
    assert message in shown.err
