"""A rule, a pod as it is seen, and terms that hold or not: what decisions are made of."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from rulectl.controller.outcome import attempt_failed, failed_for_good, succeeded
from rulectl.controller.sight import Begin, Context, Decision, Judge, Judgement, Present
from rulectl.plan.compiler import compile_text
from rulectl.plan.model import RulePlan
from rulectl.predicate.watched import PRESENCE, values_of
from rulectl.resource import ObjectKey
from rulectl.state.record import Record
from rulectl.value import Value
from tests.scenarios.objects import pod, rule

NOW = 1_700_000_000.0
BW = 'metadata.annotations."bw"'
ON_BW = {"annotations": ["bw"]}
RUNNING = ["object.status.phase == 'Running'"]
BOTH = ["added", "modified"]
KEY = ObjectKey("default", "a")


def compiled(**spec: Any) -> RulePlan:
    """A rule for pods, named r."""
    found = compile_text(rule(**spec))
    assert not found.has_errors, found.problems
    return found.plan.rules[0]


def seen(
    plan: RulePlan, bw: str | None = None, origin: Any = "added", version: str = "1", **pod_fields: Any
) -> Present:
    """The pod a as the rule sees it."""
    whole: Value = pod(bw=bw, uid="u", **pod_fields)
    values = values_of(plan.watched, whole, NOW) if plan.form == "changed" else {}
    if plan.form == "presence":
        values = {PRESENCE: True}
    return Present("u", KEY, version, plan.recorded.prune(whole), values, origin)


def judging(holds: bool | None = True, **more: Any) -> Judge:
    """Terms whose answer is `holds`, whatever they are asked about."""
    return lambda _context: Judgement(holds, **more)


def unasked(context: Context) -> Judgement:
    """Terms that nobody may ask."""
    raise AssertionError(f"the terms were judged for {context}")


def begun(decision: Decision) -> Record:
    """The record of a run that begins."""
    assert isinstance(decision.verdict, Begin), decision
    assert decision.record is not None
    return decision.record


def kept(decision: Decision) -> Record:
    """The record that a decision leaves."""
    assert decision.record is not None, decision
    return decision.record


def success(plan: RulePlan, record: Record, now: float = NOW) -> Record:
    """The record after its run ended well."""
    after = succeeded(plan, record, now)
    assert after is not None
    return after


def half_done(record: Record) -> Record:
    """The record after one try of its run that did not work."""
    return attempt_failed(record, "it did not work")


def failed(plan: RulePlan, record: Record, now: float = NOW) -> Record:
    """The record after its run failed for good."""
    return failed_for_good(plan, record, "422", now)


def settled(plan: RulePlan, bw: str | None = "A", **changes: Any) -> Record:
    """A record whose baseline is a pod with this value."""
    at = seen(plan, bw)
    record = Record(
        "r", "u", "id", "default", "a", base=at.values, old=at.object, settled=True, when_held=True, number=1
    )
    return replace(record, **{"true_since": NOW - 100, "last_end": NOW - 100, **changes})
