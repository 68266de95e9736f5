"""What `rulectl plan` tells: the informers and who shares them, what they keep, each rule's queue and actions."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.duration import format_duration
from rulectl.fields import FieldTree
from rulectl.plan.model import ActionPlan, Plan, RetryPolicy, RulePlan, Selection
from rulectl.plan.sharing import informers_of
from rulectl.predicate.term import All, AnyOf, Expr, Not, Term
from rulectl.predicate.watched import Field, MetadataKey, Watched, name_of
from rulectl.value import Value

Described = Mapping[str, Value]
"""Plain JSON, keys in the order in which people read them; what is at its default is left out."""


def describe_plan(plan: Plan) -> dict[str, Value]:
    """The plan as data: ``informers``, in the order in which rules ask for them, and ``rules``."""
    users: dict[Selection, list[Value]] = {selection: [] for selection in plan.trees}
    for rule in plan.rules:
        for purpose, selection, _ in informers_of(rule):
            users[selection].append({"rule": rule.name, "for": purpose})
    informers: list[Value] = [
        {**describe_selection(selection), "usedBy": users[selection], "keeps": _fields(tree)}
        for selection, tree in plan.trees.items()
    ]
    return {"informers": informers, "rules": [describe_rule(rule) for rule in plan.rules]}


def describe_selection(selection: Selection) -> dict[str, Value]:
    """Which objects an informer lists and watches."""
    return _written(
        {
            "apiVersion": selection.kind.api_version,
            "kind": selection.kind.kind,
            "namespaces": list(selection.namespaces),
            "namespaceSelector": selection.namespace_selector,
            "excludeNamespaces": list(selection.exclude_namespaces),
            "labelSelector": selection.label_selector,
            "fieldSelector": selection.field_selector,
        }
    )


def describe_rule(rule: RulePlan) -> dict[str, Value]:
    """What one rule compiled to."""
    queue: dict[str, Value] = {
        "key": f"{rule.name}/namespace/name" if rule.for_each is None else f"{rule.name}/target",
        "workers": rule.workers,
        "debounce": _time(rule.debounce_seconds),
        "cooldown": _time(rule.cooldown_seconds),
        "resync": _time(rule.resync_seconds),
        "retry": _retry(rule.retry),
        "perMinute": rule.limits.per_minute,
        "onExceed": rule.limits.on_exceed if rule.limits.per_minute else None,
        "deletes": rule.limits.deletes,
    }
    return _written(
        {
            "name": rule.name,
            "file": rule.place.file,
            "line": rule.place.line,
            "description": rule.description,
            "enabled": None if rule.enabled else False,
            "mode": None if rule.mode == "enforce" else rule.mode,
            "watch": describe_selection(rule.select),
            "form": rule.form,
            "events": list[Value](events_of(rule)),
            "existing": rule.existing,
            "changed": [_watched(item) for item in rule.watched],
            "when": [] if rule.when is None else term_text(rule.when),
            "for": _time(rule.for_seconds),
            "since": None if rule.since is None else rule.since.text,
            "lookup": {lookup.name: str(lookup.kind) for lookup in rule.lookups},
            "let": {name: expression.text for name, expression in rule.lets},
            "forEach": None if rule.for_each is None else str(rule.for_each.kind),
            "queue": _written(queue),
            "actions": [_action(action) for action in rule.actions],
            "resolved": [_action(action) for action in rule.resolved] if rule.has_resolved else None,
            "resolvedFor": _time(rule.resolved_for_seconds),
            "records": _fields(rule.recorded),
            "judgedBy": _fields(rule.judged_by),
        }
    )


def events_of(rule: RulePlan) -> list[str]:
    """The events that the rule asks for, in the order of an object's life."""
    return [event for event in ("added", "modified", "deleted") if event in rule.events]


def paths_of(tree: FieldTree) -> list[str]:
    """The leaves of a tree that is not whole, as paths, sorted.

    JMESPath's ``[]`` flattens lists in lists; that such are kept as well is not said where there are none to expect.
    """
    paths = tree.paths()
    plain = frozenset(paths)
    return [path for path in paths if "[][]" not in path or path.replace("[][]", "[]") not in plain]


def term_text(term: Term) -> Value:
    """A term as a rule writes it: text, a list for all, ``{any: [...]}``, ``{not: ...}``."""
    match term:
        case Expr(expression):
            return expression.text
        case All(terms):
            return [term_text(part) for part in terms]
        case AnyOf(terms):
            return {"any": [term_text(part) for part in terms]}
        case Not(inner):
            return {"not": term_text(inner)}


def _watched(item: Watched) -> Value:
    match item:
        case MetadataKey(section, key):
            return name_of(section, key)
        case Field(expression, None, None):
            return expression.text
        case Field(expression, old, new):
            step: dict[str, Value] = {"path": expression.text}
            step |= {} if old is None else {"from": list(old)}
            return step if new is None else {**step, "to": list(new)}


def _action(action: ActionPlan) -> Value:
    return _written(
        {
            "name": action.name,
            "action": action.type.name,
            "if": None if action.condition is None else action.condition.text,
            "timeout": format_duration(action.timeout_seconds),
            "retry": None if action.retry is None else _retry(action.retry),
            "onError": None if action.on_error == "stop" else action.on_error,
            "isolation": None if action.isolation == "thread" else action.isolation,
            "fetchesObject": action.needs_whole or None,
        }
    )


def _retry(retry: RetryPolicy) -> Value:
    return {
        "attempts": retry.attempts or "until it succeeds",
        "initialDelay": format_duration(retry.initial_seconds),
        "maxDelay": format_duration(retry.max_seconds),
    }


def _fields(tree: FieldTree) -> Value:
    return ["everything"] if tree.whole else [*paths_of(tree)]


def _time(seconds: float | None) -> str | None:
    return format_duration(seconds) if seconds else None


def _written(value: Mapping[str, Value]) -> dict[str, Value]:
    return {key: part for key, part in value.items() if part not in (None, "", [], {})}
