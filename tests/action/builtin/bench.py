"""Running a built-in action by its name, as a rule would."""

from __future__ import annotations

from typing import Any

from rulectl.action.attempt import perform
from rulectl.action.contract import ActionContext
from rulectl.action.outcome import Attempt
from rulectl.action.plugin import ActionType
from rulectl.action.registry import Registry

_REGISTRY = Registry.builtin()


def kind_of(name: str) -> ActionType:
    kind = _REGISTRY.get(name)
    assert kind is not None
    return kind


def run(name: str, parameters: dict[str, Any], context: ActionContext) -> Attempt:
    kind = kind_of(name)
    return perform(kind.bind(parameters), context, has_server_dry_run=kind.has_server_dry_run)


def faults(name: str, parameters: dict[str, Any]) -> list[str]:
    return [str(fault) for fault in kind_of(name).check(parameters)]
