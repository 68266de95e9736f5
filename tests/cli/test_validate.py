"""`rulectl validate` and `rulectl plan`: what they add to the report and the plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulectl.value import decode, mapping
from tests.cli.shell import Shown, rulectl

GOOD = """\
apiVersion: rulectl.dev/v1alpha1
kind: Rule
metadata: {name: one}
spec:
  watch: {apiVersion: v1, kind: Pod}
  actions:
  - log: {message: "${{ object.metadata.name }}"}
"""
BAD = GOOD.replace("name: one", "name: two").replace("spec:\n", "spec:\n  event: [added]\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(GOOD)
    return tmp_path


def plain(shown: Shown, folder: Path) -> str:
    return (shown.out + shown.err).replace(f"{folder}/", "")


def test_good_rules_are_fine(folder: Path) -> None:
    shown = rulectl("validate", str(folder))
    assert (shown.status, shown.out, shown.err) == (0, "1 rule: no problems\n", "")


def test_faults_are_told_with_place_line_and_caret(folder: Path) -> None:
    (folder / "bad.yaml").write_text(BAD)
    shown = rulectl("validate", str(folder))
    assert shown.status == 1
    assert plain(shown, folder) == (
        "bad.yaml:5:3: RC203 unknown key 'event' in spec\n"
        "    |   event: [added]\n"
        "    |   ^^^^^\n"
        "    = did you mean 'events'?\n"
        "2 rules: 1 error\n"
    )


def test_faults_are_data_for_machines(folder: Path) -> None:
    (folder / "bad.yaml").write_text(BAD)
    told = mapping(decode(rulectl("validate", str(folder), "-o", "json").out))
    assert (told["ok"], told["errors"]) == (False, 1)


def test_actions_of_plugins_are_known(folder: Path) -> None:
    (folder / "good.yaml").write_text(GOOD.replace("log: {message:", "page: {who:"))
    assert rulectl("validate", str(folder)).status == 1
    assert rulectl("validate", str(folder), "--plugin", "tests.cli.plugin").status == 0


@pytest.mark.parametrize(
    ("form", "beginning"),
    [
        ("text", "Informers\n"),
        ("json", '{\n  "informers": ['),
        ("dot", "digraph rulectl {\n"),
        ("mermaid", "flowchart LR\n"),
    ],
)
def test_a_plan_is_drawn_in_the_form_asked_for(form: str, beginning: str, folder: Path) -> None:
    shown = rulectl("plan", str(folder), "-o", form)
    assert (shown.status, shown.err) == (0, "")
    assert shown.out.startswith(beginning)


def test_a_plan_has_the_good_rules_and_the_faults_are_told_beside_it(folder: Path) -> None:
    (folder / "bad.yaml").write_text(BAD)
    shown = rulectl("plan", str(folder), "-o", "json")
    assert shown.status == 1
    assert "RC203 unknown key 'event'" in shown.err
    assert [mapping(rule)["name"] for rule in mapping(decode(shown.out))["rules"]] == ["one"]  # type: ignore[union-attr]
