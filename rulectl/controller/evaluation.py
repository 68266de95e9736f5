"""Evaluating a rule's expressions for one object: the roots they see, watched values, the judgement."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from rulectl.controller.faults import explained
from rulectl.controller.lookup import Lookups
from rulectl.controller.sight import Context, Judge, Judgement
from rulectl.expression import EvaluationError, Expression
from rulectl.plan.model import RulePlan
from rulectl.predicate import term
from rulectl.predicate.term import expressions
from rulectl.predicate.watched import PRESENCE, Reader, reader_of
from rulectl.state.record import Change, Run, Values
from rulectl.value import Value, mapping, text

Scope = dict[str, Value]
COARSE_SECONDS = 60.0
"""How soon to judge again what is unknown for now, or depends on the time in no way that is understood."""
OnFault = Callable[[str], None]
"""Told why something could not be evaluated."""


@dataclass(slots=True)
class Evaluator:
    """All evaluation of one rule. It has no state: any thread may use it.

    Lookups read caches, so two calls may give different answers.
    """

    rule: RulePlan
    lookups: Lookups
    # What is the same for every object is found out once:
    _read: Reader = field(init=False, repr=False)
    _env: Mapping[str, Value] = field(init=False, repr=False)
    _about: Mapping[str, Value] = field(init=False, repr=False)
    _judged_by: tuple[Expression, ...] = field(init=False, repr=False)
    """`when` and `since`, then the lets that they need."""
    _judged_lets: frozenset[str] = field(init=False, repr=False)
    _judged_lookups: frozenset[str] = field(init=False, repr=False)
    _timed: tuple[Expression, ...] = field(init=False, repr=False)
    """What of `when`, and of the lets that it needs, may change through time alone."""
    _tells_time: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rule = self.rule
        terms = list(expressions(rule.when)) if rule.when else []
        used = [*terms, *([rule.since] if rule.since else [])]
        self._read = reader_of(rule.watched)
        self._env = dict(rule.env)
        self._about = {"name": rule.name, "description": rule.description}
        self._judged_by = tuple(self._closure(used))
        self._judged_lets = frozenset(_names([*self._judged_by], "let"))
        self._judged_lookups = frozenset(_names([*self._judged_by], "lookup"))
        self._timed = tuple(one for one in self._closure(terms) if one.uses_time)
        self._tells_time = bool(rule.lookups) or any("event" in one.roots for one in self._judged_by)

    def values(self, obj: Value, now: float) -> Values:
        """The watched values in `obj`; a rule that watches none has the one that it is there.

        Raises:
            EvaluationError: they are not known now.
        """
        if self.rule.form == "changed":
            return self._read(obj, now)
        return {PRESENCE: True} if self.rule.form == "presence" else {}

    def judge(self, obj: Value, now: float, on_fault: OnFault) -> Judge:
        """A function that judges `when` for `obj`; what cannot be evaluated is unknown, and told to `on_fault`."""

        def judged(context: Context) -> Judgement:
            rule = self.rule
            if rule.when is None and rule.since is None:
                return Judgement(holds=True)
            try:
                event = event_root(context.event, now) if self._tells_time else None  # then nothing asks for it
                scope = self.scope(obj, context.old, event, context.changes)
                self._add_lookups(scope, self._judged_lookups, now)
                self._add_lets(scope, self._judged_lets, now)
                answer = True if rule.when is None else term.holds(rule.when, scope, now)
                since = _instant(rule.since.evaluate(scope, now)) if rule.since and answer else None
                again = self._next_change(scope, now)
            except EvaluationError as fault:
                on_fault(explained(fault))
                polls = any(one.uses_time for one in self._judged_by) or self.lookups.unknown(rule) is not None
                return Judgement(holds=None, next_change=now + COARSE_SECONDS if polls else None)
            return Judgement(holds=answer, since=since, next_change=again)

        return judged

    def holds(self, obj: Value, now: float) -> bool:
        """Whether `when` holds for `obj`, for terms that are about nothing else.

        Raises:
            EvaluationError: that is not known.
        """
        scope = {"object": obj, "env": self._env, "rule": self._about}
        self._add_lets(scope, self._judged_lets, now)
        return self.rule.when is None or term.holds(self.rule.when, scope, now)

    def scope(self, obj: Value, old: Value, event: Value, changes: Iterable[Change]) -> Scope:
        """The roots that need no evaluation of their own."""
        return {
            "object": obj,
            "old": old,
            "event": event,
            "changes": [{"path": c.path, "old": c.old, "new": c.new} for c in changes],
            "env": self._env,
            "rule": self._about,
        }

    def run_scope(self, run: Run, obj: Value, target: Value, sources: list[Value] | None, now: float) -> Scope:
        """The roots that the actions of `run` see; every lookup and `let` is evaluated.

        Raises:
            EvaluationError: one of them cannot be.
        """
        scope = self.scope(obj, run.old, run_event(run), run.changes)
        if sources is not None:
            scope |= {"target": target, "sources": sources}
        scope["results"] = {}
        self._add_lookups(scope, None, now)
        self._add_lets(scope, None, now)
        return scope

    def _add_lookups(self, scope: Scope, wanted: frozenset[str] | None, now: float) -> None:
        if not self.rule.lookups:
            return
        found: dict[str, Value] = {}
        scope["lookup"] = found
        for lookup in self.rule.lookups:
            if wanted is None or lookup.name in wanted or "*" in wanted:
                found[lookup.name] = self.lookups.find(self.rule.name, lookup, scope, now)

    def _add_lets(self, scope: Scope, wanted: frozenset[str] | None, now: float) -> None:
        if not self.rule.lets:
            return
        bound: dict[str, Value] = {}
        scope["let"] = bound
        for name, expression in self.rule.lets:
            if wanted is None or name in wanted or "*" in wanted:
                bound[name] = expression.evaluate(scope, now)

    def _closure(self, used: list[Expression]) -> list[Expression]:
        """`used`, with the lets that they need, and those that these need (a let sees only earlier ones)."""
        reached = list(used)
        for name, expression in reversed(self.rule.lets):
            if {name, "*"} & _names(reached, "let"):
                reached.append(expression)
        return reached

    def _next_change(self, scope: Scope, now: float) -> float | None:
        """When time alone may change what the terms say, by themselves or through lets and lookups."""
        if self.rule.when is None:
            return None
        times = [one.next_change(scope, now) for one in self._timed]
        if any(lookup.where is not None and lookup.where.uses_time for lookup in self.rule.lookups):
            times.append(now + COARSE_SECONDS)
        return min((time for time in times if time is not None), default=None)


def event_root(kind: str, now: float) -> Value:
    """The root `event` while terms are judged."""
    return {"type": kind, "time": rfc3339(now)}


def run_event(run: Run) -> Value:
    """The root `event` of a run: the same for every try of it."""
    event: dict[str, Value] = {"type": run.event, "time": rfc3339(run.begun), "finalState": None}
    if run.stage in {"delete", "resolve"}:
        event["finalState"] = run.final_state
    if run.stage == "resolve":
        event |= {"cause": run.cause, "since": rfc3339(run.since)}
    return event


def rfc3339(seconds: float) -> str:
    """A wall-clock time as Kubernetes writes it, to the second."""
    return _rfc3339(int(seconds))


@functools.lru_cache(maxsize=256)
def _rfc3339(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def plain(value: object) -> Value:
    """Records' parts as plain JSON values."""
    built: Value = msgspec.to_builtins(value)
    return built


def _names(used: list[Expression], root: str) -> set[str]:
    """The members of `root` that the expressions read; ``*``: any of them."""
    names: set[str] = set()
    for expression in used:
        tree = expression.reads.get(root)
        if tree is not None:
            names |= set(tree.fields) or {"*"}
    return names


def _instant(value: Value) -> float | None:
    """`since` as wall-clock seconds; null when the object does not know."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    try:
        moment = datetime.datetime.fromisoformat(text(value))
    except ValueError:
        msg = f"since: {value!r} is not a time; give an RFC 3339 time such as status.startTime, or null"
        raise EvaluationError(msg) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp()


def metadata_of(obj: Value) -> Mapping[str, Value]:
    """The object's metadata, empty where there is none."""
    return mapping(mapping(obj).get("metadata"))
