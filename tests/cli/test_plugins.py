"""What `--plugin` finds in a module."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulectl.cli.plugins import load_plugins
from rulectl.errors import UsageError

FUNCTION = """
from rulectl.expression import Function, Kind
{name} = Function("{name}", (), Kind.NUMBER, "One.", lambda: 1, ("{name}()", 1))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Modules here can be imported; the names are used in no other test."""
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))


def test_a_module_may_bring_functions_and_actions() -> None:
    plugins = load_plugins(["tests.cli.plugin"])
    assert plugins.registry.get("page") is not None
    assert plugins.functions.get("shout") is not None


def test_one_of_them_can_be_named() -> None:
    plugins = load_plugins(["tests.cli.plugin:page"])
    assert plugins.registry.get("page") is not None
    assert plugins.functions.get("shout") is None


def test_a_module_with_functions_alone_is_fine(folder: Path) -> None:
    (folder / "only_functions.py").write_text(FUNCTION.format(name="one_more"))
    assert load_plugins(["only_functions"]).functions.get("one_more") is not None


def test_an_action_that_does_not_fit_is_told_even_beside_functions(folder: Path) -> None:
    broken = "\nclass Bad:\n    name = 'bad'\n    def run(self): ...\n"
    (folder / "with_broken_action.py").write_text(FUNCTION.format(name="fine") + broken)
    with pytest.raises(UsageError, match="does not fit"):
        load_plugins(["with_broken_action"])


def test_a_function_whose_name_is_taken_is_refused(folder: Path) -> None:
    (folder / "taken_name.py").write_text(FUNCTION.format(name="length"))
    with pytest.raises(UsageError, match=r"plugin 'taken_name' does not fit: there is a function length\(\) already"):
        load_plugins(["taken_name"])


def test_a_module_that_ends_the_process_is_refused(folder: Path) -> None:
    (folder / "exits_at_once.py").write_text("raise SystemExit(3)\n")
    with pytest.raises(UsageError, match=r"it ends the process \(SystemExit: 3\); a plugin's module only defines"):
        load_plugins(["exits_at_once"])


def test_a_module_that_is_not_there_is_told_apart_from_one_that_lacks_another(folder: Path) -> None:
    (folder / "lacks_another.py").write_text("import nowhere_at_all\n")
    with pytest.raises(UsageError, match="No module named 'nowhere_at_all'"):
        load_plugins(["lacks_another"])
    with pytest.raises(UsageError, match="there is no module 'nowhere_at_all' in the working folder, nor installed"):
        load_plugins(["nowhere_at_all"])


def test_a_module_with_nothing_to_use_is_refused() -> None:
    with pytest.raises(UsageError, match="defines no action"):
        load_plugins(["string"])
