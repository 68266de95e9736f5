"""Finalizers, owners, namespaces."""

from __future__ import annotations

from tests.conformance.target import Api, config_map, moments


def test_finalizers_hold_an_object_until_they_are_gone(api: Api) -> None:
    api.create(api.maps(), config_map("a", finalizers=["x.io/f"]))
    with api.watch(api.maps(), resourceVersion=api.version(), fieldSelector="metadata.name=a") as watch:
        api.delete(api.maps("a"), code=(200, 202))
        assert api.get(api.maps("a"))["metadata"]["deletionTimestamp"].endswith("Z")
        api.patch(api.maps("a"), {"metadata": {"finalizers": None}})
        api.get(api.maps("a"), code=404)
        assert [event["type"] for event in watch.take(2)] == ["MODIFIED", "DELETED"]


def test_a_deletion_cannot_be_taken_back(api: Api) -> None:
    api.create(api.maps(), config_map("a", finalizers=["x.io/f"]))
    api.delete(api.maps("a"))
    before = api.get(api.maps("a"))["metadata"]
    assert before["deletionGracePeriodSeconds"] == 0
    after = api.patch(api.maps("a"), {"metadata": {"deletionTimestamp": None}})["metadata"]
    assert after["deletionTimestamp"] == before["deletionTimestamp"]
    api.patch(api.maps("a"), {"metadata": {"finalizers": []}})


def test_what_an_object_owns_goes_after_it(api: Api) -> None:
    uid = api.create(api.maps(), config_map("a"))["metadata"]["uid"]
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": uid}
    api.create(api.maps(), config_map("b", ownerReferences=[owner]))
    api.delete(api.maps("a"), propagationPolicy="Background")
    for _ in moments():
        if api.send("GET", api.maps("b")).status_code == 404:
            break


def test_an_object_waits_in_the_foreground_for_what_it_owns(api: Api) -> None:
    api.create(api.maps(), config_map("a"))
    api.delete(api.maps("a"), {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground"})
    left = api.send("GET", api.maps("a"))
    assert left.status_code == 404 or "foregroundDeletion" in left.json()["metadata"]["finalizers"]


def test_a_namespace_takes_its_content_along_and_nothing_new(api: Api) -> None:
    name = f"{api.namespace}-t"
    api.create("/api/v1/namespaces", {"metadata": {"name": name}})
    maps = f"/api/v1/namespaces/{name}/configmaps"
    api.create(maps, config_map("a", finalizers=["x.io/f"]))
    api.delete(f"/api/v1/namespaces/{name}")
    assert api.get(f"/api/v1/namespaces/{name}")["status"]["phase"] == "Terminating"
    api.create(maps, config_map("b"), code=403)
    api.patch(f"{maps}/a", {"metadata": {"finalizers": None}})
    for _ in moments():
        if api.send("GET", f"/api/v1/namespaces/{name}").status_code == 404:
            break
    api.get(f"{maps}/a", code=404)
