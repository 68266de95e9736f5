"""The official Python client: typed calls, watches, the dynamic client, informer, election, asyncio."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.target import Api, crd, moments

# The client is typed here and there only, and otherwise in each version.
client: Any = importlib.import_module("kubernetes.client")
dynamic: Any = importlib.import_module("kubernetes.dynamic")
watch: Any = importlib.import_module("kubernetes.watch")

# What the client does inside is not ours to mend.
pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::urllib3.exceptions.InsecureRequestWarning"
)

ELECTION = """
import os, sys, threading
from kubernetes import client
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.leaselock import LeaseLock
url, token, namespace = sys.argv[1:]
configuration = client.Configuration()
configuration.host, configuration.verify_ssl = url, False
if token:
    configuration.api_key = {"authorization": "Bearer " + token, "BearerToken": "Bearer " + token}
client.Configuration.set_default(configuration)
leading = threading.Event()
election = electionconfig.Config(
    LeaseLock("le", namespace, "me"), lease_duration=5, renew_deadline=4, retry_period=1,
    onstarted_leading=leading.set, onstopped_leading=lambda: None,
)
threading.Thread(target=leaderelection.LeaderElection(election).run, daemon=True).start()
assert leading.wait(10), "never became the leader"
print("leading", flush=True)
os._exit(0)
"""


@pytest.fixture
def configuration(api: Api) -> Any:
    return configured(client.Configuration(), api)


@pytest.fixture
def transport(configuration: Any) -> Iterator[Any]:
    with client.ApiClient(configuration) as made:
        yield made
        made.rest_client.pool_manager.clear()


@pytest.fixture
def core(transport: Any) -> Any:
    return client.CoreV1Api(transport)


def configured(configuration: Any, api: Api) -> Any:
    configuration.host, configuration.verify_ssl = api.target.url, False
    if api.target.token:
        bearer = f"Bearer {api.target.token}"
        configuration.api_key = {"authorization": bearer, "BearerToken": bearer}
    return configuration


def config_map(name: str) -> Any:
    return client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name), data={"a": "1"})


def test_namespaces_are_listed_as_models(core: Any, api: Api) -> None:
    assert api.namespace in [item.metadata.name for item in core.list_namespace().items]


def test_a_created_model_has_an_identity(core: Any, api: Api) -> None:
    made = core.create_namespaced_config_map(api.namespace, config_map("a"))
    assert made.metadata.uid
    assert made.metadata.resource_version


def test_a_list_of_models_has_a_version(core: Any, api: Api) -> None:
    core.create_namespaced_config_map(api.namespace, config_map("a"))
    shown = core.list_namespaced_config_map(api.namespace)
    assert "a" in [item.metadata.name for item in shown.items]
    assert shown.metadata.resource_version.isdecimal()


def test_pages_are_models_too(core: Any, api: Api) -> None:
    for name in "abc":
        core.create_namespaced_config_map(api.namespace, config_map(name))
    page = core.list_namespaced_config_map(api.namespace, limit=2)
    told = page.metadata.to_dict()
    assert len(page.items) == 2
    assert told.get("continue") or told.get("_continue")


def test_a_patch_of_a_dict_merges(core: Any, api: Api) -> None:
    core.create_namespaced_config_map(api.namespace, config_map("a"))
    after = core.patch_namespaced_config_map("a", api.namespace, {"data": {"b": "2"}})
    assert after.data == {"a": "1", "b": "2"}


def test_a_stale_replace_raises_409(core: Any, api: Api) -> None:
    core.create_namespaced_config_map(api.namespace, config_map("a"))
    body = core.read_namespaced_config_map("a", api.namespace)
    body.data = {"z": "1"}
    assert core.replace_namespaced_config_map("a", api.namespace, body).data == {"z": "1"}
    with pytest.raises(client.ApiException) as refused:
        core.replace_namespaced_config_map("a", api.namespace, body)
    assert refused.value.status == 409


def test_a_watch_gives_models_and_ends_at_its_timeout(core: Any, api: Api) -> None:
    version = core.list_namespaced_config_map(api.namespace).metadata.resource_version
    core.create_namespaced_config_map(api.namespace, config_map("a"))
    core.delete_namespaced_config_map("a", api.namespace)
    stream = watch.Watch().stream(
        core.list_namespaced_config_map,
        api.namespace,
        resource_version=version,
        timeout_seconds=1,
        field_selector="metadata.name=a",
    )
    seen = [(event["type"], event["object"].metadata.name) for event in stream]
    assert seen == [("ADDED", "a"), ("DELETED", "a")]


def test_a_watch_of_an_old_version_raises_410(core: Any, api: Api) -> None:
    stream = watch.Watch().stream(
        core.list_namespaced_config_map, api.namespace, resource_version="1", timeout_seconds=3
    )
    with pytest.raises(client.ApiException) as refused:
        next(stream)
    assert refused.value.status == 410


def test_the_dynamic_client_finds_and_changes_any_kind(transport: Any, api: Api) -> None:
    found = dynamic.DynamicClient(transport)
    maps = found.resources.get(api_version="v1", kind="ConfigMap")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "1"}}
    maps.create(body=body, namespace=api.namespace)
    merge = "application/merge-patch+json"
    maps.patch(name="a", namespace=api.namespace, body={"data": {"b": "2"}}, content_type=merge)
    assert maps.get(name="a", namespace=api.namespace).data.to_dict() == {"a": "1", "b": "2"}
    assert found.resources.get(api_version="apps/v1", kind="Deployment").name == "deployments"


def test_the_dynamic_client_applies_on_the_server(transport: Any, api: Api) -> None:
    maps = dynamic.DynamicClient(transport).resources.get(api_version="v1", kind="ConfigMap")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"q": "1"}}
    made = maps.server_side_apply(body=body, name="a", namespace=api.namespace, field_manager="t")
    assert made.metadata.managedFields


def test_the_informer_tells_each_change_once(core: Any, api: Api) -> None:
    informer = pytest.importorskip("kubernetes.informer", reason="this client has no informer yet")
    told: list[tuple[str, str]] = []
    shared = informer.SharedInformer(list_func=core.list_namespaced_config_map, namespace=api.namespace)
    for kind in ("ADDED", "MODIFIED", "DELETED"):
        shared.add_event_handler(kind, lambda obj, kind=kind: told.append((kind, obj.metadata.name)))
    core.create_namespaced_config_map(api.namespace, config_map("before"))
    shared.start()
    try:
        _until(told, ("ADDED", "before"))
        core.create_namespaced_config_map(api.namespace, config_map("a"))
        core.patch_namespaced_config_map("a", api.namespace, {"data": {"c": "1"}})
        core.delete_namespaced_config_map("a", api.namespace)
        _until(told, ("DELETED", "a"))
    finally:
        threading.Thread(target=shared.stop, daemon=True).start()
    assert [entry for entry in told if entry[1] == "a"] == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]
    assert told.count(("ADDED", "before")) == 1


def test_custom_objects_can_be_used_as_soon_as_their_crd_is_there(transport: Any, api: Api) -> None:
    group = f"{api.namespace}.py.com"
    definitions = dynamic.DynamicClient(transport).resources.get(
        api_version="apiextensions.k8s.io/v1", kind="CustomResourceDefinition"
    )
    definitions.create(body=crd(group))
    for _ in moments():
        if api.send("GET", f"/apis/{group}/v1").status_code == 200:
            break
    objects = client.CustomObjectsApi(transport)
    place = (group, "v1", api.namespace, "widgets")
    body = {"apiVersion": f"{group}/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 1}}
    objects.create_namespaced_custom_object(*place, body)
    assert objects.list_namespaced_custom_object(*place)["kind"] == "WidgetList"
    objects.patch_namespaced_custom_object(*place, "w", {"spec": {"color": "blue"}})
    shown = objects.get_namespaced_custom_object(*place, "w")
    assert shown["spec"] == {"size": 1, "color": "blue"}
    api.send("DELETE", f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{group}")


def test_a_leader_is_elected(api: Api) -> None:
    # In a process of its own: the client's election cannot be told to end.
    command = [sys.executable, "-c", ELECTION, api.target.url, api.target.token or "", api.namespace]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert ended.stdout == "leading\n", ended.stderr
    lease = api.get(api.path("leases", "le", "coordination.k8s.io/v1"))
    assert lease["spec"]["holderIdentity"] == "me"


def test_the_asyncio_client_lists_and_watches(api: Api) -> None:
    aio_client: Any = pytest.importorskip("kubernetes.aio.client", reason="this client has no asyncio part yet")
    aio_watch: Any = pytest.importorskip("kubernetes.aio.watch")

    async def follow() -> list[tuple[str, str]]:
        async with aio_client.ApiClient(configured(aio_client.Configuration(), api)) as made:
            core = aio_client.CoreV1Api(made)
            listed = await core.list_namespaced_config_map(api.namespace)
            body = aio_client.V1ConfigMap(metadata=aio_client.V1ObjectMeta(name="aio"))
            await core.create_namespaced_config_map(api.namespace, body)
            seen = []
            version = listed.metadata.resource_version
            async with aio_watch.Watch() as stream:
                events = stream.stream(
                    core.list_namespaced_config_map,
                    api.namespace,
                    resource_version=version,
                    timeout_seconds=1,
                    field_selector="metadata.name=aio",
                )
                async for event in events:
                    seen.append((event["type"], event["object"].metadata.name))
            return seen

    assert asyncio.run(follow()) == [("ADDED", "aio")]


def test_events_are_found_by_what_they_are_about(core: Any, api: Api) -> None:
    about = client.V1ObjectReference(kind="ConfigMap", name="a", namespace=api.namespace)
    meta = client.V1ObjectMeta(generate_name="ev-", namespace=api.namespace)
    event = client.CoreV1Event(metadata=meta, involved_object=about, reason="R", message="m", type="Normal")
    core.create_namespaced_event(api.namespace, event)
    assert core.list_namespaced_event(api.namespace, field_selector="involvedObject.name=a").items


def _until(told: list[tuple[str, str]], expected: tuple[str, str]) -> None:
    for _ in moments():
        if expected in told:
            return
