"""A cluster, a controller that crashes, and a receiver that keeps what it was told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rulectl.controller.report import Notice, RunEnded
from rulectl.errors import RulectlError, Unreachable
from rulectl.sandbox.fault import Fault
from rulectl.testing.bench import Bench
from rulectl.testing.stores import CrashingStore
from rulectl.testing.transport import Crashed
from rulectl.testing.web import Call, CutOff, Refusal, Script
from rulectl.value import mapping, text
from tests.scenarios.crash_journal import Journal, JournalStore
from tests.scenarios.crash_rules import RULES, plan
from tests.scenarios.crash_stores import Place
from tests.scenarios.objects import CONFIGMAP, POD, configmap, deployment, pod

NAMES = ("a", "b", "c")
MAPS = ("m", "n")
DEPLOYMENTS = ("web", "api")
ANCHOR = "anchor"
"""A pod and a ConfigMap that are never deleted: the guard holds what an empty list would start."""

ANSWERS: dict[str, Script] = {
    "503": Refusal(503),
    "503 but done": 503,
    "reset": Unreachable("reset"),
    "reset but done": CutOff(),
    "422": Refusal(422),
    "422 but done": 422,
}
FAULTS: dict[str, Fault] = {
    "reset": Fault(path="/api/v1/(pods|configmaps)", watch=True, reset_after=1, times=2),
    "reset in a line": Fault(path="/api/v1/(pods|configmaps)", watch=True, reset_after=0, mid_line=True, times=2),
    "end": Fault(path="/api/v1/(pods|configmaps)", watch=True, end_after=1, times=3),
    "gone": Fault(path="/api/v1/(pods|configmaps)", watch=True, gone=0, times=2),
    "503": Fault(path="/api/v1/(pods|configmaps)", status=503, times=3),
    "403": Fault(path="/api/v1/pods", status=403, times=4),
    "refused": Fault(path="/apis?(/apps)?(/v1)?(/pods|/configmaps|/deployments)?", refuse=True, times=3),
}


class Op(NamedTuple):
    """One operation: a method of `World`, with its arguments."""

    name: str
    args: tuple[Any, ...] = ()

    def __repr__(self) -> str:
        return f"Op({self.name!r}, {self.args!r})"


class Told(NamedTuple):
    """One request that took effect."""

    rule: str
    action: str
    uid: str
    what: str
    event: str
    old: Any
    now: Any
    key: str


@dataclass(slots=True)
class PodTruth:
    """What became of one pod, as the cluster knows it."""

    name: str
    values: list[str | None] = field(default_factory=list)
    tiers: list[str | None] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    alarm: bool = False
    alive: bool = True


@dataclass(slots=True)
class Counted:
    """What a schedule, or many, came to."""

    schedules: int = 0
    steps: int = 0
    crashes: int = 0
    calls: int = 0
    runs: int = 0
    repeats: int = 0

    def add(self, other: Counted) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class World:
    """Every public method without an underscore that returns nothing is an operation of schedules."""

    def __init__(self, place: Place, names: tuple[str, ...] = RULES) -> None:
        """`names`: which of the rules are loaded."""
        self.place = place
        self.names = names
        self.bench = Bench(plan(names), start=False)
        self.journal = Journal()
        self.pods: dict[str, PodTruth] = {}
        self.effects: list[Told] = []
        self.counted = Counted(schedules=1)
        self.bench.web.on_call = self._receive
        self._meddling: dict[str, Op] = {}
        self.edits = 0
        self._put_pod(pod(ANCHOR, bw="anchor", labels={"tier": "anchor"}))
        for name in (*MAPS, ANCHOR):
            self.bench.cluster.apply(configmap(name, v="0"))
        for name in DEPLOYMENTS:
            self.bench.cluster.apply(deployment(name, *MAPS, ANCHOR))

    def do(self, op: Op) -> None:
        """Carries out `op`; the process may end by it, or by a crash that was asked for before."""
        self.counted.steps += 1
        self._guarded(lambda: getattr(self, op.name)(*op.args))

    # ------------------------------------------------------------- somebody changes the cluster

    def annotate(self, name: str, value: str | None) -> None:
        self._change(name, {"metadata": {"annotations": {"bw": value}}})

    def tier(self, name: str, value: str | None) -> None:
        self._change(name, {"metadata": {"labels": {"tier": value}}})

    def alarm(self, name: str, value: str | None) -> None:
        self._change(name, {"metadata": {"annotations": {"alarm": value}}})

    def phase(self, name: str, phase: str) -> None:
        self._change(name, {"status": {"phase": phase}}, "status")

    def noise(self, name: str, value: str) -> None:
        self._change(name, {"metadata": {"annotations": {"noise": value}}})

    def delete(self, name: str) -> None:
        found = self._uid(name)
        if found is not None:
            self.bench.cluster.delete(POD, name, "default")
            self.pods[found].alive = False

    def create(self, name: str, value: str | None, phase: str) -> None:
        if self._uid(name) is None:
            self._put_pod(pod(name, bw=value, phase=phase))

    def recreate(self, name: str, value: str | None) -> None:
        self.delete(name)
        self.create(name, value, "Running")

    def config(self, name: str, value: str) -> None:
        self.bench.cluster.patch(CONFIGMAP, name, {"data": {"v": value}}, "default")

    # ------------------------------------------------------------- things go wrong

    def answer(self, *answers: str) -> None:
        self.bench.web.script.extend(ANSWERS[one] for one in answers)

    def fault(self, name: str) -> None:
        self.bench.sandbox.faults.add(FAULTS[name])

    def compact(self) -> None:
        self.bench.sandbox.compact()

    def fail_store(self, takes_effect: bool) -> None:
        self.place.fail(takes_effect=takes_effect)

    def meddle(self, moment: str, op: Op) -> None:
        """Somebody changes the cluster at the next `moment`, a request or an intent, and the watches see it there."""
        self._meddling[moment] = op

    def crash(self, calls: int) -> None:
        """The process will end at the n-th call through a port from now on."""
        self.bench.crash.at = self.bench.crash.passed + calls

    def kill(self, kept: int) -> None:
        if self.bench.engine is not None:
            self._gone(kept)

    # ------------------------------------------------------------- time, and the process

    def settle(self) -> None:
        if self.bench.engine is not None:
            self.bench.settle()

    def wait(self, seconds: float) -> None:
        if self.bench.engine is None:
            self.bench.clock.advance(seconds)
        else:
            self.bench.pass_time(seconds)

    def start(self) -> None:
        if self.bench.engine is None:
            store = JournalStore(self.place.open(self.bench), self.journal, lambda: self._interrupt("intent"))
            self.bench.store = CrashingStore(store, self.bench.crash)
            self.bench.start()

    def stop(self) -> None:
        self.bench.stop()

    def edit(self) -> None:
        self.bench.stop()
        self.edits += 1
        self.bench.plan = plan(self.names, self.edits)
        self.start()

    # ------------------------------------------------------------- the end

    def heal(self) -> None:
        """Nothing fails any more, and there is time enough for every retry."""
        self.bench.crash.at = None
        self.bench.sandbox.faults.clear()
        self.bench.web.script.clear()
        self._meddling.clear()
        self.place.heal()
        for _ in range(3):
            self._guarded(self.start)
        self._guarded(lambda: self.wait(2200.0))
        assert self.bench.engine is not None, "the controller does not stay up although nothing fails any more"

    def quiet_restarts(self) -> int:
        """How many requests some restarts without any change cause."""
        before = len(self.bench.web.calls)
        for op in (Op("kill", (0,)), Op("start"), Op("stop"), Op("start"), Op("kill", (0,)), Op("start")):
            self._guarded(lambda op=op: getattr(self, op.name)(*op.args))  # type: ignore[misc]
        self.wait(1100.0)
        return len(self.bench.web.calls) - before

    def ended(self, outcome: str) -> list[RunEnded]:
        return [one for one in self.bench.runs() if one.outcome == outcome]

    def errors(self) -> list[str]:
        """Internal errors that were reported: there must be none."""
        told = [one.message for one in self.bench.reports if isinstance(one, Notice)]
        return [one for one in told if "internal error" in one]

    # ------------------------------------------------------------- within

    def _guarded(self, what: Callable[[], None]) -> None:
        try:
            what()
        except Crashed:
            self._gone(0)
        except RulectlError:
            self._gone(0)  # as the command ends when it cannot start, or stop in order

    def _gone(self, kept: int) -> None:
        self.counted.crashes += 1
        self.bench.crash.at = None
        self.bench.drop()
        self.place.crash(kept)

    def _receive(self, call: Call) -> None:
        body = mapping(call.body)
        _, rule, action = call.url.removeprefix("http://").split("/")
        now = body.get("sources", body.get("now"))
        what, event = text(body.get("what")), text(body.get("event"))
        self.effects.append(Told(rule, action, text(body.get("uid")), what, event, body.get("old"), now, call.key))
        self._interrupt("request")

    def _interrupt(self, moment: str) -> None:
        """What threads of readers may do while a worker is in the middle of a run."""
        op = self._meddling.pop(moment, None)
        if op is not None and self.bench.engine is not None:
            getattr(self, op.name)(*op.args)
            self.bench.engine._factory.step()

    def _uid(self, name: str) -> str | None:
        return next((uid for uid, found in self.pods.items() if found.name == name and found.alive), None)

    def _change(self, name: str, body: dict[str, Any], subresource: str = "") -> None:
        if self._uid(name) is not None:
            self._note(self.bench.cluster.patch(POD, name, body, "default", subresource))

    def _put_pod(self, body: dict[str, Any]) -> None:
        self._note(self.bench.cluster.apply(body))

    def _note(self, obj: Any) -> None:
        metadata = obj["metadata"]
        annotations, labels = metadata.get("annotations") or {}, metadata.get("labels") or {}
        truth = self.pods.setdefault(metadata["uid"], PodTruth(metadata["name"]))
        truth.values.append(annotations.get("bw"))
        truth.tiers.append(labels.get("tier"))
        truth.phases.append(mapping(obj.get("status")).get("phase", "Pending"))  # type: ignore[arg-type]
        truth.alarm = annotations.get("alarm") == "on"
