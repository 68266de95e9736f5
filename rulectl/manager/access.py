"""Asking the cluster whether it lets us: one SelfSubjectAccessReview for each permission, side by side."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from rulectl.check.rbac.grant import Grant, Wanted, grants_of
from rulectl.check.rbac.need import needs_of
from rulectl.clock import Clock
from rulectl.controller.report import Notice
from rulectl.errors import PermanentError, RulectlError
from rulectl.kube.client import KubeClient
from rulectl.kube.transport import Transport
from rulectl.manager.kinds import Kinds
from rulectl.plan.model import Plan
from rulectl.resource import Kind, Resource
from rulectl.value import Value, mapping, text

THREADS = 8
REVIEW_SECONDS = 5.0
"""One review that takes longer counts as not answered."""
START_SECONDS = 10.0
"""So long a start waits for all reviews together; what is not answered by then is not judged."""
_REVIEWS = Resource(Kind("authorization.k8s.io/v1", "SelfSubjectAccessReview"), "selfsubjectaccessreviews", False)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Access:
    """`allowed` has the grants that were answered; `problem` says why others were not, empty if all were."""

    allowed: Mapping[Grant, bool]
    problem: str = ""
    refused: bool = False
    """Whether the server serves no reviews, or does not let us ask."""

    def lacks(self, wanted: Iterable[Wanted]) -> list[Wanted]:
        """What the cluster said no to."""
        return [one for one in wanted if self.allowed.get(one.grant) is False]


@dataclass(slots=True)
class _Asking:
    """Reviews under way. `allowed` and `fault` are guarded by `lock`."""

    client: KubeClient
    clock: Clock
    until: float
    allowed: dict[Grant, bool] = field(default_factory=dict)
    fault: RulectlError | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, grant: Grant) -> None:
        """Asks about one grant, unless time is up or another one could not be asked for good."""
        if self.clock.monotonic() >= self.until or isinstance(self.fault, PermanentError):
            return
        try:
            answer = self.client.create(_REVIEWS, _review(grant))
        except RulectlError as fault:
            with self.lock:
                self.fault = self.fault or fault
            return
        with self.lock:
            self.allowed[grant] = mapping(answer.get("status")).get("allowed") is True


def review_access(transport: Transport, clock: Clock, grants: Iterable[Grant], *, seconds: float = 60.0) -> Access:
    """What the cluster says to `grants`; at most `THREADS` questions at once, none begins after `seconds`.

    Nothing is raised: what cannot be asked is told in `Access.problem`.
    """
    asked = list(dict.fromkeys(grants))
    asking = _Asking(KubeClient(transport, clock, timeout_seconds=REVIEW_SECONDS), clock, clock.monotonic() + seconds)
    if asked:
        asking.ask(asked[0])  # alone: a server that serves no reviews is asked only once
        with ThreadPoolExecutor(min(THREADS, len(asked)), "rulectl-access") as pool:
            list(pool.map(asking.ask, asked[1:]))
    open_questions = len(asked) - len(asking.allowed)
    if not open_questions:
        return Access(asking.allowed)
    why = str(asking.fault) if asking.fault is not None else "the answers took too long"
    return Access(asking.allowed, why, isinstance(asking.fault, PermanentError))


def access_notices(plan: Plan, kinds: Kinds, transport: Transport, clock: Clock, *, acts: bool = True) -> list[Notice]:
    """A warning for each rule that lacks a permission, for the start of a run; the other rules are not concerned.

    Without `acts` (a dry run) it is only asked what watching needs. Kinds that are not served (yet) are left out.
    Where the server lets us not ask, that is a single note.
    """
    served = _Served(kinds)
    needs = [need for need in needs_of(_running(plan, acts=acts)) if served(need.kind) is not None]
    wanted = grants_of(needs, served)
    access = review_access(transport, clock, (one.grant for one in wanted), seconds=START_SECONDS)
    notices = []
    if access.problem:
        notices.append(
            Notice(f"permissions are not checked: {access.problem}", "info" if access.refused else "warning")
        )
    lacking: dict[str, list[Grant]] = {}
    for one in access.lacks(wanted):
        for rule in one.rules:
            lacking.setdefault(rule, []).append(one.grant)
    return [*notices, *(Notice(lacking_text(grants), "warning", rule) for rule, grants in lacking.items())]


def lacking_text(grants: list[Grant]) -> str:
    """What is missing, and how to grant it."""
    shown = "; ".join(str(grant) for grant in grants[:_SHOWN])
    more = f" and {len(grants) - _SHOWN} more" if len(grants) > _SHOWN else ""
    return f"not allowed to {shown}{more}; `rulectl rbac` prints the roles to apply, --verify asks again"


def _running(plan: Plan, *, acts: bool) -> Plan:
    rules = (rule for rule in plan.rules if rule.enabled)
    return Plan(tuple(rule if acts else dataclasses.replace(rule, mode="audit") for rule in rules), {})


class _Served:
    """The resource of a kind, asked once; None also where it cannot be asked."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._known: dict[Kind, Resource | None] = {}

    def __call__(self, kind: Kind) -> Resource | None:
        if kind not in self._known:
            try:
                self._known[kind] = self._kinds.find(kind)
            except RulectlError:
                self._known[kind] = None
        return self._known[kind]


def _review(grant: Grant) -> dict[str, Value]:
    resource, _, subresource = grant.resource.partition("/")
    attributes = {
        "namespace": grant.namespace,
        "verb": grant.verb,
        "group": grant.group,
        "resource": resource,
        "subresource": subresource,
        "name": grant.name,
    }
    return {
        "apiVersion": _REVIEWS.kind.api_version,
        "kind": _REVIEWS.kind.kind,
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if text(value)}},
    }
