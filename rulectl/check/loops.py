"""Rules that write what they watch, and rules that trigger each other in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rulectl.check.readers import Readers, overlap
from rulectl.check.writes import Write, writes_of
from rulectl.plan.model import ActionPlan, Plan, RulePlan
from rulectl.problem import Problem, Severity
from rulectl.resource import Kind
from rulectl.rule.model import ActionText, Rule


@dataclass(frozen=True, slots=True)
class _Step:
    """One action of one rule that may make another rule owe a run."""

    rule: RulePlan
    action: ActionText
    name: str
    write: Write


def loops(plan: Plan, written: Sequence[Rule]) -> list[Problem]:
    """A warning for each action that writes what its own rule watches, and for each circle of rules.

    `written` are the rules as they stand in their files. A rule's own write does not make it owe
    a run, but it may keep the rule from ever coming to rest with what somebody else writes.
    """
    steps = list(_steps(plan, {rule.name: rule for rule in written}))
    texts = {rule.name: rule for rule in written}
    problems = [_own(step, texts) for step in steps if _triggers(step.write, step.rule)]
    triggers = _Triggers(plan)
    reached: dict[str, set[int]] = {}
    for step in steps:
        reached.setdefault(step.rule.name, set()).update(triggers.of(step.write))
    names = [rule.name for rule in plan.rules]
    edges = {name: [names[number] for number in sorted(numbers)] for name, numbers in reached.items()}
    return problems + [_circle(circle, steps, texts) for circle in circles(edges)]


def circles(edges: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """The shortest circle through each node that is on one, each once, beginning with its least name.

    Nodes that point at themselves alone are no circle.
    """
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for start in sorted(edges):
        path = _way_back(start, edges)
        if path is not None and len(path) > 1:
            least = path.index(min(path))
            found.setdefault(frozenset(path), path[least:] + path[:least])
    return list(found.values())


def _way_back(start: str, edges: Mapping[str, Sequence[str]]) -> tuple[str, ...] | None:
    waiting: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        for following in edges.get(path[-1], ()):
            if following == start and len(path) > 1:
                return path
            if following not in seen and following != start:
                seen.add(following)
                waiting.append((*path, following))
    return None


def _steps(plan: Plan, written: Mapping[str, Rule]) -> Iterator[_Step]:
    for rule in plan.rules:
        text = written[rule.name]
        pairs: list[tuple[ActionPlan, ActionText]] = [
            *zip(rule.actions, text.actions, strict=True),
            *zip(rule.resolved, text.resolved or (), strict=True),
        ]
        for action, where in pairs:
            for write in writes_of(rule, action):
                yield _Step(rule, where, action.name, write)


class _Triggers:
    """From a write to the rules, by number, that it may make owe a run: few of many, found without asking each."""

    def __init__(self, plan: Plan) -> None:
        self._on_deleted: dict[Kind, list[int]] = {}
        self._on_added: dict[Kind, list[int]] = {}
        self._on_modified: dict[Kind, Readers] = {}
        for number, rule in enumerate(plan.rules):
            kind = rule.select.kind
            if _looks_at_deletions(rule):
                self._on_deleted.setdefault(kind, []).append(number)
            if "added" in rule.events:
                self._on_added.setdefault(kind, []).append(number)
            if _looks_at_changes(rule):
                self._on_modified.setdefault(kind, Readers()).add(number, rule.judged_by)

    def of(self, write: Write) -> Iterable[int]:
        match write.effect:
            case "deleted":
                return () if write.own else self._on_deleted.get(write.kind, ())
            case "added":
                return self._on_added.get(write.kind, ())
            case "modified":
                readers = self._on_modified.get(write.kind)
                return () if readers is None else readers.of(write.fields)


def _triggers(write: Write, rule: RulePlan) -> bool:
    """Whether the write may make the rule owe a run, selectors not looked at."""
    if write.kind != rule.select.kind:
        return False
    match write.effect:
        case "deleted":
            return not write.own and _looks_at_deletions(rule)
        case "added":
            return "added" in rule.events
        case "modified":
            return _looks_at_changes(rule) and overlap(write.fields, rule.judged_by)


def _looks_at_deletions(rule: RulePlan) -> bool:
    return "deleted" in rule.events or rule.has_resolved


def _looks_at_changes(rule: RulePlan) -> bool:
    return rule.form == "condition" or "modified" in rule.events


def _own(step: _Step, texts: Mapping[str, Rule]) -> Problem:
    what = {"modified": "writes", "added": "makes", "deleted": "deletes"}[step.write.effect]
    message = f"the action {step.name!r} {what} what its own rule watches"
    hint = "watch other fields, or write others; two writers of one field never come to rest"
    return _problem("RC601", message, step, texts, hint)


def _circle(circle: tuple[str, ...], steps: Sequence[_Step], texts: Mapping[str, Rule]) -> Problem:
    first = next(step for step in steps if step.rule.name == circle[0])
    way = " -> ".join([*circle, circle[0]])
    hint = "watch or write other fields in one of them, or give it a cooldown"
    return _problem("RC602", f"these rules may trigger each other for ever: {way}", first, texts, hint)


def _problem(code: str, message: str, step: _Step, texts: Mapping[str, Rule], hint: str) -> Problem:
    rule = texts[step.rule.name]
    path = (*step.action.path, *step.action.plugins[:1])
    return rule.document.problem(code, message, path, key=True, hint=hint, severity=Severity.WARNING, rule=rule.name)
