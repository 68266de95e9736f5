"""The environment of a rule: what it may read, and whether it is enabled by it."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.expression import EvaluationError, Expression
from rulectl.plan.fault import Faults
from rulectl.plan.roots import Place
from rulectl.plan.source import Sources
from rulectl.predicate.term import truth
from rulectl.rule.model import Rule


def environment_of(rule: Rule, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that the rule names, as they are in `environ`, else their defaults.

    A variable that is set nowhere and has no default is left out; expressions see null.
    """
    found = {name: environ.get(name, default) for name, default in rule.env}
    return {name: value for name, value in found.items() if value is not None}


def is_enabled(
    rule: Rule, sources: Sources, environ: Mapping[str, str], now: float, faults: Faults
) -> tuple[bool, Expression | None]:
    """Whether `enabledIf` holds (true without one), and the expression.

    It sees all of `environ`, and the rule's defaults for what is not set there. What cannot be
    evaluated is a problem, and the rule is off.
    """
    condition = sources.expression(rule.enabled_if, Place.ENABLED_IF)
    if rule.enabled_if is None or condition is None:
        return rule.enabled_if is None, None
    env = {name: default for name, default in rule.env if default is not None} | dict(environ)
    try:
        return truth(condition.evaluate({"env": env}, now)), condition
    except EvaluationError as error:
        message = f"enabledIf cannot be evaluated: {error}"
        faults.add("RC408", message, rule.enabled_if.path, hint="give the variable a default in spec.env")
        return False, condition
