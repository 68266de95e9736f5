"""Fakes of the ports that actions use, and a context made of them."""
# ruff: noqa: ARG002 - the fakes have the signatures of the ports, and do not need all of it

from __future__ import annotations

import base64
import copy
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rulectl.action.contract import ActionContext, DryRun, Level
from rulectl.action.egress import EgressPolicy
from rulectl.action.http.port import HttpRequest, HttpResponse
from rulectl.action.kube import KubeObject, PatchType
from rulectl.action.masker import Masker
from rulectl.action.merge import merged
from rulectl.action.secrets import SecretReader
from rulectl.clock import Clock, VirtualClock
from rulectl.errors import Conflict, NotFound, PermanentError, RulectlError, TransientError
from rulectl.fields import NOTHING, FieldTree
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import Value

POD = Resource(Kind("v1", "Pod"), "pods", namespaced=True)
NODE = Resource(Kind("v1", "Node"), "nodes", namespaced=False)
DEPLOYMENT = Resource(Kind("apps/v1", "Deployment"), "deployments", True, frozenset({"scale", "status"}))
CONFIG_MAP = Resource(Kind("v1", "ConfigMap"), "configmaps", namespaced=True)
SERVED = {resource.kind: resource for resource in (POD, NODE, DEPLOYMENT, CONFIG_MAP)}


def resolve(kind: Kind) -> Resource:
    if kind not in SERVED:
        raise TransientError(f"the cluster serves no {kind}; install its CRD or correct the kind")
    return SERVED[kind]


