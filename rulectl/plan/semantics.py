"""What a rule says as a whole: parts that contradict each other, or that can never have an effect."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rulectl.errors import UsageError
from rulectl.kube.selector import LabelSelector
from rulectl.plan.fault import Faults
from rulectl.plan.model import EventName, Form
from rulectl.problem import Severity
from rulectl.rule.model import ActionText, RetryText, Rule, Written
from rulectl.rule.node import Path
from rulectl.value import mapping

_FIELD_TERM = re.compile(r"[A-Za-z][A-Za-z0-9.\[\]_-]*\s*(==|!=|=)\s*[^\s=!,]*")
_SPEC: Path = ("spec",)


def form_of(rule: Rule) -> Form:
    """What makes the rule owe a run."""
    if rule.changed is not None:
        return "changed"
    return "condition" if rule.when is not None else "presence"


def events_of(rule: Rule) -> frozenset[EventName]:
    """The events that it asks for, or the default of its form."""
    names: tuple[EventName, ...] = ("added", "modified", "deleted")
    if rule.events is not None:
        return frozenset(name for name in names if name in rule.events)
    match form_of(rule):
        case "changed":
            return frozenset({"modified"})
        case "condition":
            return frozenset({"added", "modified"})
        case _:
            return frozenset({"added"})


def judge_whole(faults: Faults) -> None:
    """Tells everything that is wrong with the rule apart from its expressions and its actions' parameters."""
    rule = faults.rule
    _events(rule, faults)
    _companions(rule, faults)
    _changed(rule, faults)
    _scope(rule, faults)
    _targets(rule, faults)
    for name, actions in (("actions", rule.actions), ("resolved", rule.resolved or ())):
        _action_names(name, actions, faults)
    if not rule.actions:
        message = "the rule has no actions, so it would do nothing"
        faults.about_whole(
            "RC308", message, ("spec", "actions"), "add one, for example - log: {message: ...}", key=True
        )
    for action in (*rule.actions, *(rule.resolved or ())):
        if action.timeout_seconds == 0:
            hint = "remove it for the default of 60s"
            faults.about_whole("RC208", "timeout must be more than 0", (*action.path, "timeout"), hint)
    for retry in (rule.retry, *(action.retry for action in (*rule.actions, *(rule.resolved or ())))):
        _retry(retry, faults)
    _resync(rule, faults)
    _without_effect(rule, faults)


def _events(rule: Rule, faults: Faults) -> None:
    form = form_of(rule)
    for index, event in enumerate(rule.events or ()):
        path: Path = ("spec", "events", index)
        if event == "deleted" and form == "condition":
            message = "a condition (when without changed) cannot have deleted among its events"
            faults.about_whole("RC302", message, path, "write resolved: for what to do when the object goes")
        elif event == "deleted" and form == "changed" and rule.resolved is not None:
            message = "deleted cannot stand beside resolved, which runs when the object goes"
            faults.about_whole("RC303", message, path, "remove one of the two")
        elif event == "modified" and form == "presence":
            message = "without changed or when, an object that is modified makes this rule owe nothing"
            faults.about_whole("RC314", message, path, "for any change write changed: {fields: ['@']}")


def _companions(rule: Rule, faults: Faults) -> None:
    """Keys that mean something only beside another one."""
    if rule.for_seconds is not None and rule.when is None:
        hint = "add when:, the terms that must hold for so long"
        faults.about_whole("RC305", "for needs when", ("spec", "for"), hint, key=True)
    if rule.since is not None and rule.for_seconds is None:
        hint = "add for:, the time that counts from it"
        faults.about_whole("RC310", "since needs for", ("spec", "since"), hint, key=True)
    if rule.resolved_for_seconds is not None and rule.resolved is None:
        hint = "add resolved:, the actions that wait for it"
        faults.about_whole("RC306", "resolvedFor needs resolved", ("spec", "resolvedFor"), hint, key=True)
    if rule.resolved is not None and form_of(rule) == "presence":
        message = "resolved needs changed or when: this rule never stops to hold"
        faults.about_whole(
            "RC311", message, ("spec", "resolved"), "use events: [deleted] for the object's end", key=True
        )


