"""What an action is given and what it must do: the contract of plugins and built-ins alike."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from rulectl.action.egress import EgressPolicy
from rulectl.action.http.port import HttpClient
from rulectl.action.kube import Kube, Resolver
from rulectl.action.outcome import Outcome
from rulectl.action.secrets import Secrets
from rulectl.clock import Clock
from rulectl.fields import NOTHING, FieldTree
from rulectl.resource import ObjectKey, Resource
from rulectl.value import Value

DryRun: TypeAlias = Literal["none", "client", "server"]
"""Act; only say what would be sent; or let the API server check it without keeping it."""

Level: TypeAlias = Literal["debug", "info", "warning", "error"]


class Log(Protocol):
    """A line for the log; secrets that were handed out are masked in it."""

    def __call__(self, line: str, level: Level = "info") -> None:
        """Returns at once; the rule, the object and the action are added by the log itself."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionContext:
    """All that one call of an action may use. Values are shared with the cache: read-only.

    `obj` is the object acted on (the target with ``forEach``) as far as it is known: cut down to
    `known`, and as old as the cache. A fresh copy comes from ``kube.get(resource, key)``.
    """

    rule: str
    action: str
    obj: Mapping[str, Value]
    resource: Resource
    key: ObjectKey
    uid: str
    """Empty when it is not known; then nothing guards against an object of the same name."""
    kube: Kube
    resolve: Resolver
    http: HttpClient
    secrets: Secrets
    clock: Clock
    stop: threading.Event
    deadline: float
    """On the clock's monotonic time. An action past it is given up and its outcome ignored."""
    idempotency_key: str
    """Equal when this action is tried again for the same run, new for every later run."""
    log: Log
    known: FieldTree = NOTHING
    attempt: int = 1
    dry_run: DryRun = "none"
    egress: EgressPolicy = field(default_factory=EgressPolicy)
    allow_exec: bool = False

    @property
    def field_manager(self) -> str:
        """The name under which this rule's writes are recorded in managedFields."""
        return f"rulectl/{self.rule}"

    def remaining(self) -> float:
        """Seconds until the deadline, never negative; 0 once rulectl is stopping."""
        return 0.0 if self.stop.is_set() else max(0.0, self.deadline - self.clock.monotonic())


class Action(Protocol):
    """A plugin with its parameters bound. One instance is used for one call."""

    def run(self, context: ActionContext) -> Outcome:
        """Acts, within ``context.remaining()`` seconds. It may run again with the same idempotency key.

        Raises:
            TransientError: later it may work.
            PermanentError: it failed for good.
        """
        ...

    def describe(self, context: ActionContext) -> Value:
        """What `run` would send, without asking anybody anything; secrets stand as references. Never raises."""
        ...
