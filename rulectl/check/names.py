"""Rules and names that get in each other's way: rules that say the same, names that mean two things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rulectl.plan.model import Plan, RulePlan
from rulectl.plan.roots import ALL_ROOTS
from rulectl.problem import Problem, Severity
from rulectl.rule.model import Rule


def name_problems(plan: Plan, written: Iterable[Rule]) -> list[Problem]:
    """Warnings about rules that say the same, and about names that are shadowed or shadow a root."""
    rules = list(written)
    return [*_twins(plan, {rule.name: rule for rule in rules}), *(one for rule in rules for one in _shadows(rule))]


def _twins(plan: Plan, written: Mapping[str, Rule]) -> Iterator[Problem]:
    first: dict[str, RulePlan] = {}
    for rule in plan.rules:
        twin = first.setdefault(rule.digest, rule)
        if twin is not rule:
            message = f"the rule says the same as {twin.name!r} at {twin.place}: its actions run twice"
            yield written[rule.name].document.problem(
                "RC604",
                message,
                ("metadata", "name"),
                hint="remove one of the two",
                severity=Severity.WARNING,
                rule=rule.name,
            )


def _shadows(rule: Rule) -> Iterator[Problem]:
    lookups = {lookup.name for lookup in rule.lookups}
    for section, names in (("lookup", [one.name for one in rule.lookups]), ("let", [name for name, _ in rule.lets])):
        for name in names:
            if name in ALL_ROOTS:
                message = f"{section}.{name} is called like the root {name}, and is another value"
            elif section == "let" and name in lookups:
                message = f"let.{name} is called like lookup.{name}, and is another value"
            else:
                continue
            yield rule.document.problem(
                "RC605",
                message,
                ("spec", section, name),
                key=True,
                hint="give it a name of its own",
                severity=Severity.WARNING,
                rule=rule.name,
            )