def _changed(rule: Rule, faults: Faults) -> None:
    if rule.changed is None:
        return
    for name, entries in (("annotations", rule.changed.annotations), ("labels", rule.changed.labels)):
        _twice(f"changed.{name}", entries, faults)
    plain = [step.expression for step in rule.changed.fields if step.old is None and step.new is None]
    _twice("changed.fields", plain, faults)
    for step in rule.changed.fields:
        for key, allowed in (("from", step.old), ("to", step.new)):
            if allowed == ():
                path = (*step.expression.path[:-1], key)
                faults.about_whole("RC319", f"{key} is an empty list: no value can match", path, "name the values")


def _twice(where: str, entries: Iterable[Written], faults: Faults) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.text in seen:
            faults.about_whole("RC309", f"{where} has {entry.text!r} twice", entry.path, "remove one of the two")
        seen.add(entry.text)


def _scope(rule: Rule, faults: Faults) -> None:
    watch = rule.watch
    if watch.namespaces and watch.namespace_selector is not None:
        message = "namespaces and namespaceSelector cannot stand together"
        hint = "keep one of the two"
        faults.about_whole("RC304", message, watch.namespace_selector.path, hint, key=True)
    for selector in (watch.namespace_selector, watch.label_selector):
        if selector is not None:
            selector_text(selector, faults)
    if watch.field_selector is not None:
        for term in watch.field_selector.text.split(","):
            if not _FIELD_TERM.fullmatch(term.strip()):
                message = f"{term.strip()!r} is not a term of a field selector"
                faults.add("RC315", message, watch.field_selector.path, hint="write it like spec.nodeName=node-1")


def selector_text(selector: Written, faults: Faults) -> str:
    """A selector, a mapping or text already, in the API's query syntax; values may hold templates."""
    if isinstance(selector.value, str):
        return selector.value
    try:
        return str(LabelSelector.of(mapping(selector.value)))
    except UsageError as fault:
        faults.add("RC315", str(fault), selector.path, key=True, hint="see kubectl explain for label selectors")
        return ""


def _targets(rule: Rule, faults: Faults) -> None:
    each = rule.for_each
    if each is None:
        return
    criteria = (each.references, each.object_name, each.namespace, each.label_selector, each.where)
    if all(one is None for one in criteria):
        message = f"forEach does not say which {each.kind.kind} objects: the actions would run for all of them"
        faults.about_whole(
            "RC313", message, each.path, "add references, name, namespace, labelSelector or where", key=True
        )


def _action_names(part: str, actions: tuple[ActionText, ...], faults: Faults) -> None:
    first: dict[str, ActionText] = {}
    for action in actions:
        if action.name is None:
            continue
        if action.name in first:
            line = faults.rule.document.place((*first[action.name].path, "name")).line
            message = f"two actions in {part} have the name {action.name!r}"
            hint = f"the other is in line {line}; results are told apart by name"
            faults.about_whole("RC307", message, (*action.path, "name"), hint)
        first.setdefault(action.name, action)


def _retry(retry: RetryText | None, faults: Faults) -> None:
    if retry is None or retry.initial_seconds is None or retry.max_seconds is None:
        return
    if retry.initial_seconds > retry.max_seconds:
        message = "initialDelay is longer than maxDelay"
        faults.about_whole(
            "RC316", message, (*retry.path, "initialDelay"), "the delay grows from the first to the second"
        )


def _resync(rule: Rule, faults: Faults) -> None:
    if rule.resync_seconds is not None and rule.resync_seconds < 1:
        message = "resync must be at least 1s"
        faults.about_whole("RC208", message, ("spec", "resync"), "remove it to run never without a change")


def _without_effect(rule: Rule, faults: Faults) -> None:
    limits: Path = ("spec", "limits")
    spec = mapping(mapping(rule.document.value).get("spec"))
    written = mapping(spec.get("limits"))
    unused: list[tuple[Path, str, str]] = []
    if "onExceed" in written and rule.limits.per_minute is None:
        unused.append(((*limits, "onExceed"), "onExceed has no effect without perMinute", "add perMinute"))
    if "deletes" in written and "deleted" not in events_of(rule) and rule.resolved is None:
        message = "limits.deletes has no effect: the rule has neither deleted among its events nor resolved"
        unused.append(((*limits, "deletes"), message, "remove it"))
    excluded = set(rule.watch.namespaces) & set(rule.watch.exclude_namespaces)
    if excluded:
        message = f"{sorted(excluded)[0]!r} is in namespaces and in excludeNamespaces"
        unused.append((("spec", "watch", "excludeNamespaces"), message, "remove it from one of the two"))
    for path, message, hint in unused:
        if rule.sound:
            faults.add("RC319", message, path, key=True, hint=hint, severity=Severity.WARNING)
