"""Expressions against the schemas of the objects they read: misspelt fields, comparisons that never hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rulectl.check.absence import Terms, guards
from rulectl.check.types.calls import Calls
from rulectl.check.types.comparison import may_equal, never
from rulectl.check.types.finding import Finding, Findings
from rulectl.check.types.scope import Schemas, scope_key, scope_of
from rulectl.check.types.type import Type, constant, words
from rulectl.check.types.walk import Walk
from rulectl.expression.kind import Kind
from rulectl.expression.syntax import Literal
from rulectl.plan.located import Located
from rulectl.plan.roots import Place
from rulectl.problem import Problem, Severity
from rulectl.value import Value

_TESTED = frozenset({Place.WHEN, Place.ACTION_IF, Place.LOOKUP_WHERE, Place.FOR_EACH_WHERE, Place.ENABLED_IF})


def type_problems(expressions: Iterable[Located], schemas: Schemas) -> list[Problem]:
    """Everything in `expressions` that contradicts the schemas, each at its place.

    The expressions of a rule must come in the order in which they were compiled: lets before what
    uses them. Fields that may be absent are only told of where a function fails without them.
    """
    judge = _Judge(schemas)
    return [problem for located in expressions for problem in judge.problems(located)]


@dataclass(slots=True)
class _Judge:
    schemas: Schemas
    lets: dict[int, dict[str, Type]] = field(default_factory=dict)
    terms: Terms = field(default_factory=Terms)
    seen: dict[tuple[object, ...], tuple[Type, tuple[Finding, ...]]] = field(default_factory=dict)
    """What was found in an expression: many rules of a set say the same about the same kinds."""

    def problems(self, located: Located) -> Iterator[Problem]:
        known = self.lets.setdefault(id(located.rule), {})
        found, findings = self._judged(located, known)
        if located.place is Place.LET:
            known[str(located.path[-1])] = found
        for one in findings:
            yield located.problem(one.code, one.message, (one.start, one.end), hint=one.hint, severity=one.severity)
        if located.place is None:
            yield from _steps(located, found)

    def _judged(self, located: Located, lets: dict[str, Type]) -> tuple[Type, tuple[Finding, ...]]:
        given = guards(located, self.terms.before(located))
        scope = scope_key(located)
        key = None if scope is None else (located.expression.text, located.place, scope, given)
        known = self.seen.get(key) if key is not None else None
        if known is None:
            known = _looked_at(located, scope_of(located, self.schemas, lets), given)
            if key is not None:
                self.seen[key] = known
        return known


def _looked_at(located: Located, scope: Type, given: frozenset[str]) -> tuple[Type, tuple[Finding, ...]]:
    expression, place = located.expression, located.place
    findings = Findings(expression.text)
    walk = Walk(findings, Calls(expression.functions, given))
    is_switch = place is Place.ENABLED_IF and isinstance(expression.syntax, Literal)
    if place in _TESTED and not is_switch:
        found = walk.tested(expression.syntax, scope)
    else:
        found = walk.type(expression.syntax, scope)
    if place is Place.SINCE and not findings.found and not found.may_be(Kind.STRING | Kind.NUMBER):
        name = findings.written(expression.syntax)
        message = f"since takes a time, and {name} is {words(found)}"
        findings.tell("RC422", message, expression.syntax, "name a time such as status.startTime")
    return found, tuple(findings.found)


def _steps(located: Located, watched: Type) -> Iterator[Problem]:
    """What is wrong with `from` and `to` of a step: values that the watched field never has."""
    path, rule = located.path[:-1], located.rule
    step = (
        next((one for one in rule.changed.fields if one.expression.path == located.path), None)
        if (rule.changed is not None)
        else None
    )
    if step is None:
        return
    for key, allowed in (("from", step.old), ("to", step.new)):
        for index, value in enumerate(allowed or ()):
            if watched.kinds and not may_equal(watched, constant(value)):
                code, message, hint = never(watched, value, watched.name or located.expression.text)
                yield rule.document.problem(
                    code, message, (*path, key, index), hint=_as_yaml(value, hint), severity=Severity.ERROR,
                    rule=rule.name,
                )  # fmt: skip


def _as_yaml(value: Value, hint: str) -> str:
    """A hint for a value that stands in YAML, where numbers and texts are written otherwise than in expressions."""
    if not hint.startswith(("a number is written", "the value is written", "a text is written")):
        return hint
    return f"write {value}, without quotes" if isinstance(value, str) else f'write "{str(value).lower()}"'
