"""What RuleDefaults preset for actions, against the actions that there are."""

from __future__ import annotations

from collections.abc import Iterator

from rulectl.action.registry import Registry
from rulectl.errors import UsageError
from rulectl.plan.actions import known_actions
from rulectl.problem import Problem, nearest
from rulectl.rule.document import Document
from rulectl.rule.node import Path
from rulectl.value import mapping


def preset_problems(document: Document, registry: Registry) -> Iterator[Problem]:
    """Actions that do not exist, and parameters that they do not take.

    Values are checked where they are used, together with the parameters of the action itself.
    """
    presets = mapping(mapping(mapping(document.value).get("spec")).get("actions"))
    for name, parameters in presets.items():
        path: Path = ("spec", "actions", name)
        close = nearest(name, registry.names)
        try:
            action = registry.get(name)
        except UsageError as fault:
            yield document.problem("RC501", str(fault), path, key=True)
            continue
        if action is None:
            hint = f"did you mean {close!r}?" if close else known_actions(registry)
            yield document.problem("RC501", f"unknown action {name!r}", path, key=True, hint=hint)
            continue
        known = [parameter.key for parameter in action.parameters.parameters]
        for key in mapping(parameters):
            if key not in known:
                close = nearest(key, known)
                hint = f"did you mean {close!r}?" if close else f"it knows {', '.join(known)}"
                message = f"unknown parameter {key!r} of {name}"
                yield document.problem("RC502", message, (*path, key), key=True, hint=hint)
