"""The values that a `changed` rule watches: which of them differ, and whether by a step that counts."""

from __future__ import annotations

from dataclasses import dataclass

from rulectl.check.why.finding import Finding
from rulectl.check.why.show import Show
from rulectl.plan.model import RulePlan
from rulectl.predicate.watched import (
    PRESENCE,
    Field,
    Values,
    Watched,
    differences,
    path_of,
    step_matches,
    steps,
    values_of,
    watches,
)
from rulectl.value import Value


@dataclass(frozen=True, slots=True)
class Watching:
    """`owed` are the names of the values that make the rule owe a run; `base` is the baseline."""

    base: Values
    values: Values
    owed: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def changes(self) -> list[Value]:
        """The root `changes`."""
        names = [name for name in differences(self.base, self.values) if name != PRESENCE]
        return [{"path": name, "old": self.base.get(name), "new": self.values.get(name)} for name in names]


def watched_values(rule: RulePlan, obj: Value, now: float) -> Values:
    """What the rule watches in an object; nothing where there is no object, or the rule watches nothing.

    Raises:
        EvaluationError: the values are not known.
    """
    if obj is None or rule.form == "condition":
        return {}
    return {PRESENCE: True} if rule.form == "presence" else values_of(rule.watched, obj, now)


def watching(rule: RulePlan, old: Value, new: Value, now: float, show: Show) -> Watching:
    """The watched values of both states, and what of them makes the rule owe a run.

    Raises:
        EvaluationError: the values are not known.
    """
    base, values = watched_values(rule, old, now), watched_values(rule, new, now)
    limits = steps(rule.watched)
    differing = differences(base, values)
    owed = [name for name in differing if step_matches(limits.get(name, ()), base.get(name), values.get(name))]
    findings = [finding for item in rule.watched for finding in _of(item, base, values, set(owed), show)]
    return Watching(base, values, tuple(owed), tuple(findings))


def _of(item: Watched, base: Values, values: Values, owed: set[str], show: Show) -> list[Finding]:
    names = [name for name in dict.fromkeys([*values, *base]) if watches(item, name)] or [path_of(item)]
    return [_one(item, name, base, values, name in owed, show) for name in names]


def _one(item: Watched, name: str, base: Values, values: Values, is_owed: bool, show: Show) -> Finding:
    before, after = base.get(name), values.get(name)
    text = f"{name} changed"
    if is_owed:
        return Finding(text, "yes", f"{show(before)} -> {show(after)}")
    if name not in differences(base, values):
        return Finding(text, "no", f"it is {show(after)}" if before is not None else "it is not there")
    return Finding(text, "no", f"{show(before)} -> {show(after)} is not {_step(item, show)}")


def _step(item: Watched, show: Show) -> str:
    if not isinstance(item, Field):
        return "a step of the rule"
    start = "" if item.old is None else f"from {' or '.join(map(show, item.old))}"
    end = "" if item.new is None else f"to {' or '.join(map(show, item.new))}"
    return " ".join(part for part in (start, end) if part)
