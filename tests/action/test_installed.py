"""Packages that bring actions or functions are found by what they have written down."""

from __future__ import annotations

import zipfile
from pathlib import Path

from rulectl.action.installed import may_have_plugins


def package(folder: Path, name: str, entry_points: str | None) -> None:
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: {name}\n")
    if entry_points is not None:
        (metadata / "entry_points.txt").write_text(entry_points)


def test_packages_without_entry_points_for_rulectl_are_no_plugins(tmp_path: Path) -> None:
    package(tmp_path, "one", None)
    package(tmp_path, "two", "[console_scripts]\nrulectl-x = a:b\n")
    assert not may_have_plugins([str(tmp_path), str(tmp_path / "missing")])


def test_a_package_with_an_action_or_a_function_is_one(tmp_path: Path) -> None:
    for group in ("actions", "functions"):
        folder = tmp_path / group
        folder.mkdir()
        package(folder, "page", f"[console_scripts]\npage = page:main\n\n[rulectl.{group}]\npage = page:page\n")
        assert may_have_plugins([str(folder)])


def test_what_cannot_be_looked_into_may_have_some(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "packages.zip", "w") as archive:
        archive.writestr("a.py", "")
    assert may_have_plugins([str(tmp_path / "packages.zip")])