@dataclass
class FakeKube:
    """Objects by kind and place. `faults` are raised by the next calls of a verb, one each."""

    objects: dict[tuple[Kind, ObjectKey], dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str, Any]] = field(default_factory=list)
    faults: dict[str, list[RulectlError]] = field(default_factory=dict)
    foreign_fields: bool = False
    version: int = 100

    def put(self, resource: Resource, obj: Mapping[str, Any]) -> FakeKube:
        metadata = obj["metadata"]
        key = ObjectKey(metadata.get("namespace", ""), metadata["name"])
        self.objects[resource.kind, key] = self._stamped(copy.deepcopy(dict(obj)))
        return self

    def remove(self, resource: Resource, key: ObjectKey) -> None:
        del self.objects[resource.kind, key]

    @property
    def writes(self) -> list[tuple[str, str, Any]]:
        return [call for call in self.calls if call[0] not in {"get", "list"}]

    def get(
        self, resource: Resource, key: ObjectKey, *, subresource: str = "", timeout_seconds: float = 30.0
    ) -> KubeObject:
        self._called("get", resource, key, subresource)
        return copy.deepcopy(self._found(resource, key))

    def list(
        self,
        resource: Resource,
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        timeout_seconds: float = 30.0,
    ) -> Sequence[KubeObject]:
        return [obj for (kind, _), obj in self.objects.items() if kind == resource.kind]

    def create(
        self,
        resource: Resource,
        namespace: str,
        body: KubeObject,
        *,
        field_manager: str = "",
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> KubeObject:
        obj: dict[str, Any] = copy.deepcopy(dict(body))
        key = ObjectKey(namespace, obj["metadata"]["name"])
        self._called("create", resource, key, obj)
        if (resource.kind, key) in self.objects:
            raise Conflict(f"{key} exists", status=409)
        obj["metadata"] |= {"uid": f"uid-{self.version}", "namespace": namespace}
        return obj if dry_run else self._keep(resource, key, obj)

    def update(
        self,
        resource: Resource,
        key: ObjectKey,
        body: KubeObject,
        *,
        subresource: str = "",
        field_manager: str = "",
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> KubeObject:
        self._called("update", resource, key, body)
        return self._keep(resource, key, copy.deepcopy(dict(body)))

    def patch(
        self,
        resource: Resource,
        key: ObjectKey,
        body: object,
        patch_type: PatchType,
        *,
        subresource: str = "",
        field_manager: str = "",
        force: bool = False,
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> KubeObject:
        self._called("patch", resource, key, body)
        if patch_type == "apply" and (resource.kind, key) not in self.objects:
            created: dict[str, Any] = copy.deepcopy(dict(body))  # type: ignore[call-overload]
            if created["metadata"].get("uid"):
                raise Conflict("uid mismatch: no existing object was found", status=409)
            created["metadata"]["uid"] = f"uid-{self.version}"
            return created if dry_run else self._keep(resource, key, created)
        before = self._found(resource, key)
        if patch_type == "apply" and self.foreign_fields and not force:
            raise Conflict('conflict with "kubectl": .data.a', status=409)
        after = _json_patched(before, body) if patch_type == "json" else merged(before, body)  # type: ignore[arg-type]
        changed: dict[str, Any] = copy.deepcopy(dict(after))  # type: ignore[arg-type]
        if changed["metadata"].get("uid") != before["metadata"].get("uid"):
            raise PermanentError("metadata.uid: field is immutable", status=422)
        if changed["metadata"].get("resourceVersion") != before["metadata"].get("resourceVersion"):
            raise Conflict("the object has been modified", status=409)
        if dry_run or changed == before:
            return changed
        return self._keep(resource, key, changed)

    def delete(
        self,
        resource: Resource,
        key: ObjectKey,
        *,
        uid: str = "",
        resource_version: str = "",
        propagation: str = "",
        grace_seconds: int | None = None,
        dry_run: bool = False,
        timeout_seconds: float = 30.0,
    ) -> None:
        self._called("delete", resource, key, {"uid": uid, "propagation": propagation})
        if uid and self._found(resource, key)["metadata"]["uid"] != uid:
            raise Conflict("uid precondition failed", status=409)
        if not dry_run:
            self.remove(resource, key)

    def _called(self, verb: str, resource: Resource, key: ObjectKey, body: Any) -> None:
        self.calls.append((verb, f"{resource.kind.kind} {key}", body))
        if self.faults.get(verb):
            raise self.faults[verb].pop(0)

    def _found(self, resource: Resource, key: ObjectKey) -> dict[str, Any]:
        if (resource.kind, key) not in self.objects:
            raise NotFound(f"{resource.plural} {key.name!r} not found", status=404)
        return self.objects[resource.kind, key]

    def _keep(self, resource: Resource, key: ObjectKey, obj: dict[str, Any]) -> KubeObject:
        self.objects[resource.kind, key] = self._stamped(obj)
        return copy.deepcopy(obj)

    def _stamped(self, obj: dict[str, Any]) -> dict[str, Any]:
        self.version += 1
        obj["metadata"]["resourceVersion"] = str(self.version)
        return obj


def _json_patched(before: Mapping[str, Any], operations: Any) -> dict[str, Any]:
    """Enough of RFC 6902 for tests: test, add and replace below objects."""
    after = copy.deepcopy(dict(before))
    for operation in operations:
        *parents, last = operation["path"].split("/")[1:]
        parent: Any = after
        for name in parents:
            parent = parent[name]
        if operation["op"] == "test":
            if parent.get(last) != operation["value"]:
                raise PermanentError("testing path failed", status=422)
        else:
            parent[last] = operation["value"]
    return after


@dataclass
class FakeHttp:
    """Answers with the next of `answers`; an exception among them is raised."""

    answers: list[HttpResponse | RulectlError] = field(default_factory=list)
    requests: list[HttpRequest] = field(default_factory=list)

    def send(
        self, request: HttpRequest, *, egress: EgressPolicy, timeout_seconds: float, max_bytes: int
    ) -> HttpResponse:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else HttpResponse(200)
        if isinstance(answer, RulectlError):
            raise answer
        return answer


@dataclass
class FakeLog:
    lines: list[tuple[str, Level]] = field(default_factory=list)

    def __call__(self, line: str, level: Level = "info") -> None:
        self.lines.append((line, level))


def pod(name: str = "web-1", **metadata: Value) -> dict[str, Value]:
    plain: dict[str, Value] = {"namespace": "shop", "name": name, "uid": "uid-web", "resourceVersion": "7"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {**plain, **metadata}}


def deployment(**metadata: Value) -> dict[str, Value]:
    plain: dict[str, Value] = {"namespace": "shop", "name": "web", "uid": "uid-web"}
    spec: Value = {"replicas": 2, "template": {"metadata": {"labels": {"app": "web"}}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {**plain, **metadata}, "spec": spec}


def secret(name: str, **values: str) -> dict[str, Value]:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"metadata": {"namespace": "shop", "name": name, "uid": f"uid-{name}"}, "data": data}


def context_for(
    obj: Mapping[str, Value],
    kube: FakeKube | None = None,
    *,
    resource: Resource = POD,
    known: FieldTree = NOTHING,
    http: Any = None,
    log: FakeLog | None = None,
    clock: Clock | None = None,
    key: str = "f00d" * 16,
    deadline: float = 60.0,
    dry_run: DryRun = "none",
    egress: EgressPolicy | None = None,
    allow_exec: bool = False,
    stop: threading.Event | None = None,
) -> ActionContext:
    kube, clock = kube or FakeKube(), clock or VirtualClock()
    metadata: Any = obj["metadata"]
    return ActionContext(
        rule="pod-bandwidth",
        action="push",
        obj=obj,
        resource=resource,
        key=ObjectKey(metadata.get("namespace", ""), metadata["name"]),
        uid=metadata["uid"],
        kube=kube,
        resolve=resolve,
        http=http or FakeHttp(),
        secrets=SecretReader(kube, clock, Masker()),
        clock=clock,
        stop=stop or threading.Event(),
        deadline=clock.monotonic() + deadline,
        idempotency_key=key,
        log=log or FakeLog(),
        known=known,
        dry_run=dry_run,
        egress=egress or EgressPolicy(),
        allow_exec=allow_exec,
    )
