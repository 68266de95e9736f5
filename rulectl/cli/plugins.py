"""What rules may use: built in, installed as a package, or given with ``--plugin``."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from rulectl.action.installed import entry_points
from rulectl.action.registry import Registry
from rulectl.errors import UsageError
from rulectl.expression import BUILTIN, Function, Functions, is_marked, typed_function

FUNCTION_ENTRY_POINTS: Final = "rulectl.functions"
_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Plugins:
    """All actions and all functions of expressions."""

    registry: Registry
    functions: Functions


def plugin_option(function: _Function) -> _Function:
    """``--plugin`` as the parameter `plugin`, a tuple."""
    return click.option(
        "--plugin",
        multiple=True,
        metavar="MODULE[:NAME]",
        help="Also use the actions and functions of this Python module; may be repeated.",
    )(function)


def load_plugins(given: Iterable[str] = ()) -> Plugins:
    """What is installed, and `given` modules or ``module:name``; these are looked for in the working folder too.

    Raises:
        UsageError: one cannot be imported, holds nothing to use, or has a name that is taken.
    """
    registry = Registry.installed()
    functions = BUILTIN
    for name, target, _ in entry_points(FUNCTION_ENTRY_POINTS):
        try:
            functions = _extended(functions, [_loaded(name, target)], target)
        except UsageError as fault:
            # A sick package harms only the rules that use it.
            click.echo(f"warning: {fault}", err=True)
    targets = list(given)
    if targets and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    for target in targets:
        _refuse_missing(target)
        try:
            found = _functions_of(target)
            functions = _extended(functions, found, target)
            if not found or _has_actions(target):
                registry = registry.with_plugin(target)
        except SystemExit as fault:
            raise UsageError(
                f"plugin {target!r} cannot be imported: it ends the process (SystemExit: {fault.code}); "
                "a plugin's module only defines things, leave out what it runs"
            ) from fault
    return Plugins(registry, functions)


def _loaded(name: str, target: str) -> Function:
    module, _, attribute = target.partition(":")
    try:
        made = getattr(importlib.import_module(module.strip()), attribute.strip())
    except (Exception, SystemExit) as fault:
        raise UsageError(
            f"function {name!r} of {target} cannot be imported: {type(fault).__name__}: {fault}; "
            "repair or uninstall that package"
        ) from fault
    if isinstance(made, Function):
        return made
    if not inspect.isfunction(made):
        raise UsageError(f"function {name!r} of {target} does not fit: it has to be a Python function with types")
    return _typed(made, name, target)


def _typed(made: Callable[..., Any], name: str, target: str) -> Function:
    try:
        return typed_function(made, name)
    except ValueError as fault:
        raise UsageError(f"plugin {target!r} does not fit: {fault}") from fault


def _refuse_missing(target: str) -> None:
    module = target.partition(":")[0]
    try:
        is_there = importlib.util.find_spec(module) is not None
    except ModuleNotFoundError as fault:  # the package that it would be in
        is_there = bool(fault.name) and not f"{module}.".startswith(f"{fault.name}.")
    except Exception:  # noqa: BLE001 - the import itself says it, with its reason
        return
    if not is_there:
        raise UsageError(
            f"plugin {target!r} cannot be imported: there is no module {module!r} in the working folder, nor installed"
            f" for {sys.executable}; give a module's name, as in `import`, or install it there"
        )


def _functions_of(target: str) -> list[Function]:
    """The functions of expressions that `target` is or holds; none where it cannot be imported (yet)."""
    module_name, _, attribute = target.partition(":")
    try:
        module = importlib.import_module(module_name)
    except Exception:  # noqa: BLE001 - Registry.with_plugin says it, with its reason
        return []
    members: list[Any] = [getattr(module, attribute, None)] if attribute else list(vars(module).values())
    unique = {
        id(member): member
        for member in members
        if isinstance(member, Function) or _is_own_function(member, module_name, attribute)
    }
    return [one if isinstance(one, Function) else _typed(one, "", target) for one in unique.values()]


def _is_own_function(member: object, module: str, attribute: str) -> bool:
    """Whether it is marked as a function of expressions; what a module has from another is the other's."""
    return is_marked(member) and (bool(attribute) or _is_from(member, module))


def _has_actions(target: str) -> bool:
    """Whether the module has, beside functions, what means to be an action; then it must load as one."""
    if ":" in target:
        return False
    own = [made for made in vars(importlib.import_module(target)).values() if _is_from(made, target)]
    return any(hasattr(made, "rulectl_action") or hasattr(made, "run") for made in own)


def _is_from(made: object, module: str) -> bool:
    return getattr(made, "__module__", "") == module


def _extended(functions: Functions, found: Iterable[Function], target: str) -> Functions:
    try:
        return functions.with_functions(found)
    except ValueError as fault:
        raise UsageError(f"plugin {target!r} does not fit: {fault}") from fault
