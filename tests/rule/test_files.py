"""Files and folders: what is found, in which order, and what is told when nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulectl.errors import UsageError
from rulectl.rule.files import find_files
from rulectl.rule.load import load_rules
from tests.rule.marked import rule


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def names(folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in find_files([folder]).files]


def test_rule_files_are_found_in_all_folders_in_a_stable_order(tmp_path: Path) -> None:
    files = ["b.yaml", "a.yml", "c.json", "z/a.yaml", "A/x.YAML", "notes.txt", "a.yaml.bak"]
    write(tmp_path, dict.fromkeys(files, "a: 1"))
    assert names(tmp_path) == ["A/x.YAML", "a.yml", "b.yaml", "c.json", "z/a.yaml"]


def test_hidden_files_and_the_history_of_a_mounted_configmap_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"..2024/rule.yaml": "a: 1", ".git/x.yaml": "a: 1"})
    (tmp_path / "..data").symlink_to("..2024")
    (tmp_path / "rule.yaml").symlink_to("..data/rule.yaml")
    assert names(tmp_path) == ["rule.yaml"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a: 1"})
    assert len(find_files([tmp_path, tmp_path / "a.yaml", tmp_path]).files) == 1


def test_a_file_that_is_named_may_have_any_ending(tmp_path: Path) -> None:
    write(tmp_path, {"rules.txt": rule("workers: 1")})
    assert len(load_rules([tmp_path / "rules.txt"]).rules) == 1


def test_folders_that_contain_themselves_come_to_an_end(tmp_path: Path) -> None:
    write(tmp_path, {"a/rule.yaml": "a: 1"})
    (tmp_path / "a" / "again").symlink_to(tmp_path / "a")
    assert names(tmp_path) == ["a/rule.yaml"]


def test_paths_that_do_not_exist_are_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such file or folder: .*/x, .*/y; give the path"):
        find_files([tmp_path / "x", tmp_path, tmp_path / "y"])


def test_a_folder_without_files_is_told(tmp_path: Path) -> None:
    [problem] = load_rules([tmp_path]).problems
    assert str(problem) == (
        f"{tmp_path}: RC120 no rules found: there is no file that ends in .yaml, .yml, .json"
        " (rulectl init NAME writes a first rule)"
    )


def test_a_folder_without_rules_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "apiVersion: v1\nkind: Pod\n", "b.yaml": ""})
    [problem] = load_rules([tmp_path]).problems
    assert problem.message == "no rules found: 2 files were read, none has a document of kind Rule"


def test_a_folder_with_tests_alone_is_only_a_warning(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "apiVersion: rulectl.dev/v1alpha1\nkind: RuleTest\n"})
    [problem] = load_rules([tmp_path]).problems
    assert (problem.code, problem.severity) == ("RC120", "warning")


def test_a_link_to_nowhere_is_a_problem_of_its_file_alone(tmp_path: Path) -> None:
    write(tmp_path, {"b.yaml": rule("workers: 1")})
    (tmp_path / "a.yaml").symlink_to(tmp_path / "nowhere")
    loaded = load_rules([tmp_path])
    assert [str(problem) for problem in loaded.problems] == [
        f"{tmp_path}/a.yaml: RC101 cannot be read: No such file or directory (check the path and its permissions)"
    ]
    assert len(loaded.rules) == 1
