"""All the actions that rules may use, by name, each loaded when it is first asked for."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from rulectl.action.installed import entry_points
from rulectl.action.plugin import ActionType, action_type, actions_in
from rulectl.errors import UsageError

__all__ = ["ENTRY_POINTS", "ActionType", "Registry"]

ENTRY_POINTS: Final = "rulectl.actions"
_BUILTIN: Final = {
    "annotate": "rulectl.action.builtin.annotate:Annotate",
    "apply": "rulectl.action.builtin.apply:Apply",
    "delete": "rulectl.action.builtin.delete:Delete",
    "event": "rulectl.action.builtin.event:Event",
    "exec": "rulectl.action.builtin.exec:Exec",
    "http": "rulectl.action.builtin.http:Http",
    "job": "rulectl.action.builtin.job:Job",
    "label": "rulectl.action.builtin.label:Label",
    "log": "rulectl.action.builtin.log:Log",
    "notify": "rulectl.action.builtin.notify:Notify",
    "patch": "rulectl.action.builtin.patch:Patch",
    "restart": "rulectl.action.builtin.restart:Restart",
    "scale": "rulectl.action.builtin.scale:Scale",
}


@dataclass(frozen=True, slots=True)
class _Source:
    """Where an action is: ``module:name``, and who brought it."""

    target: str
    defined_by: str


class Registry:
    """Actions by name. Values once made: `with_*` give a new one. Any number of threads may read it.

    A plugin that cannot be loaded harms only the rules that use it: `get` raises for its name, and
    `faults` tells all of them.
    """

    def __init__(self, sources: dict[str, _Source], loaded: dict[str, ActionType]) -> None:
        self._sources = sources
        self._loaded = loaded
        self._lock = threading.Lock()

    @classmethod
    def builtin(cls) -> Registry:
        """The actions that rulectl itself brings."""
        return cls({name: _Source(target, "rulectl") for name, target in _BUILTIN.items()}, {})

    @classmethod
    def installed(cls) -> Registry:
        """The built-in ones and those of installed packages (entry-point group ``rulectl.actions``).

        Raises:
            UsageError: two packages bring an action of the same name.
        """
        return cls.builtin().with_entry_points(entry_points(ENTRY_POINTS))

    def with_entry_points(self, entries: Iterable[tuple[str, str, str]]) -> Registry:
        """This registry and those actions (name, ``module:name``, package); none of them is imported yet.

        Raises:
            UsageError: a name is taken.
        """
        sources = dict(self._sources)
        for name, target, distribution in entries:
            source = _Source(target, distribution)
            self._refuse_taken(name, sources, source)
            sources[name] = source
        return Registry(sources, dict(self._loaded))

    def with_plugin(self, target: str) -> Registry:
        """This registry and what ``module:name`` is, or all actions that ``module`` defines.

        Raises:
            UsageError: it cannot be imported, does not fit, or its name is taken.
        """
        module_name, _, attribute = target.partition(":")
        module = _module(module_name, target)
        if attribute:
            found = [action_type(_attribute(module, attribute, target), defined_by=target)]
        else:
            found = actions_in(module)
        return self.with_types(found)

    def with_types(self, types: Iterable[ActionType]) -> Registry:
        """This registry and these.

        Raises:
            UsageError: a name is taken.
        """
        sources, loaded = dict(self._sources), dict(self._loaded)
        for one in types:
            source = _Source("", one.defined_by)
            self._refuse_taken(one.name, sources, source)
            sources[one.name], loaded[one.name] = source, one
        return Registry(sources, loaded)

    @property
    def names(self) -> tuple[str, ...]:
        """All names, sorted, also of plugins that turn out not to load."""
        return tuple(sorted(self._sources))

    def get(self, name: str) -> ActionType | None:
        """The action, loaded now if it has not been; None when there is none of that name.

        Raises:
            UsageError: the plugin cannot be loaded or does not fit.
        """
        source = self._sources.get(name)
        if source is None:
            return None
        with self._lock:
            known = self._loaded.get(name)
        if known is not None:
            return known
        module_name, _, attribute = source.target.partition(":")
        made = _attribute(_module(module_name, source.target), attribute, source.target)
        fresh = action_type(made, name=name, defined_by=source.defined_by)
        with self._lock:
            return self._loaded.setdefault(name, fresh)

    def faults(self) -> dict[str, str]:
        """What is wrong with the plugins that cannot be loaded, by name; loads all that are not yet."""
        found: dict[str, str] = {}
        for name in self.names:
            try:
                self.get(name)
            except UsageError as fault:
                found[name] = str(fault)
        return found

    def __iter__(self) -> Iterator[ActionType]:
        """All that can be loaded, by name."""
        broken = self.faults()
        for name in self.names:
            loaded = None if name in broken else self.get(name)
            if loaded is not None:
                yield loaded

    @staticmethod
    def _refuse_taken(name: str, sources: dict[str, _Source], source: _Source) -> None:
        taken = sources.get(name)
        if taken is not None and taken != source:
            raise UsageError(
                f"action {name!r} of {source.defined_by} has a name that {taken.defined_by} brings already; "
                "rename one or uninstall the other"
            )


def _module(name: str, target: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as fault:
        raise UsageError(f"plugin {target!r} cannot be imported: {type(fault).__name__}: {fault}") from fault


def _attribute(module: ModuleType, name: str, target: str) -> object:
    try:
        return getattr(module, name)
    except AttributeError as fault:
        raise UsageError(f"plugin {target!r} cannot be found: {module.__name__} has no {name!r}") from fault
