"""A rule in words: what it watches and keeps, when it fires, what it does, what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rulectl.check.rbac.grant import grants_of
from rulectl.check.rbac.need import rule_needs
from rulectl.check.rbac.resources import Find
from rulectl.check.rbac.role import roles_of
from rulectl.duration import format_duration
from rulectl.fields import FieldTree
from rulectl.plan.describe import events_of, paths_of, term_text
from rulectl.plan.model import ActionPlan, RetryPolicy, RulePlan, Selection, TargetPlan
from rulectl.predicate.term import All, Term
from rulectl.predicate.watched import Field, Watched, path_of
from rulectl.value import Value, encode

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One thing that is said of a rule, a line each; `title` is a word in front."""

    title: str
    lines: tuple[str, ...]


def rule_words(rule: RulePlan, find: Find | None = None) -> list[Paragraph]:
    """The rule in words, what matters first. `find` knows what custom kinds' resources are called."""
    found = [
        Paragraph("watches", (selection_words(rule.select),)),
        Paragraph("keeps", tuple(_fields(rule.tree))),
        Paragraph("fires", tuple(_fires(rule))),
        Paragraph("waits", tuple(_waits(rule))),
        Paragraph("looks up", tuple(f"{one.name}: {one.kind}, {_looked_up(one.object_name)}" for one in rule.lookups)),
        Paragraph("let", tuple(f"{name}: {expression.text}" for name, expression in rule.lets)),
        Paragraph("for each", tuple(_targets(rule.for_each)) if rule.for_each is not None else ()),
        Paragraph("does", tuple(_actions(rule.actions, rule))),
        Paragraph("resolved", tuple(_resolved(rule))),
        Paragraph("queue", tuple(_queue(rule))),
        Paragraph("remembers", tuple(_fields(rule.recorded))),
        Paragraph("needs", tuple(_needs(rule, find))),
    ]
    return [paragraph for paragraph in found if paragraph.lines]


def words_text(rule: RulePlan, find: Find | None = None) -> str:
    """The same as text for people; ends with a line break."""
    states = [] if rule.enabled else ["off: its enabledIf does not hold in this environment"]
    states += ["audit: it reports and acts never"] if rule.mode == "audit" else []
    lines = [f"{rule.name} ({rule.place})" + "".join(f" [{state}]" for state in states)]
    lines += [rule.description] if rule.description else []
    for paragraph in rule_words(rule, find):
        for index, line in enumerate(paragraph.lines):
            lines.append(f"  {paragraph.title if index == 0 else '':<10}{line}")
    return "".join(f"{line}\n" for line in lines)


def selection_words(select: Selection) -> str:
    """Which objects a watch is about."""
    parts = [f"{select.kind} objects"]
    if select.namespaces:
        parts.append(f"in {_listed(select.namespaces, 'and')}")
    elif select.namespace_selector is not None:
        parts.append(f"in namespaces with {select.namespace_selector or 'any labels'}, followed live")
    if select.exclude_namespaces:
        parts.append(f"not in {_listed(select.exclude_namespaces, 'or')}")
    if select.label_selector:
        parts.append(f"with labels {select.label_selector}")
    if select.field_selector:
        parts.append(f"with fields {select.field_selector}")
    return ", ".join(parts)


def _fires(rule: RulePlan) -> Iterator[str]:
    events = _listed(events_of(rule), "or")
    match rule.form:
        case "changed":
            yield f"when one of these differs from its baseline ({events}):"
            yield from (f"  {_watched(item)}" for item in rule.watched)
            if rule.when is not None:
                yield "and, then or later, all of these hold:"
        case "condition":
            yield f"once, when all of these come to hold ({events}):"
        case "presence":
            yield f"once for each object, when it is {events}"
    if rule.when is not None:
        yield from (f"  {line}" for line in _terms(rule.when))
    if "added" in rule.events or rule.form == "condition":
        there = "are handled as if they were new" if rule.existing == "handle" else "are skipped"
        yield f"objects that are there when the rule is new {there}"


def _watched(item: Watched) -> str:
    if not isinstance(item, Field):
        return path_of(item)
    parts = [item.expression.text]
    parts += [] if item.old is None else [f"from {_listed(map(_json, item.old), 'or')}"]
    parts += [] if item.new is None else [f"to {_listed(map(_json, item.new), 'or')}"]
    return " ".join(parts)


def _terms(term: Term) -> Iterator[str]:
    for part in term.terms if isinstance(term, All) else (term,):
        told = term_text(part)
        yield told if isinstance(told, str) else _json(told)


