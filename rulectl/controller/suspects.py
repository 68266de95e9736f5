"""Objects that a complete list lacks, kept from being taken for deleted until the guard has judged the list."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec.structs import replace

from rulectl.action.kube import Kube
from rulectl.controller.guard import Ask, Hold, Pass, Verdict, judge_list, would_run
from rulectl.controller.intake import Intake
from rulectl.controller.report import Held, Reporter
from rulectl.errors import NotFound
from rulectl.plan.model import RulePlan
from rulectl.resource import ObjectKey, Resource
from rulectl.state.ledger import Ledger
from rulectl.state.record import Record
from rulectl.state.store import Put
from rulectl.value import mapping, text


@dataclass(frozen=True, slots=True)
class _Case:
    """One list that has to be judged."""

    verdict: Verdict
    missing: tuple[Record, ...]


@dataclass(slots=True)
class Suspects:
    """The lists of one rule that the guard has yet to judge. Filled by reader threads, judged by a worker."""

    rule: RulePlan
    resource: Resource
    ledger: Ledger
    intake: Intake
    kube: Kube
    report: Reporter
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _cases: dict[str, _Case] = field(default_factory=dict)

    def listed(self, scope: str, missing: list[Record], population: int, listed: int) -> list[ObjectKey]:
        """A complete list of `scope` lacks the objects of `missing`.

        Gives back the keys that may be looked at at once; for the rest, if there is any, `judge` has to be
        called by a worker (see `waits`).
        """
        runs = [record for record in missing if would_run(self.rule, record)]
        harmless = [record for record in missing if not would_run(self.rule, record)]
        verdict = judge_list(runs, population, listed, self.rule.limits.deletes)
        with self._lock:
            self._cases.pop(scope, None)
            if isinstance(verdict, Pass):
                harmless += runs
            else:
                self._cases[scope] = _Case(verdict, tuple(runs))
        for record in harmless:
            self.intake.ended(record.uid)
        return [record.key for record in harmless]

    def waits(self, scope: str) -> bool:
        """Whether a list of `scope` has yet to be judged."""
        return scope in self._cases

    def judge(self, scope: str, wake: Callable[[ObjectKey], None]) -> None:
        """Judges the list of `scope`: its objects are believed to be gone, or held.

        Raises:
            TransientError, PermanentError: the server could not be asked, or the state not be written.
        """
        with self._lock:
            case = self._cases.get(scope)
        if case is None:
            return
        reason = self._reason(case.verdict)
        if reason:
            self._hold(case, reason)
        else:
            for record in case.missing:
                self.intake.ended(record.uid)
                wake(record.key)
        with self._lock:
            if self._cases.get(scope) is case:
                del self._cases[scope]

    def _reason(self, verdict: Verdict) -> str:
        match verdict:
            case Pass():
                return ""
            case Hold(reason):
                return reason
            case Ask(sample):
                there = [record for record in sample if self._exists(record)]
                if not there:
                    return ""
                return f"a list lacks many objects, but {there[0].key} is still there when asked by name"

    def _exists(self, record: Record) -> bool:
        try:
            found = self.kube.get(self.resource, record.key)
        except NotFound:
            return False
        return text(mapping(found.get("metadata")).get("uid")) == record.uid

    def _hold(self, case: _Case, reason: str) -> None:
        held = []
        for known in case.missing:
            record = self.ledger.record(self.rule.name, known.uid)
            if record is not None and not record.held and not self.intake.has_ended(record.uid):
                held.append(Put(replace(record, held=True)))
        if held:
            self.ledger.write(held, durable=True)
            self.report(Held(self.rule.name, len(held), reason))
