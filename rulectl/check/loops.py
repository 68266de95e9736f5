"""Rules that write what they watch, and rules that trigger each other in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rulectl.check.writes import Write, writes_of
from rulectl.fields import FieldTree
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
    alike = _alike(plan)
    reached: dict[str, list[str]] = {}
    for step in steps:
        reached.setdefault(step.rule.name, []).extend(_next(step.write, alike))
    return problems + [_circle(circle, steps, texts) for circle in circles(reached)]


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


def _alike(plan: Plan) -> Mapping[Kind, list[list[RulePlan]]]:
    """The rules by watched kind, those together that the same writes trigger: many rules, few ways to look."""
    groups: dict[tuple[object, ...], list[RulePlan]] = {}
    for rule in plan.rules:
        key = (rule.select.kind, rule.events, rule.has_resolved, rule.form, repr(rule.judged_by))
        groups.setdefault(key, []).append(rule)
    by_kind: dict[Kind, list[list[RulePlan]]] = {}
    for rules in groups.values():
        by_kind.setdefault(rules[0].select.kind, []).append(rules)
    return by_kind


def _next(write: Write, alike: Mapping[Kind, list[list[RulePlan]]]) -> Iterator[str]:
    for rules in alike.get(write.kind, ()):
        if _triggers(write, rules[0]):
            yield from (rule.name for rule in rules)


def _triggers(write: Write, rule: RulePlan) -> bool:
    """Whether the write may make the rule owe a run, selectors not looked at."""
    if write.kind != rule.select.kind:
        return False
    match write.effect:
        case "deleted":
            return not write.own and ("deleted" in rule.events or rule.has_resolved)
        case "added":
            return "added" in rule.events
        case "modified":
            looks = rule.form == "condition" or "modified" in rule.events
            return looks and overlap(write.fields, rule.judged_by)


def overlap(left: FieldTree, right: FieldTree) -> bool:
    """Whether a change of something in one tree may be seen in the other; an empty tree sees nothing."""
    if _is_empty(left) or _is_empty(right):
        return False
    return _meet(left, right)


def _meet(left: FieldTree, right: FieldTree) -> bool:
    if left.whole or right.whole or _is_empty(left) or _is_empty(right):
        return True
    names = [*left.fields, *right.fields]
    for name in names:
        one, other = left.child(name), right.child(name)
        if one is not None and other is not None and _meet(one, other):
            return True
    if left.items is not None and right.items is not None:
        return _meet(left.items, right.items)
    return left.entries is not None and right.entries is not None


def _is_empty(tree: FieldTree) -> bool:
    return not (tree.whole or tree.fields or tree.items or tree.entries)


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
