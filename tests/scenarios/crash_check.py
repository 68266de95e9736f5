"""Whether a schedule kept the promises: nothing lost, nothing without a difference, no key for two things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from rulectl.controller.execution import idempotency_key
from rulectl.state.record import Record
from rulectl.testing.web import Call
from rulectl.value import Value, mapping
from tests.scenarios.crash_journal import Begun
from tests.scenarios.crash_rules import TIER, VALUE, WATCHED
from tests.scenarios.crash_world import ANCHOR, DEPLOYMENTS, MAPS, PodTruth, Told, World
from tests.scenarios.objects import CONFIGMAP

_ACTIONS = {"two": ("first", "second"), "in-force": ("push", "clear"), "alarm": ("push", "clear")}


def faults_of(world: World) -> list[str]:
    """Everything that is wrong, after `World.heal`; and what restarts without a change set off."""
    checks = {"present": _present, "alarm": _alarms, "each": _fanned_out}
    found = [*world.errors(), *_lost(world), *_unsettled(world), *_resolves(world), *_runs(world), *_keys(world)]
    found += [one for rule, check in checks.items() if rule in world.names for one in check(world)]
    calls = world.quiet_restarts()
    if calls:
        found.append(f"restarts without a change caused {calls} requests")
    return found


def count(world: World) -> None:
    """Adds up what came of the schedule."""
    keys = [call.key for call in world.bench.calls]
    world.counted.calls = len(keys)
    world.counted.repeats = len(keys) - len(set(keys))
    world.counted.runs = sum(map(len, world.journal.runs.values()))


# ------------------------------------------------------------- no change lost


def _lost(world: World) -> Iterator[str]:
    for rule, path in ((rule, path) for rule, path in WATCHED.items() if rule in world.names):
        for uid, truth in world.pods.items():
            for action in ("first", "second") if rule == "two" else ("push",):
                told = [
                    one
                    for one in world.effects
                    if (one.rule, one.uid) == (rule, uid) and one.action in {action, "clear"}
                ]
                if _is_lost(rule, path, truth, told) and not _failed_for_good(world, rule, uid):
                    last = told[-1] if told else None
                    wanted = (truth.tiers if path == TIER else truth.values)[-1]
                    yield f"lost: {rule}/{action} of {truth.name} ({uid}), alive {truth.alive}: {wanted!r}, told {last}"


def _is_lost(rule: str, path: str, truth: PodTruth, told: list[Told]) -> bool:
    values = truth.tiers if path == TIER else truth.values
    last = told[-1] if told else None
    known = None if last is None or last.what == "clear" else last.now
    if rule == "in-force":
        holds = truth.alive and truth.phases[-1] == "Running"
        return known != values[-1] if holds else last is not None and last.what != "clear"
    if not truth.alive:
        always_ran = set(truth.phases) == {"Running"}
        return (
            rule in {"push", "gated"}
            and (rule == "push" or always_ran)
            and last is not None
            and last.now is not None
            and last.event != "deleted"
        )
    if rule == "gated" and truth.phases[-1] != "Running":
        return False
    if rule == "only-modified" and last is None:
        return False  # what it was when it was first seen is not told
    return known != values[-1]


def _present(world: World) -> Iterator[str]:
    for uid, truth in world.pods.items():
        told = [one for one in world.effects if (one.rule, one.uid) == ("present", uid)]
        for event in ("added", "deleted"):
            keys = {one.key for one in told if one.event == event}
            if len(keys) > 1 + world.edits:  # what has begun starts over when its rule is edited
                yield f"twice: present, {event} of {truth.name} ({uid})"
        wanted = "added" if truth.alive else "deleted"
        if (
            (truth.alive or told)
            and wanted not in {one.event for one in told}
            and not _failed_for_good(world, "present", uid)
        ):
            yield f"lost: present, {wanted} of {truth.name} ({uid})"


def _alarms(world: World) -> Iterator[str]:
    for uid, truth in world.pods.items():
        told = [one for one in world.effects if (one.rule, one.uid) == ("alarm", uid)]
        fired = bool(told) and told[-1].what == "fire"
        if fired != (truth.alive and truth.alarm) and not _failed_for_good(world, "alarm", uid):
            yield f"lost: alarm of {truth.name} ({uid}) is {truth.alarm}, alive {truth.alive}, told {told[-1:]}"


def _resolves(world: World) -> Iterator[str]:
    for rule in ("alarm", "in-force"):
        for (name, _), runs in world.journal.runs.items():
            stages = ["resolve" if one.run.stage == "resolve" else "fire" for one in runs]
            # What failed for good is tried again when its rule is edited.
            twice = any(a.run.stage == b.run.stage == "resolve" and a.end != "failed" for a, b in pairwise(runs))
            if name == rule and ((twice and not world.edits) or stages[:1] == ["resolve"]):
                yield f"{rule} resolved what had not begun: {stages}"
            if name == rule == "alarm" and _fires_in_a_row(runs):
                yield f"alarm fired twice without a resolve between: {stages}"


def _fires_in_a_row(runs: list[Begun]) -> bool:
    return any({a.run.stage, b.run.stage} == {"fire"} and a.end == "ok" for a, b in pairwise(runs))


def _fanned_out(world: World) -> Iterator[str]:
    told: dict[tuple[str, str], Any] = {}
    for one in world.effects:
        if one.rule == "each":
            told.update({(one.uid, uid): value for uid, value in one.now or ()})
    for name in (*MAPS, ANCHOR):
        found = world.bench.cluster.get(CONFIGMAP, name, "default")
        assert found is not None, "ConfigMaps are never deleted"
        uid, value = mapping(found["metadata"])["uid"], mapping(found["data"])["v"]
        for target in DEPLOYMENTS:
            known = told.get((target, str(uid)))
            if known != value and not _failed_for_good(world, "each", str(uid)):
                yield f"lost: each told {target} {known!r} of {name}, which is {value!r}"


def _kept_failures(world: World, rule: str, uid: str) -> set[int]:
    """The runs that the state has as failed: a write that took effect may have ended the process all the same."""
    records = world.bench.store.load().records
    return {one.failed.number for one in records if (one.rule, one.uid) == (rule, uid) and one.failed is not None}


def _failed_for_good(world: World, rule: str, uid: str) -> bool:
    """Whether the newest run is one for the state at rest, or for its end, that was reported as failed for good."""
    if rule == "each":  # it is told of the targets
        failed = [one for one in world.bench.store.load().records if one.rule == rule and one.uid == uid and one.failed]
        return bool(failed) and any(one.rule == rule for one in world.ended("failed"))
    runs = [one for (name, _), some in world.journal.runs.items() if name == rule for one in some if one.uid == uid]
    if not runs or (runs[-1].end != "failed" and runs[-1].run.number not in _kept_failures(world, rule, uid)):
        return False
    run, truth = runs[-1].run, world.pods[uid]
    path = WATCHED.get(rule)
    at_rest = None if path is None else (truth.tiers if path == TIER else truth.values)[-1]
    if run.stage == "fire" and path is not None and run.values.get(path) != at_rest:
        return False
    return any((one.rule, one.number) == (rule, run.number) for one in world.ended("failed"))


def _unsettled(world: World) -> Iterator[str]:
    """At rest every record has settled with the values of today."""
    for record in world.bench.store.load().records:
        truth = world.pods.get(record.uid)
        waits = record.rule == "gated" and truth is not None and truth.phases[-1] != "Running"
        if record.run is not None and not waits:
            yield f"a run has not ended: {record}"
        path = WATCHED.get(record.rule)
        if path is None or truth is None or record.failed is not None or not _may_settle(record, truth):
            continue
        value = (truth.tiers if path == TIER else truth.values)[-1]
        if record.base.get(path) != value or record.owed is not None:
            yield f"not settled: {record.rule} of {truth.name} has {record.base}, the pod {value!r}, owed {record.owed}"


def _may_settle(record: Record, truth: PodTruth) -> bool:
    return truth.alive and (record.rule not in {"gated", "in-force"} or truth.phases[-1] == "Running")


# ------------------------------------------------------------- nothing without a difference


def _runs(world: World) -> Iterator[str]:
    for (rule, _), runs in world.journal.runs.items():
        path = WATCHED.get(rule, VALUE if rule == "each" else "")
        if path:
            yield from _differences(rule, path, runs, first_is_free=rule == "only-modified")


def _differences(rule: str, path: str, runs: list[Begun], *, first_is_free: bool) -> Iterator[str]:
    """`old` is what the last success left, or what was tried since; a run for a change goes somewhere else."""
    since: list[Value] = [None]
    is_free = first_is_free
    for begun in runs:
        run = begun.run
        old, now = _value(path, run.old), run.values.get(path)
        if run.stage == "fire" and old == now:
            yield f"fired without a difference: {rule}, run {run.number} at {now!r} ({begun.uid})"
        if run.stage in {"fire", "delete"} and not is_free and old not in since:
            yield f"{rule}, run {run.number}: old is {old!r}, and not one of {since}"
        if run.stage == "delete" and not any(value is not None for value in since):
            yield f"deleted without a baseline: {rule}, run {run.number}"
        if begun.end == "ok" or (begun.end == "failed" and run.stage == "resolve"):
            since, is_free = ([None] if run.stage == "resolve" else [now]), False
        elif run.stage == "fire":
            since.append(now)


def _value(path: str, obj: Value) -> Value:
    section, _, key = path.removeprefix("metadata.").partition(".")
    holder = obj if path == VALUE else mapping(obj).get("metadata")
    return mapping(mapping(holder).get(section)).get(key.strip('"'))


# ------------------------------------------------------------- a key is for one thing


def _keys(world: World) -> Iterator[str]:
    of_key = dict(_attributed(world))
    last_of_run: dict[int, str] = {}
    first: dict[str, tuple[Any, ...]] = {}
    for call in world.bench.calls:
        body = mapping(call.body)
        # Only what a rule watches is the same in every try of a run; and a try of a resolve shows the object of today.
        named = ("what", "uid", "event", "old", "now")[: 5 if _shows_watched(call) else 3]
        said = (call.url, *(body.get(name) for name in named))
        if first.setdefault(call.key, said) != said:
            yield f"a key for two things: {first[call.key]}, {said}"
        if "/each/" in call.url:
            continue
        begun = of_key.get(call.key)
        if begun is None:
            yield f"a request without an intent: {said}"
        elif last_of_run.get(id(begun)) == "second" and call.url.endswith("/first"):
            yield f"an action that was done is run again after a later one: {said}"
        elif _says_something_else(call, begun):
            yield f"a request is not what its intent says: {said}, {begun.run}"
        last_of_run[id(begun)] = call.url.rpartition("/")[2]


def _says_something_else(call: Call, begun: Begun) -> bool:
    path, body = WATCHED.get(call.url.split("/")[3]), mapping(call.body)
    if path is None or begun.run.stage != "fire":
        return False
    return body.get("old") != _value(path, begun.run.old) or body.get("now") != begun.run.values.get(path)


def _shows_watched(call: Call) -> bool:
    return call.url.split("/")[3] in WATCHED and not call.url.endswith("/clear")


def _attributed(world: World) -> Iterable[tuple[str, Begun]]:
    for (rule, record), runs in world.journal.runs.items():
        for begun in runs:
            for action in _ACTIONS.get(rule, ("push",)):
                yield idempotency_key(record, begun.run.number, begun.uid, action), begun
