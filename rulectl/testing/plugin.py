"""Running a plugin as the engine would, without one: parameters as a rule has them, fakes around it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rulectl.action.attempt import perform
from rulectl.action.contract import ActionContext, DryRun, Level
from rulectl.action.egress import EgressPolicy
from rulectl.action.http.port import HttpClient
from rulectl.action.masker import Masker
from rulectl.action.outcome import Attempt
from rulectl.action.plugin import ActionType, BadParameters, action_type
from rulectl.action.secrets import SecretReader
from rulectl.fields import NOTHING
from rulectl.resource import Kind, ObjectKey
from rulectl.testing.kube import FakeKube
from rulectl.testing.web import FakeWeb
from rulectl.value import mapping, text

SOME_POD: Mapping[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"namespace": "default", "name": "web-1"},
    "spec": {"containers": [{"name": "app", "image": "app:1"}]},
}
"""The object acted on where a test does not care."""


@dataclass(slots=True)
class FakeLog:
    """Keeps the lines that a plugin logs."""

    lines: list[tuple[str, Level]] = field(default_factory=list)

    def __call__(self, line: str, level: Level = "info") -> None:
        """See `rulectl.action.contract.Log`."""
        self.lines.append((line, level))


def context_for(
    obj: Mapping[str, Any] = SOME_POD,
    kube: FakeKube | None = None,
    *,
    http: HttpClient | None = None,
    log: FakeLog | None = None,
    rule: str = "test-rule",
    action: str = "act",
    key: str = "0123456789abcdef" * 4,
    timeout: float = 60.0,
    attempt: int = 1,
    dry_run: DryRun = "none",
    allow_exec: bool = False,
) -> ActionContext:
    """A context in which a plugin acts on `obj`, which is put into `kube` where it is not there yet.

    Args:
        obj: The object acted on, with apiVersion, kind and name.
        kube: The API server; a new one when absent. Secrets are read from it.
        http: Other servers; `FakeWeb`, which answers 200 to all, when absent.
        log: Where lines go.
        rule: The rule's name.
        action: The action's name in it.
        key: The idempotency key.
        timeout: Seconds until the deadline, on the clock of `kube`, which stands still.
        attempt: Which try it is.
        dry_run: See `DryRun`.
        allow_exec: Whether programs may be run.
    """
    kube = kube or FakeKube()
    metadata = mapping(obj.get("metadata"))
    resource = kube.resolve(Kind(text(obj.get("apiVersion")), text(obj.get("kind"))))
    place = ObjectKey(text(metadata.get("namespace")), text(metadata.get("name")))
    there = kube.see(resource.kind.api_version, resource.kind.kind, place.name, place.namespace) or kube.put(obj)
    return ActionContext(
        rule=rule,
        action=action,
        obj=there,
        resource=resource,
        key=place,
        uid=text(mapping(there.get("metadata")).get("uid")),
        kube=kube,
        resolve=kube.resolve,
        http=http or FakeWeb(),
        secrets=SecretReader(kube, kube.clock, Masker()),
        clock=kube.clock,
        stop=threading.Event(),
        deadline=kube.clock.monotonic() + timeout,
        idempotency_key=key,
        log=log or FakeLog(),
        known=NOTHING,
        attempt=attempt,
        dry_run=dry_run,
        egress=EgressPolicy(),
        allow_exec=allow_exec,
    )


def run_action(
    made: type[Any] | Callable[..., Any],
    parameters: Mapping[str, Any] | None = None,
    context: ActionContext | None = None,
) -> Attempt:
    """What one call of the plugin comes to, given its parameters as a rule has them (templates rendered).

    `Crashed` means a bug: it raised what is neither TransientError nor PermanentError, or returned no outcome.

    Raises:
        UsageError: the plugin does not fit, as `rulectl run` would say.
        BadParameters: the parameters do not fit, as `rulectl validate` would say.
    """
    kind = plugin_type(made)
    return perform(kind.bind(parameters or {}), context or context_for(), has_server_dry_run=kind.has_server_dry_run)


def faults_of(made: type[Any] | Callable[..., Any], parameters: Mapping[str, Any]) -> list[str]:
    """What `rulectl validate` says about these parameters, one string each; templates pass for any type."""
    kind = plugin_type(made)
    found = [str(fault) for fault in kind.check(parameters)]
    if found:
        return found
    try:
        kind.bind(parameters)
    except BadParameters as refusal:
        return [str(fault) for fault in refusal.faults]
    return []


def plugin_type(made: type[Any] | Callable[..., Any]) -> ActionType:
    """What the class or function is as an action: its name, its schema, its permissions.

    Raises:
        UsageError: it does not fit.
    """
    return action_type(made, defined_by=f"{made.__module__}:{made.__qualname__}")
