import subprocess
import sys

import pytest

from rulectl.action.registry import Registry
from rulectl.errors import UsageError

BUILTIN = (
    "annotate apply delete event exec http job label log notify patch restart scale".split()  # noqa: SIM905 - a list to read
)


def test_the_builtin_actions_are_there_and_all_of_them_load() -> None:
    registry = Registry.builtin()
    assert list(registry.names) == BUILTIN
    assert [kind.name for kind in registry] == BUILTIN
    assert registry.faults() == {}


def test_an_unknown_name_is_no_fault() -> None:
    assert Registry.builtin().get("nothing") is None


def test_a_plugin_is_found_by_module_and_name() -> None:
    page = Registry.builtin().with_plugin("tests.action.plugins:Page").get("page")
    assert page is not None
    assert page.defined_by == "tests.action.plugins:Page"


def test_a_module_brings_all_that_it_marks_or_names() -> None:
    module = "tests.action.marked_plugin"
    registry = Registry.builtin().with_plugin(module)
    assert set(registry.names) - set(BUILTIN) == {"first", "second"}


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("tests.action.nowhere", "cannot be imported: ModuleNotFoundError"),
        ("tests.action.broken_plugin", "cannot be imported: RuntimeError: no licence"),
        ("tests.action.plugins:Pgae", "cannot be found: tests.action.plugins has no 'Pgae'"),
        ("tests.action.empty_plugin", "defines no action; mark a class or function with @rulectl.action.action()"),
        ("tests.action.plugins:WithoutRun", "does not fit: class WithoutRun has no method run(self, context)"),
    ],
    ids=str,
)
def test_a_plugin_that_cannot_be_used_is_refused_with_the_reason(target: str, message: str) -> None:
    with pytest.raises(UsageError) as fault:
        Registry.builtin().with_plugin(target)
    assert message in str(fault.value)


def test_an_installed_action_is_imported_only_when_it_is_asked_for() -> None:
    registry = Registry.builtin().with_entry_points([("sick", "tests.action.broken_plugin:Sick", "sick-package")])
    assert "sick" in registry.names
    with pytest.raises(UsageError, match="no licence"):
        registry.get("sick")


def test_a_sick_plugin_harms_no_other() -> None:
    entries = [
        ("sick", "tests.action.broken_plugin:Sick", "sick-package"),
        ("pager", "tests.action.plugins:Page", "pager-package"),
    ]
    registry = Registry.builtin().with_entry_points(entries)
    pager = registry.get("pager")
    assert pager is not None
    assert (pager.name, pager.defined_by) == ("pager", "pager-package")
    assert list(registry.faults()) == ["sick"]
    assert [kind.name for kind in registry] == sorted([*BUILTIN, "pager"])


def test_a_name_that_is_taken_is_refused_and_both_sides_are_named() -> None:
    with pytest.raises(UsageError) as fault:
        Registry.builtin().with_entry_points([("http", "elsewhere:Http", "other-package")])
    assert str(fault.value) == (
        "action 'http' of other-package has a name that rulectl brings already; rename one or uninstall the other"
    )


def test_the_installed_packages_can_be_asked() -> None:
    assert set(BUILTIN) <= set(Registry.installed().names)


def test_naming_the_actions_imports_none_of_them() -> None:
    code = (
        "import sys; from rulectl.action.registry import Registry; Registry.builtin().names; "
        "print([m for m in sys.modules if m.startswith(('rulectl.action.builtin', 'urllib3'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