def _waits(rule: RulePlan) -> Iterator[str]:
    if rule.for_seconds:
        since = f", counted from {rule.since.text}" if rule.since is not None else ""
        yield f"until it has been so for {format_duration(rule.for_seconds)} without a break{since}"
    what = "target" if rule.for_each is not None else "object"
    if rule.debounce_seconds:
        yield f"until the {what} has been quiet for {format_duration(rule.debounce_seconds)}"
    if rule.cooldown_seconds:
        yield f"until {format_duration(rule.cooldown_seconds)} after the last success for the {what}"
    if rule.limits.per_minute is not None:
        then = "then it pauses until `rulectl state resume`" if rule.limits.on_exceed == "pause" else "then it waits"
        yield f"at most {rule.limits.per_minute} runs begin in a minute; {then}"


def _targets(each: TargetPlan) -> Iterator[str]:
    yield f"{each.kind} that fits all of this, one run each:"
    if each.references is not None:
        yield f"  references {each.references.text}"
    for title, template in (("namespace", each.namespace), ("name", each.object_name), ("labels", each.label_selector)):
        if template is not None:
            yield f"  {title} {_short(template.value)}"
    if each.where is not None:
        yield f"  {each.where.text}"


def _actions(actions: tuple[ActionPlan, ...], rule: RulePlan) -> Iterator[str]:
    for number, action in enumerate(actions, start=1):
        plugin = "" if action.name == action.type.name else f" ({action.type.name})"
        parts = [f"{number}. {action.name}{plugin}"]
        if action.condition is not None:
            parts.append(f"if {action.condition.text}")
        parts.append(f"within {format_duration(action.timeout_seconds)}")
        if action.retry is not None:
            parts.append(_retry(action.retry))
        if action.on_error == "continue":
            parts.append("goes on when it fails")
        if action.needs_whole and rule.cache != "full":
            parts.append("fetches the whole object")
        yield "; ".join(parts)
        yield from (f"   {line}" for line in _parameters(action.written))


def _parameters(written: Mapping[str, Value]) -> Iterator[str]:
    """What an action is given, in the lines of a rule, in full: a URL that is cut is of no use."""
    for key, value in written.items():
        match value:
            case Mapping() if value:
                yield f"{key}:"
                yield from (f"  {line}" for line in _parameters(value))
            case str() if value and value.isprintable():
                yield f"{key}: {value}"
            case _:
                yield f"{key}: {_json(value)}"


def _resolved(rule: RulePlan) -> Iterator[str]:
    if not rule.has_resolved:
        return
    wait = f" for {format_duration(rule.resolved_for_seconds)}" if rule.resolved_for_seconds else ""
    yield f"when it has fired and holds no more{wait}, or the object is gone or leaves:"
    yield from _actions(rule.resolved, rule)
    if not rule.resolved:
        yield "nothing is done, but it can fire again"


def _queue(rule: RulePlan) -> Iterator[str]:
    key = "one key per target" if rule.for_each is not None else "one key per object"
    yield f"{key}, {rule.workers} worker{'' if rule.workers == 1 else 's'}; {_retry(rule.retry)}"
    if rule.resync_seconds is not None:
        yield f"runs again every {format_duration(rule.resync_seconds)} while it is in force"


def _retry(retry: RetryPolicy) -> str:
    delays = f"{format_duration(retry.initial_seconds)} to {format_duration(retry.max_seconds)} apart"
    if retry.attempts == 0:
        return f"tried until it succeeds, {delays}"
    return "tried once" if retry.attempts == 1 else f"tried up to {retry.attempts} times, {delays}"


def _needs(rule: RulePlan, find: Find | None) -> Iterator[str]:
    for role in roles_of(grants_of(rule_needs(rule), find)):
        where = f"in {role.namespace}" if role.namespace else "cluster-wide"
        for entry in role.rules:
            names = f" named {_listed(entry.names, 'or')}" if entry.names else ""
            group = f".{entry.group}" if entry.group else ""
            yield f"{', '.join(entry.verbs)} {', '.join(entry.resources)}{group}{names} {where}"


def _looked_up(name: object) -> str:
    return "one by name" if name is not None else "a list"


def _fields(tree: FieldTree) -> list[str]:
    return ["all fields"] if tree.whole else paths_of(tree)


def _listed(words: Iterable[str], conjunction: str) -> str:
    *first, last = [*words] or ["nothing"]
    return f"{', '.join(first)} {conjunction} {last}" if first else last


def _json(value: Value) -> str:
    return encode(value).decode()


def _short(value: Value) -> str:
    told = value if isinstance(value, str) else _json(value)
    return told if len(told) <= _WIDTH else f"{told[: _WIDTH - 1]}\N{HORIZONTAL ELLIPSIS}"
