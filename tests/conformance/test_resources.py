"""Subresources, custom resources, and kinds with ways of their own."""

from __future__ import annotations

import pytest

from tests.conformance.target import STRATEGIC, Api, config_map, crd, deployment, moments, pod, widget

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.fixture
def group(api: Api) -> str:
    """The group of a Widget CRD that is established."""
    name = f"{api.namespace}.example.com"
    api.create(CRDS, crd(name))
    for _ in moments():
        conditions = api.get(f"{CRDS}/widgets.{name}").get("status", {}).get("conditions", [])
        established = any(entry["type"] == "Established" and entry["status"] == "True" for entry in conditions)
        if established and api.send("GET", f"/apis/{name}/v1").status_code == 200:
            break
    return name


def widgets(api: Api, group: str, name: str = "", below: str = "") -> str:
    return api.path("widgets", name, f"{group}/v1", below)


def test_status_and_spec_are_written_apart(api: Api) -> None:
    api.create(api.deployments(), deployment("a"))
    body = {"status": {"replicas": 5}, "spec": {"replicas": 9}}
    by_status = api.patch(api.deployments("a", "status"), body)
    assert (by_status["status"]["replicas"], by_status["spec"]["replicas"]) == (5, 1)
    assert by_status["metadata"]["generation"] == 1
    if not api.target.real:  # a deployment controller has an opinion of its own by now
        assert api.patch(api.deployments("a"), {"status": {"replicas": 7}})["status"]["replicas"] == 5


def test_scale_shows_and_sets_replicas(api: Api) -> None:
    api.create(api.deployments(), deployment("a"))
    assert api.get(api.deployments("a", "scale"))["kind"] == "Scale"
    api.patch(api.deployments("a", "scale"), {"spec": {"replicas": 4}})
    assert api.get(api.deployments("a"))["spec"]["replicas"] == 4


def test_an_evicted_pod_goes(api: Api) -> None:
    api.create(api.path("pods"), pod("a"))
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "a", "namespace": api.namespace}}
    api.create(api.path("pods", "a", below="eviction"), eviction, code=(200, 201))
    left = api.send("GET", api.path("pods", "a"))
    assert left.status_code == 404 or left.json()["metadata"].get("deletionTimestamp")


def test_a_crd_s_resource_is_served_and_discovered(api: Api, group: str) -> None:
    names = [row["name"] for row in api.get(f"/apis/{group}/v1")["resources"]]
    assert {"widgets", "widgets/status"} <= set(names)
    api.create(widgets(api, group), widget(group, "a", size=2))
    assert api.get(widgets(api, group))["kind"] == "WidgetList"
    assert api.get(widgets(api, group, "a"))["spec"]["size"] == 2


def test_a_custom_resource_is_defaulted_pruned_and_validated(api: Api, group: str) -> None:
    made = api.create(widgets(api, group), widget(group, "a", size=2, unknown=1))
    assert made["spec"] == {"size": 2, "color": "red"}
    api.create(widgets(api, group), widget(group, "b", size=0), code=422)


def test_a_custom_resource_s_status_leaves_the_generation(api: Api, group: str) -> None:
    with api.watch(widgets(api, group), resourceVersion=api.version(widgets(api, group))) as watch:
        api.create(widgets(api, group), widget(group, "a", size=2))
        api.patch(widgets(api, group, "a", "status"), {"status": {"ok": True}})
        first, second = watch.take(2)
    assert first["object"]["metadata"]["name"] == "a"
    assert second["object"]["metadata"]["generation"] == 1


def test_a_custom_resource_takes_no_strategic_patch(api: Api, group: str) -> None:
    api.create(widgets(api, group), widget(group, "a", size=2))
    api.patch(widgets(api, group, "a"), {"spec": {"size": 3}}, STRATEGIC, code=415)


def test_a_custom_resource_is_put_with_its_version_only(api: Api, group: str) -> None:
    api.create(widgets(api, group), widget(group, "a", size=2))
    api.put(widgets(api, group, "a"), widget(group, "a", size=3), code=422)


def test_of_two_who_write_a_lease_one_loses(api: Api) -> None:
    leases = api.path("leases", api="coordination.k8s.io/v1")
    spec = {"holderIdentity": "a", "leaseDurationSeconds": 15, "renewTime": "2026-01-01T00:00:00.000000Z"}
    body = api.create(leases, {"metadata": {"name": "l"}, "spec": spec})
    api.put(f"{leases}/l", {**body, "spec": {**spec, "holderIdentity": "b"}})
    api.put(f"{leases}/l", {**body, "spec": {**spec, "holderIdentity": "c"}}, code=409)


def test_events_have_two_names(api: Api) -> None:
    about = {"kind": "Pod", "name": "p", "namespace": api.namespace}
    body = {"metadata": {"name": "e"}, "involvedObject": about, "reason": "R", "message": "m", "type": "Normal"}
    api.create(api.path("events"), body)
    shown = api.get(api.path("events", "e", "events.k8s.io/v1"))
    assert (shown["regarding"]["name"], shown["note"]) == ("p", "m")


def test_a_built_in_object_may_be_put_without_its_version(api: Api) -> None:
    api.create(api.maps(), config_map("a"))
    assert api.put(api.maps("a"), config_map("a", {"b": "2"}))["data"] == {"b": "2"}
