from __future__ import annotations

from typing import Any

import pytest

from rulectl.sandbox.store import StorageType
from tests.sandbox.client import CRDS, TABLE, WIDGETS, Client, events, told, widget, widget_crd

OPEN: dict[str, Any] = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}


def test_a_crd_is_established_at_once(client: Client) -> None:
    made = client.create(CRDS, widget_crd())
    conditions = {entry["type"]: entry["status"] for entry in made["status"]["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}
    assert made["status"]["storedVersions"] == ["v1"]
    assert made["spec"]["names"]["listKind"] == "WidgetList"


def test_a_crd_s_resource_is_served_and_discovered(widgets: Client) -> None:
    widgets.create(WIDGETS, widget("w", size=1))
    assert widgets.get(WIDGETS)["kind"] == "WidgetList"
    resources = [entry["name"] for entry in widgets.get("/apis/example.com/v1")["resources"]]
    assert resources == ["widgets", "widgets/status"]
    assert "example.com" in [group["name"] for group in widgets.get("/apis")["groups"]]


@pytest.mark.parametrize(
    ("path", "value", "cause"),
    [
        (("metadata", "name"), "other", "metadata.name"),
        (("spec", "scope"), "Everywhere", "spec.scope"),
        (("spec", "group"), "", "spec.group"),
        (("spec", "versions"), [], "spec.versions"),
        (("spec", "versions"), [{"name": "v1", "served": True, "storage": False, "schema": OPEN}], "spec.versions"),
        (
            ("spec", "versions"),
            [{"name": "v1", "served": True, "storage": True}],
            "spec.versions[0].schema.openAPIV3Schema",
        ),
        (
            ("spec", "versions"),
            [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "string"}}}],
            "spec.versions[0].schema.openAPIV3Schema.type",
        ),
    ],
)
def test_a_crd_that_makes_no_resource_is_refused(
    client: Client, path: tuple[str, str], value: object, cause: str
) -> None:
    body = widget_crd()
    body[path[0]][path[1]] = value
    refused = client.create(CRDS, body, code=422)
    assert cause in [entry["field"] for entry in refused["details"]["causes"]]


def test_a_custom_resource_gets_defaults_and_loses_unknown_fields(widgets: Client) -> None:
    made = widgets.create(WIDGETS, widget("w", size=2, unknown=1))
    assert made["spec"] == {"size": 2, "color": "red"}


def test_a_dropped_field_is_warned_of_or_refused(widgets: Client) -> None:
    widgets.create(WIDGETS, widget("w", size=2, unknown=1))
    assert "spec.unknown" in widgets.headers["Warning"]
    widgets.create(WIDGETS, widget("x", size=2, unknown=1), code=400, fieldValidation="Strict")


@pytest.mark.parametrize("size", [0, "big", 1.5])
def test_a_value_that_the_schema_forbids_is_invalid(widgets: Client, size: object) -> None:
    refused = widgets.create(WIDGETS, widget("w", size=size), code=422)
    assert refused["details"]["causes"][0]["field"] == "spec.size"
    widgets.create(WIDGETS, widget("v", size=1))
    widgets.patch(f"{WIDGETS}/v", {"spec": {"size": size}}, code=422)


def test_the_generation_of_a_custom_resource_ignores_its_status(widgets: Client) -> None:
    widgets.create(WIDGETS, widget("w", size=1))
    by_status = widgets.patch(f"{WIDGETS}/w/status", {"status": {"ok": True}})
    assert (by_status["metadata"]["generation"], by_status["status"]) == (1, {"ok": True})
    assert widgets.patch(f"{WIDGETS}/w", {"spec": {"size": 2}})["metadata"]["generation"] == 2


def test_without_a_status_subresource_status_is_a_field_like_any_other(client: Client) -> None:
    client.create(CRDS, widget_crd(subresources={}))
    made = client.create(WIDGETS, {**widget("w", size=1), "status": {"ok": True}})
    assert made["status"] == {"ok": True}
    client.patch(f"{WIDGETS}/w/status", {"status": {}}, code=404)


