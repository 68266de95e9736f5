"""The decision for one step of one object, from what it was to what it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rulectl.check.why.act import acts_of
from rulectl.check.why.change import Watching, watching
from rulectl.check.why.finding import Finding
from rulectl.check.why.place import Place
from rulectl.check.why.scope import Listed, Roots, Scope, typed
from rulectl.check.why.show import Show
from rulectl.check.why.term import Terms
from rulectl.check.why.verdict import Act, Outcome, Why
from rulectl.duration import format_duration
from rulectl.expression import EvaluationError, Expression
from rulectl.plan.describe import events_of
from rulectl.plan.model import ActionPlan, RulePlan
from rulectl.predicate.term import expressions
from rulectl.value import Value, mapping, text


def why(rule: RulePlan, old: Value, new: Value, *, now: float, listed: Listed) -> Why:
    """What the rule does about an object that was `old` and is `new`; null: it was, or is, not there.

    `old` is taken for the baseline: the state with which the rule last settled, without a run that failed or is
    under way. `now` is the wall time in seconds. `listed` gives the objects that lookups, targets and namespace
    selectors look at.
    """
    return _Case(rule, typed(old, rule.select.kind), typed(new, rule.select.kind), now, listed).judged()


@dataclass(frozen=True, slots=True)
class _Case:
    rule: RulePlan
    old: Value
    new: Value
    now: float
    listed: Listed

    def judged(self) -> Why:
        scope = tuple(Place(self.rule.select, self.listed, self._show).judge(self._shown))
        base = replace(self._why("nothing", ""), scope=scope, notes=tuple(self._notes()))
        for answer, outcome in (("no", "nothing"), ("unknown", "unknown")):
            found = next((one for one in scope if one.answer == answer), None)
            if found is not None:
                reason = f"it is not in the rule's scope, which asks: {found.text}" if answer == "no" else found.detail
                return replace(base, outcome=outcome, reason=reason)  # type: ignore[arg-type] # of the pairs above
        try:
            seen = watching(self.rule, self.old, self.new, self.now, self._show)
        except EvaluationError as fault:
            return replace(base, outcome="unknown", reason=f"a watched value has no value: {fault}")
        base = replace(base, changed=seen.findings)
        if self.new is None:
            return self._gone(base, seen)
        return self._condition(base) if self.rule.form == "condition" else self._changed(base, seen)

    # ------------------------------------------------------------- rules with `changed`, or with neither

    def _changed(self, base: Why, seen: Watching) -> Why:
        rule, event = self.rule, self._event
        scope, when = self._judge(self.new, seen.changes if seen.owed else [], event if seen.owed else "modified")
        base = replace(base, when=when)
        if not seen.owed:
            return self._not_owed(base, when)
        if event not in rule.events:
            return replace(base, reason=self._not_among_events(event))
        if when is not None and when.answer == "unknown":
            return replace(base, outcome="unknown", reason=_unknown(when))
        if when is not None and when.answer == "no":
            reason = f"a run is owed, and stays so until this holds: {_deciding(when).text}"
            return replace(base, outcome="waits", reason=reason)
        return self._fires(base, scope, seen.changes, event)

    def _not_owed(self, base: Why, when: Finding | None) -> Why:
        rule = self.rule
        if rule.has_resolved and when is not None and when.answer == "no" and self._held_before():
            reason = f"this holds no more: {_deciding(when).text}; if the rule had run, `resolved` runs"
            return self._resolves(base, reason)
        if rule.form == "presence":
            return replace(base, reason="the rule runs once for each object, when it comes; this one was there")
        if self.old is None:
            return replace(base, reason="none of the watched values is there yet")
        differ = [one for one in base.changed if "->" in one.detail]
        if differ:
            return replace(base, reason=f"what changed is no step that the rule asks for: {differ[0].detail}")
        return replace(base, reason="none of the watched values differs from the baseline")

    # ------------------------------------------------------------- rules with `when` alone

    def _condition(self, base: Why) -> Why:
        event = self._event
        scope, when = self._judge(self.new, [], event)
        base = replace(base, when=when)
        if when is None or when.answer == "unknown":
            return replace(base, outcome="unknown", reason=_unknown(when))
        held = self._held_before()
        if when.answer == "no":
            if held and self.rule.has_resolved:
                return self._resolves(base, f"this held and holds no more: {_deciding(when).text}")
            return replace(base, reason=f"this does not hold: {_deciding(when).text}")
        if held:
            return replace(
                base, reason="it held before, so the rule has fired already; it fires once, until it is false"
            )
        if event not in self.rule.events:
            return replace(base, reason=self._not_among_events(event))
        return self._fires(base, scope, [], event)

    # ------------------------------------------------------------- objects that are gone

    def _gone(self, base: Why, seen: Watching) -> Why:
        rule = self.rule
        scope, when = self._judge(self.old, seen.changes, "deleted")
        base = replace(base, when=when)
        if rule.has_resolved:
            if rule.form == "condition" and (when is None or when.answer != "yes"):
                return replace(base, reason="it did not hold, so there is nothing to resolve")
            return self._resolves(base, "the object is gone: if the rule had run for it, `resolved` runs")
        if "deleted" not in rule.events:
            return replace(base, reason=self._not_among_events("deleted"))
        if not seen.base:
            return replace(base, reason="none of the watched values was there")
        if when is not None and when.answer == "unknown":
            return replace(base, outcome="unknown", reason=_unknown(when))
        if when is not None and when.answer == "no":
            return replace(base, reason=f"this did not hold when it was last seen: {_deciding(when).text}")
        return self._fires(base, scope, seen.changes, "deleted")

    # ------------------------------------------------------------- what follows

    def _fires(self, base: Why, scope: Scope, changes: list[Value], event: str) -> Why:
        rule = self.rule
        clocks, wait = self._clocks(scope)
        if event == "deleted":
            clocks, wait = (
                ([f"debounce {format_duration(rule.debounce_seconds)}"] if rule.debounce_seconds else []),
                0.0,
            )
        outcome: Outcome = "waits" if wait > 0 else "fires"
        differ = "1 watched value differs" if len(changes) == 1 else f"{len(changes)} watched values differ"
        reasons = {
            "changed": f"{differ}, and all terms hold" if rule.when is not None else differ,
            "condition": "all terms hold, and did not before",
            "presence": "the object is gone" if event == "deleted" else "the object is new",
        }
        acting = scope | {"event": {**mapping(scope["event"]), "type": event}, "old": self.old}
        return replace(
            base,
            outcome=outcome,
            reason=reasons[rule.form],
            clocks=tuple(clocks),
            acts=self._acts(rule.actions, acting),
        )

    def _resolves(self, base: Why, reason: str) -> Why:
        wait = self.rule.resolved_for_seconds
        clocks = (f"when it has been so for {format_duration(wait)} (resolvedFor)",) if wait else ()
        scope = self._roots.scope(self._shown, self.old, "resolved", [])
        cause = "deleted" if self.new is None else "cleared"
        scope["event"] = {**mapping(scope["event"]), "cause": cause, "since": mapping(scope["event"])["time"]}
        acts = self._acts(self.rule.resolved, scope)
        return replace(base, event="resolved", outcome="resolves", reason=reason, clocks=clocks, acts=acts)

    def _acts(self, actions: tuple[ActionPlan, ...], scope: Scope) -> tuple[Act, ...]:
        return acts_of(self._roots, actions, scope, self._show)

    def _clocks(self, scope: Scope) -> tuple[list[str], float]:
        """What delays the run, in words, and how many seconds of `for` are left."""
        rule, told, left = self.rule, [], 0.0
        if rule.for_seconds:
            left = rule.for_seconds
            text_of_for = f"when it has been so for {format_duration(rule.for_seconds)} (for)"
            since = self._since(rule.since, scope) if rule.since is not None else None
            if since is not None:
                left = max(0.0, since + rule.for_seconds - self.now)
                moment = datetime.fromtimestamp(int(since), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
                rest = "which is over" if left == 0 else f"{format_duration(round(left))} from now"
                text_of_for += f", since {moment}: {rest}"
            told.append(text_of_for)
        if rule.debounce_seconds:
            per = "target" if rule.for_each is not None else "object"
            told.append(f"when it has been quiet for {format_duration(rule.debounce_seconds)} (debounce, per {per})")
        if rule.cooldown_seconds:
            told.append(f"not within {format_duration(rule.cooldown_seconds)} of the last success (cooldown)")
        return told, left

    def _since(self, since: Expression, scope: Scope) -> float | None:
        try:
            value = since.evaluate(scope, self.now)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return float(value)
            moment = datetime.fromisoformat(text(value))
        except (EvaluationError, ValueError):
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    # ------------------------------------------------------------- judging the terms

    def _judge(self, obj: Value, changes: list[Value], event: str) -> tuple[Scope, Finding | None]:
        """The scope in which the terms were judged, and what came of it; None: there are no terms."""
        rule = self.rule
        scope = self._roots.scope(obj, self.old, event, changes)
        used = [*(expressions(rule.when) if rule.when is not None else ()), *([rule.since] if rule.since else [])]
        try:
            self._roots.complete(scope, used)
        except EvaluationError as fault:
            if rule.when is None:
                return scope, None
            return scope, Finding("all of", "unknown", str(fault))
        if rule.when is None:
            return scope, None
        return scope, Terms(self._roots, scope, self._show).judge(rule.when)

    def _held_before(self) -> bool:
        if self.old is None:
            return False
        _, before = self._judge(self.old, [], "modified")
        return before is None or before.answer == "yes"

    # ------------------------------------------------------------- words

    @property
    def _event(self) -> str:
        if self.new is None:
            return "deleted"
        return "added" if self.old is None else "modified"

    @property
    def _shown(self) -> Value:
        return self.old if self.new is None else self.new

    @property
    def _show(self) -> Show:
        return Show(masked=self.rule.select.kind.kind == "Secret" or self.rule.reads_secrets)

    @property
    def _roots(self) -> Roots:
        return Roots(self.rule, self.now, self.listed)

    def _not_among_events(self, event: str) -> str:
        listed = ", ".join(events_of(self.rule))
        more = "; today's values become the baseline (--old FILE gives another)" if event == "added" else ""
        return f"{event} is not among the rule's events ({listed}){more}"

    def _notes(self) -> list[str]:
        notes = [] if self.rule.enabled else ["the rule is off: its enabledIf does not hold in this environment"]
        return notes + (["the rule is in audit mode: it reports and acts never"] if self.rule.mode == "audit" else [])

    def _why(self, outcome: Outcome, reason: str) -> Why:
        metadata = mapping(mapping(self._shown).get("metadata"))
        namespace, name = text(metadata.get("namespace")), text(metadata.get("name")) or "(no name)"
        kind = text(mapping(self._shown).get("kind"))
        subject = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
        return Why(self.rule.name, subject, self._event, outcome, reason)


def _deciding(when: Finding) -> Finding:
    """The innermost finding that made the answer no."""
    for part in when.parts:
        if part.answer == "no" and when.text in {"all of", "any of"}:
            return _deciding(part)
    return when


def _unknown(when: Finding | None) -> str:
    if when is None:
        return "the terms are not known"
    part = next((one for one in when.parts if one.answer == "unknown"), when)
    return f"{part.text}: {part.detail}" if part.detail and part is not when else part.detail or _unknown_below(part)


def _unknown_below(finding: Finding) -> str:
    for part in finding.parts:
        if part.answer == "unknown":
            return _unknown(part)
    return f"{finding.text} has no value"
