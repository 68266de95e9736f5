"""`restart`: new pods for a workload, one rollout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final

from rulectl.action.contract import ActionContext
from rulectl.action.outcome import Done, Failed, Outcome, Unchanged
from rulectl.action.permission import Permission, permissions_on
from rulectl.action.subject import ResourceRef, Subject, current, subject_of, uid_of
from rulectl.action.write import described_patch, gone, on_fresh_object, patch, reference_to
from rulectl.resource import Kind
from rulectl.value import Value, mapping

RESTARTED_AT: Final = "kubectl.kubernetes.io/restartedAt"
"""What ``kubectl rollout restart`` sets too."""
RESTARTED_FOR: Final = "restarted-for.rulectl.dev/"
"""Followed by the rule's name: the key of the run that restarted it last."""


@dataclass(frozen=True, slots=True)
class Restart:
    """Restart a workload as ``kubectl rollout restart`` does, by an annotation in its pod template.

    For a Deployment, StatefulSet, DaemonSet or whatever else has a pod template and rolls it out. Tried
    again for the same run it does not restart twice: the run's key is kept in an annotation of the object.
    """

    name: ClassVar[str] = "restart"
    has_server_dry_run: ClassVar[bool] = True

    resource: ResourceRef | None = None
    """The workload; absent: the target with forEach, else the object."""

    def run(self, context: ActionContext) -> Outcome:
        """One merge patch, unless this run has restarted it before."""
        return on_fresh_object(lambda: self._once(context))

    def describe(self, context: ActionContext) -> Value:
        """The patch."""
        return described_patch(context, self.resource, _body(context), "merge")

    def _once(self, context: ActionContext) -> Outcome:
        subject = subject_of(context, self.resource)
        before = current(context, subject)
        if before is None:
            return gone(subject)
        if "template" not in mapping(before.get("spec")):
            return Failed(f"{subject} has no pod template to restart; name the workload that owns it in `resource`")
        annotations = mapping(mapping(before.get("metadata")).get("annotations"))
        if annotations.get(RESTARTED_FOR + context.rule) == _mark(context):
            return Unchanged(f"{subject} was restarted for this run already")
        guarded = Subject(subject.resource, subject.key, subject.uid or uid_of(before))
        after = patch(context, guarded, _body(context), "merge")
        return gone(subject) if after is None else Done(f"restarted {subject}", reference_to(after))

    @staticmethod
    def permissions(parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:
        """To get and patch the workload's kind."""
        return permissions_on(parameters, acted_on, "get", "patch")


def _mark(context: ActionContext) -> str:
    return context.idempotency_key[:32]


def _body(context: ActionContext) -> Mapping[str, Value]:
    now = datetime.fromtimestamp(context.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "metadata": {"annotations": {RESTARTED_FOR + context.rule: _mark(context)}},
        "spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: now}}}},
    }
