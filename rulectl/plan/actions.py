"""Compiling the actions of a rule: the plugin found, its parameters checked, templates and results resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from rulectl.action.binding import Fault
from rulectl.action.registry import ActionType, Registry
from rulectl.errors import UsageError
from rulectl.fields import NOTHING, FieldTree, union
from rulectl.plan.fault import Faults
from rulectl.plan.model import ActionPlan, RetryPolicy
from rulectl.plan.roots import Place
from rulectl.plan.source import Sources
from rulectl.problem import nearest
from rulectl.rule.model import ActionText, RetryText
from rulectl.rule.schema import COMMON_FIELDS
from rulectl.value import Value, mapping

DEFAULT_TIMEOUT_SECONDS = 60.0
_RUN_RETRY = RetryPolicy(0, 0.005, 1000.0)
_ACTION_RETRY = RetryPolicy(1, 1.0, 60.0)


@dataclass(frozen=True, slots=True)
class _Compiled:
    plan: ActionPlan
    results: FieldTree
    """What it reads of the results of earlier actions, by their names."""


def run_retry(retry: RetryText | None) -> RetryPolicy:
    """The policy for whole runs."""
    return _policy(retry, _RUN_RETRY)


def compile_actions(
    actions: tuple[ActionText, ...], registry: Registry, sources: Sources, faults: Faults
) -> tuple[ActionPlan, ...] | None:
    """The plans, in order; None when one of them is faulty."""
    names = names_of(actions)
    compiled: list[_Compiled | None] = []
    for index, (action, name) in enumerate(zip(actions, names, strict=True)):
        sources.names.defined["results"] = tuple(names[:index])
        sources.names.later["results"] = tuple(names[index:])
        compiled.append(_compile(action, name, registry, sources, faults))
    sources.names.defined.pop("results", None)
    good = [one for one in compiled if one is not None]
    return tuple(_with_results(good)) if len(good) == len(compiled) else None


def names_of(actions: Iterable[ActionText]) -> list[str]:
    """Each action's name: its own, else the plugin's, with a number where that is taken."""
    listed = list(actions)
    taken = {action.name for action in listed if action.name is not None}
    names: list[str] = []
    for action in listed:
        name = action.name
        if name is None:
            base = action.plugins[0] if action.plugins else "action"
            name, number = base, 2
            while name in taken:
                name, number = f"{base}_{number}", number + 1
            taken.add(name)
        names.append(name)
    return names


def _compile(action: ActionText, name: str, registry: Registry, sources: Sources, faults: Faults) -> _Compiled | None:
    before = len(faults.problems)
    condition = sources.expression(action.condition, Place.ACTION_IF)
    kind = _plugin(action, registry, faults)
    if kind is None or action.parameters is None:
        return None
    for fault in _faults(kind, action.parameters.value):
        path = (*action.parameters.path, *fault.path)
        is_key = fault.message.startswith(("unknown", "missing"))
        faults.add("RC502", fault.message, path, key=is_key, hint=fault.hint)
    if action.isolation == "process" and not kind.target:
        message = f"{kind.name} cannot run in a process of its own: it is not at the top of a module"
        faults.add("RC502", message, action.parameters.path, key=True, hint="move it there, or leave out isolation")
    parameters = sources.template(action.parameters, Place.ACTION)
    if parameters is None or len(faults.problems) > before:
        return None
    object_reads = parameters.reads.get("object")
    plan = ActionPlan(
        name=name,
        type=kind,
        parameters=parameters,
        condition=condition,
        timeout_seconds=action.timeout_seconds or DEFAULT_TIMEOUT_SECONDS,
        retry=_policy(action.retry, _ACTION_RETRY) if action.retry is not None else None,
        on_error=action.on_error,
        isolation=action.isolation,
        place=faults.rule.document.place(action.parameters.path, key=True),
        keep_result=False,
        result_tree=NOTHING,
        needs_whole=object_reads is not None and object_reads.whole,
        written=mapping(action.parameters.value),
    )
    trees = [parameters.reads.get("results"), condition.reads.get("results") if condition else None]
    return _Compiled(plan, union(tree for tree in trees if tree is not None))


def _faults(kind: ActionType, written: Value) -> list[Fault]:
    return kind.check_at_load(written) if isinstance(written, Mapping) else kind.check(written)


def known_actions(registry: Registry) -> str:
    """The hint for an action that is not known and near to none that is."""
    return f"known: {', '.join(registry.names)}; a plugin's has to be installed, or given with --plugin"


def _plugin(action: ActionText, registry: Registry, faults: Faults) -> ActionType | None:
    known = registry.names
    plugins = [key for key in action.plugins if key in known]
    strangers = [key for key in action.plugins if key not in known]
    for key in strangers:
        code, hint = "RC501", known_actions(registry)
        close = nearest(key, [*known, *COMMON_FIELDS])
        if close is not None:
            hint = f"did you mean {close!r}?"
        faults.add(code, f"unknown action {key!r}", (*action.path, key), key=True, hint=hint)
    if len(plugins) > 1:
        message = f"an action has exactly one plugin key, this one has {', '.join(plugins)}"
        faults.add("RC209", message, (*action.path, plugins[1]), key=True, hint="write two actions")
        return None
    if not action.plugins:
        message = "an action has exactly one plugin key, this one has none"
        faults.add("RC209", message, action.path, hint=f"add one of {', '.join(known)}")
    if not plugins or strangers:
        return None
    try:
        return registry.get(plugins[0])
    except UsageError as fault:
        faults.add("RC501", str(fault), (*action.path, plugins[0]), key=True)
        return None


def _policy(retry: RetryText | None, default: RetryPolicy) -> RetryPolicy:
    if retry is None:
        return default
    attempts = default.attempts if retry.attempts is None else retry.attempts
    initial = default.initial_seconds if retry.initial_seconds is None else retry.initial_seconds
    most = max(default.max_seconds, initial) if retry.max_seconds is None else retry.max_seconds
    return RetryPolicy(attempts, min(initial, most), most)


def _with_results(compiled: list[_Compiled]) -> Iterator[ActionPlan]:
    for index, one in enumerate(compiled):
        later = (other.results.child(one.plan.name) for other in compiled[index + 1 :])
        reads = [tree for tree in later if tree is not None]
        yield replace(one.plan, keep_result=True, result_tree=union(reads)) if reads else one.plan
