"""`job`: a Kubernetes Job, once per run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from rulectl.action.contract import ActionContext
from rulectl.action.manifest import Manifest, owned, placed
from rulectl.action.outcome import Done, Failed, Outcome, Unchanged
from rulectl.action.permission import ANYWHERE, Permission, is_template
from rulectl.action.subject import Subject, current, place, time_left
from rulectl.action.write import reference_to
from rulectl.errors import Conflict, PermanentError, TransientError
from rulectl.resource import Kind, Resource
from rulectl.value import Value, mapping, text

JOBS: Final = Resource(Kind("batch/v1", "Job"), "jobs", namespaced=True)
KEY: Final = "rulectl.dev/idempotency-key"


@dataclass(frozen=True, slots=True)
class Job:
    """Create a Job; tried again for the same run it creates none. It does not wait for the Job's end.

    Give ``ttlSecondsAfterFinished`` in the template's spec, or finished Jobs pile up.
    """

    name: ClassVar[str] = "job"
    has_server_dry_run: ClassVar[bool] = True

    template: Mapping[str, Any]
    """Like a CronJob's jobTemplate: metadata (labels, annotations) and spec."""
    namespace: str = ""
    """Absent: that of the object acted on."""
    owned_by_object: bool = False
    """Make the object acted on its owner, so that the Job is deleted with it."""

    def __post_init__(self) -> None:
        if not mapping(mapping(self.template.get("spec")).get("template")):
            raise ValueError("the template has no spec.template; write it like a CronJob's jobTemplate")
        unknown = sorted(set(self.template) - {"metadata", "spec"})
        if unknown:
            raise ValueError(f"the template knows metadata and spec, not {', '.join(unknown)}")

    def run(self, context: ActionContext) -> Outcome:
        """Creates the Job under a name that the run's key decides."""
        subject = self._subject(context)
        try:
            after = context.kube.create(
                JOBS,
                subject.key.namespace,
                self._body(context, subject),
                field_manager=context.field_manager,
                dry_run=context.dry_run == "server",
                timeout_seconds=time_left(context),
            )
        except Conflict as fault:
            there = current(context, subject)
            if there is None:
                raise TransientError(f"{subject} was deleted just now; it is created by the next try") from fault
            annotations = mapping(mapping(there.get("metadata")).get("annotations"))
            if annotations.get(KEY) != context.idempotency_key:
                return Failed(f"{subject} exists and was not created by this run; rename the rule or delete the Job")
            return Unchanged(f"{subject} was created for this run already")
        return Done(f"created {subject}", reference_to(after))

    def describe(self, context: ActionContext) -> Value:
        """The Job as it would be created."""
        try:
            body = self._body(context, self._subject(context))
        except PermanentError as fault:
            return str(fault)
        return {"create": dict(body), "fieldManager": context.field_manager}

    def _subject(self, context: ActionContext) -> Subject:
        return Subject(JOBS, place(context, JOBS, self.namespace, _name(context)))

    def _body(self, context: ActionContext, subject: Subject) -> Manifest:
        metadata = {**mapping(self.template.get("metadata")), "name": subject.key.name}
        plain: Manifest = {
            "apiVersion": JOBS.kind.api_version,
            "kind": JOBS.kind.kind,
            "metadata": metadata,
            "spec": self.template["spec"],
        }
        body = placed(plain, subject, {KEY: context.idempotency_key})
        return owned(body, subject, context) if self.owned_by_object else body

    @staticmethod
    def permissions(parameters: Mapping[str, Value], acted_on: Kind) -> tuple[Permission, ...]:  # noqa: ARG004
        """To create and get Jobs."""
        namespace = parameters.get("namespace")
        where = ANYWHERE if is_template(namespace) else text(namespace) or None
        return (Permission(JOBS.kind, ("create", "get"), namespace=where),)


def _name(context: ActionContext) -> str:
    return f"{context.rule[:40].rstrip('-')}-{context.idempotency_key[:12]}"
