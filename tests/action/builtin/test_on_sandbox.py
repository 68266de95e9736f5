"""The actions that write, against the API server in memory instead of a fake: what a server really says."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from typing import Any

import pytest

from rulectl.action.attempt import perform
from rulectl.action.client_kube import ClientKube, resolver
from rulectl.action.contract import ActionContext
from rulectl.action.masker import Masker
from rulectl.action.outcome import Attempt, Done, Failed, RetryAfter, Unchanged
from rulectl.action.secrets import SecretReader
from rulectl.clock import VirtualClock
from rulectl.errors import NotFound
from rulectl.kube.discovery import Discovery
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.sandbox.sandbox import Sandbox
from rulectl.testing.transport import InProcessTransport
from tests.action.builtin.bench import kind_of
from tests.action.fakes import FakeHttp, FakeLog

WEB = ObjectKey("default", "web")
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "default", "labels": {"old": "x"}},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "app", "image": "app:1"}]},
        },
    },
}
TEMPLATE = {"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a:1"}]}}}}
MANIFEST: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "limits"},
    "data": {"a": "1"},
}


class Cluster:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        transport = InProcessTransport(Sandbox(clock=self.clock, seed=1).api, self.clock)
        self.kube = ClientKube(transport, self.clock)
        self.resolve = resolver(Discovery(transport, self.clock).find)
        self.deployments = self.resolve(Kind("apps/v1", "Deployment"))
        self.web: Any = self.kube.create(self.deployments, "default", DEPLOYMENT)

    def replace_web(self) -> None:
        self.kube.delete(self.deployments, WEB, propagation="Orphan")
        self.kube.create(self.deployments, "default", DEPLOYMENT)

    def now(self, resource: Resource | None = None, key: ObjectKey = WEB) -> Any:
        return self.kube.get(resource or self.deployments, key)

    def context(self, key: str = "a" * 64, kube: Any = None) -> ActionContext:
        return ActionContext(
            rule="keep",
            action="act",
            obj=self.web,
            resource=self.deployments,
            key=WEB,
            uid=self.web["metadata"]["uid"],
            kube=kube or self.kube,
            resolve=self.resolve,
            http=FakeHttp(),
            secrets=SecretReader(self.kube, self.clock, Masker()),
            clock=self.clock,
            stop=threading.Event(),
            deadline=self.clock.monotonic() + 60,
            idempotency_key=key,
            log=FakeLog(),
        )

    def run(self, name: str, parameters: dict[str, Any], context: ActionContext | None = None) -> Attempt:
        kind = kind_of(name)
        return perform(kind.bind(parameters), context or self.context(), has_server_dry_run=kind.has_server_dry_run)


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


WRITES: list[tuple[str, dict[str, Any]]] = [
    ("label", {"set": {"tier": "gold"}, "remove": ["old"]}),
    ("annotate", {"set": {"team": "blue"}}),
    ("patch", {"body": {"spec": {"paused": True}}}),
    ("patch", {"type": "json", "body": [{"op": "replace", "path": "/spec/replicas", "value": 3}]}),
    (
        "patch",
        {"type": "strategic", "body": {"spec": {"template": {"spec": {"containers": [{"name": "app", "tty": True}]}}}}},
    ),
    ("patch", {"type": "apply", "body": {"spec": {"minReadySeconds": 5}}}),
    ("restart", {}),
    ("scale", {"replicas": 5}),
    ("delete", {}),
]
BY_NAME = [f"{name} {parameters.get('type', '')}".strip() for name, parameters in WRITES]
writes = pytest.mark.parametrize(("name", "parameters"), WRITES, ids=BY_NAME)


@dataclasses.dataclass(frozen=True, slots=True)
class Racing:
    """Something happens just before the first write arrives."""

    inner: ClientKube
    before_write: Callable[[], object]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def patch(self, *arguments: Any, **named: Any) -> Any:
        self.before_write()
        return self.inner.patch(*arguments, **named)

    def delete(self, *arguments: Any, **named: Any) -> Any:
        self.before_write()
        return self.inner.delete(*arguments, **named)


@writes
def test_the_first_time_it_is_done_and_the_second_time_nothing_is_left(
    cluster: Cluster, name: str, parameters: dict[str, Any]
) -> None:
    assert isinstance(cluster.run(name, parameters), Done)
    assert isinstance(cluster.run(name, parameters), Unchanged)


@writes
def test_a_successor_that_comes_between_reading_and_writing_is_left_alone(
    cluster: Cluster, name: str, parameters: dict[str, Any]
) -> None:
    context = cluster.context(kube=Racing(cluster.kube, cluster.replace_web))
    assert cluster.run(name, parameters, context) == Unchanged("Deployment default/web is gone")
    assert cluster.now()["metadata"]["generation"] == 1
    assert cluster.now()["metadata"]["labels"] == {"old": "x"}


@writes
def test_an_object_that_goes_between_reading_and_writing_is_unchanged(
    cluster: Cluster, name: str, parameters: dict[str, Any]
) -> None:
    def remove() -> None:
        cluster.kube.delete(cluster.deployments, WEB)

    context = cluster.context(kube=Racing(cluster.kube, remove))
    assert cluster.run(name, parameters, context) == Unchanged("Deployment default/web is gone")
    with pytest.raises(NotFound):
        cluster.now()


@writes
def test_a_dry_run_on_the_server_keeps_nothing(cluster: Cluster, name: str, parameters: dict[str, Any]) -> None:
    before = cluster.now()
    outcome = cluster.run(name, parameters, dataclasses.replace(cluster.context(), dry_run="server"))
    assert isinstance(outcome, Done)
    assert cluster.now() == before


def test_writes_are_recorded_under_the_rules_own_manager(cluster: Cluster) -> None:
    cluster.run("label", {"set": {"tier": "gold"}})
    assert "rulectl/keep" in {entry["manager"] for entry in cluster.now()["metadata"]["managedFields"]}


def test_restarting_changes_the_template_once_per_run(cluster: Cluster) -> None:
    for key in ("a" * 64, "a" * 64, "b" * 64):
        cluster.clock.advance(10)
        cluster.run("restart", {}, cluster.context(key))
    assert cluster.now()["metadata"]["generation"] == 3
    assert cluster.now()["spec"]["template"]["metadata"]["annotations"] == {
        "kubectl.kubernetes.io/restartedAt": "2023-11-14T22:13:50Z"
    }


def test_what_the_server_refuses_is_final(cluster: Cluster) -> None:
    outcome = cluster.run("patch", {"type": "json", "body": [{"op": "replace", "path": "/nowhere/at/all", "value": 1}]})
    assert isinstance(outcome, Failed)


def test_an_event_is_recorded_and_counted(cluster: Cluster) -> None:
    parameters = {"reason": "Kept", "message": "it stays", "type": "Warning"}
    for key in ("a" * 64, "a" * 64, "b" * 64):
        cluster.run("event", parameters, cluster.context(key))
    (event,) = cluster.kube.list(cluster.resolve(Kind("events.k8s.io/v1", "Event")), "default")
    series: Any = event["series"]
    assert (event["reason"], event["note"], series["count"]) == ("Kept", "it stays", 2)


def test_a_manifest_is_created_then_left_alone_then_brought_up_to_date(cluster: Cluster) -> None:
    outcomes = [cluster.run("apply", {"manifest": MANIFEST}) for _ in range(2)]
    outcomes.append(cluster.run("apply", {"manifest": {**MANIFEST, "data": {"b": "2"}}}))
    assert [type(outcome) for outcome in outcomes] == [Done, Unchanged, Done]
    config_maps = cluster.resolve(Kind("v1", "ConfigMap"))
    assert cluster.now(config_maps, ObjectKey("default", "limits"))["data"] == {"b": "2"}


def test_a_field_that_somebody_else_changed_since_is_a_final_failure_unless_forced(cluster: Cluster) -> None:
    cluster.run("apply", {"manifest": MANIFEST})
    config_maps, key = cluster.resolve(Kind("v1", "ConfigMap")), ObjectKey("default", "limits")
    cluster.kube.patch(config_maps, key, {"data": {"a": "9"}}, "merge", field_manager="kubectl")
    outcome = cluster.run("apply", {"manifest": MANIFEST})
    assert isinstance(outcome, Failed)
    assert "give force: true" in outcome.message
    assert isinstance(cluster.run("apply", {"manifest": MANIFEST, "force": True}), Done)
    assert cluster.now(config_maps, key)["data"] == {"a": "1"}


def test_a_foreign_object_is_left_alone(cluster: Cluster) -> None:
    config_maps = cluster.resolve(Kind("v1", "ConfigMap"))
    cluster.kube.create(config_maps, "default", MANIFEST)
    assert isinstance(cluster.run("apply", {"manifest": MANIFEST}), Failed)
    assert isinstance(cluster.run("apply", {"manifest": MANIFEST, "adopt": True}), Done)


def test_a_job_is_created_once_per_run(cluster: Cluster) -> None:
    for key in ("a" * 64, "a" * 64, "b" * 64):
        cluster.run("job", {"template": TEMPLATE, "ownedByObject": True}, cluster.context(key))
    jobs = cluster.kube.list(cluster.resolve(Kind("batch/v1", "Job")), "default")
    names = sorted(str(job["metadata"]["name"]) for job in jobs)  # type: ignore[index, call-overload]
    assert names == ["keep-aaaaaaaaaaaa", "keep-bbbbbbbbbbbb"]


def test_a_kind_that_nobody_serves_may_come(cluster: Cluster) -> None:
    reference = {"apiVersion": "shop.example/v1", "kind": "Cart", "name": "c"}
    outcome = cluster.run("label", {"set": {"a": "b"}, "resource": reference})
    assert outcome == RetryAfter(
        None, "the cluster serves no shop.example/v1 Cart; install its CRD or correct the kind"
    )


def test_secrets_are_read_from_the_server(cluster: Cluster) -> None:
    secrets = cluster.resolve(Kind("v1", "Secret"))
    cluster.kube.create(secrets, "default", {"metadata": {"name": "agent"}, "stringData": {"token": "hunter2"}})
    source: Any = kind_of("http").bind(
        {"url": "http://x/", "bearerToken": {"secretKeyRef": {"name": "agent", "key": "token"}}}
    )
    context = cluster.context()
    assert context.secrets.read(source.bearer_token, "default").reveal() == "hunter2"


def test_a_version_that_has_moved_on_is_not_deleted(cluster: Cluster) -> None:
    version = cluster.web["metadata"]["resourceVersion"]
    cluster.run("label", {"set": {"tier": "gold"}})
    outcome = cluster.run("delete", {"resourceVersion": version})
    assert outcome == Unchanged(f"Deployment default/web has changed since version {version}; it is left alone")
    context = cluster.context(kube=Racing(cluster.kube, lambda: cluster.run("label", {"set": {"tier": "blue"}})))
    version = cluster.now()["metadata"]["resourceVersion"]
    assert isinstance(cluster.run("delete", {"resourceVersion": version}, context), Unchanged)
    assert isinstance(cluster.run("delete", {"resourceVersion": cluster.now()["metadata"]["resourceVersion"]}), Done)