def test_a_changed_crd_changes_what_is_valid_from_then_on(widgets: Client) -> None:
    body = widget_crd()
    del body["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["size"]["minimum"]
    widgets.patch(f"{CRDS}/widgets.example.com", {"spec": body["spec"]}, code=200)
    schema = body["spec"]["versions"]
    widgets.patch(f"{CRDS}/widgets.example.com", {"spec": {"versions": schema}})
    assert widgets.create(WIDGETS, widget("w", size=0))["spec"]["size"] == 0


def test_a_watch_goes_on_when_the_crd_changes(widgets: Client) -> None:
    watch = widgets.watch(WIDGETS)
    widgets.patch(f"{CRDS}/widgets.example.com", {"metadata": {"labels": {"a": "b"}}})
    widgets.create(WIDGETS, widget("w", size=1))
    assert told(watch) == [("ADDED", "w")]


def test_every_served_version_shows_the_same_objects(client: Client) -> None:
    body = widget_crd()
    first = body["spec"]["versions"][0]
    body["spec"]["versions"] = [first, {**first, "name": "v2", "storage": False}]
    client.create(CRDS, body)
    client.create(WIDGETS, widget("w", size=1))
    second = WIDGETS.replace("/v1/", "/v2/")
    assert client.get(f"{second}/w")["apiVersion"] == "example.com/v2"
    watch = client.watch(second)
    assert events(watch)[0]["object"]["apiVersion"] == "example.com/v2"
    versions = [entry["version"] for entry in client.get("/apis/example.com")["versions"]]
    assert versions == ["v2", "v1"]


def test_a_cluster_scoped_crd_is_served_without_namespaces(client: Client) -> None:
    body = widget_crd()
    body["spec"]["scope"] = "Cluster"
    client.create(CRDS, body)
    client.create("/apis/example.com/v1/widgets", widget("w", size=1))
    assert client.names("/apis/example.com/v1/widgets") == ["w"]


def test_selectable_fields_can_be_selected_by(client: Client) -> None:
    client.create(CRDS, widget_crd(selectableFields=[{"jsonPath": ".spec.color"}]))
    client.create(WIDGETS, widget("a", color="blue"))
    client.create(WIDGETS, widget("b"))
    assert client.names(WIDGETS, fieldSelector="spec.color=blue") == ["a"]
    client.get(WIDGETS, code=400, fieldSelector="spec.size=1")


def test_printer_columns_are_printed(client: Client) -> None:
    columns = [{"name": "Color", "type": "string", "jsonPath": ".spec.color"}]
    client.create(CRDS, widget_crd(additionalPrinterColumns=columns))
    client.create(WIDGETS, widget("a"))
    shown = client.get(WIDGETS, accept=TABLE)
    assert [column["name"] for column in shown["columnDefinitions"]] == ["Name", "Color", "Age"]
    assert shown["rows"][0]["cells"] == ["a", "red", "0s"]


def test_a_custom_scale_reads_and_writes_where_the_crd_says(client: Client) -> None:
    scale = {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"}
    client.create(CRDS, widget_crd(subresources={"scale": scale}))
    client.create(WIDGETS, {**widget("w", size=2), "status": {"size": 1}})
    shown = client.get(f"{WIDGETS}/w/scale")
    assert (shown["spec"], shown["status"]["replicas"]) == ({"replicas": 2}, 1)
    client.patch(f"{WIDGETS}/w/scale", {"spec": {"replicas": 5}})
    assert client.get(f"{WIDGETS}/w")["spec"]["size"] == 5


def test_a_crd_for_what_is_built_in_changes_nothing(client: Client) -> None:
    body = widget_crd()
    body["metadata"]["name"] = "deployments.apps"
    body["spec"] = {**body["spec"], "group": "apps", "names": {"plural": "deployments", "kind": "Deployment"}}
    client.create(CRDS, body)
    client.delete(f"{CRDS}/deployments.apps")
    assert client.get("/apis/apps/v1/deployments")["kind"] == "DeploymentList"
    assert client.sandbox.api.registry.of_storage(StorageType("apps", "deployments")) is not None
