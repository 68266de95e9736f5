from __future__ import annotations

from typing import Any

from rulectl.openapi import Table
from rulectl.resource import Kind
from tests.sandbox.client import CRDS, Client, widget_crd


def document(client: Client, name: str) -> Any:
    paths = client.get("/openapi/v3")["paths"]
    return client.get(paths[name]["serverRelativeURL"].partition("?")[0])


def test_the_index_leads_to_a_document_for_each_group_and_version(client: Client) -> None:
    schemas = document(client, "api/v1")["components"]["schemas"]
    assert schemas["io.k8s.api.core.v1.Pod"]["x-kubernetes-group-version-kind"]


def test_patches_say_that_fields_are_validated_so_that_kubectl_lets_the_server_do_it(client: Client) -> None:
    paths = document(client, "apis/apps/v1")["paths"]
    patch = paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert "fieldValidation" in [parameter["name"] for parameter in patch["parameters"]]
    assert "application/strategic-merge-patch+json" in patch["requestBody"]["content"]


def test_a_crd_s_schema_is_in_its_document_and_changes_with_it(widgets: Client) -> None:
    name = "com.example.v1.Widget"
    before = document(widgets, "apis/example.com/v1")["components"]["schemas"][name]
    assert before["properties"]["spec"]["properties"]["color"]["default"] == "red"
    body = widget_crd()
    body["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["color"] = {
        "type": "integer"
    }
    widgets.patch(f"{CRDS}/widgets.example.com", {"spec": {"versions": body["spec"]["versions"]}})
    after = document(widgets, "apis/example.com/v1")["components"]["schemas"][name]
    assert after["properties"]["spec"]["properties"]["color"] == {"type": "integer"}


def test_the_documents_can_be_read_back_as_a_table_of_kinds(widgets: Client) -> None:
    table = Table.of_documents([document(widgets, "apis/example.com/v1"), document(widgets, "api/v1")])
    widget = table.schema(Kind("example.com/v1", "Widget"))
    pod = table.schema(Kind("v1", "Pod"))
    assert widget is not None
    assert pod is not None
    assert widget.properties["spec"].properties["size"].type == "integer"
    containers = pod.properties["spec"].properties["containers"]
    assert (containers.merge_key, containers.map_keys) == ("name", ("name",))


def test_version_2_has_everything_in_one(widgets: Client) -> None:
    shown = widgets.get("/openapi/v2")
    assert {"io.k8s.api.core.v1.Pod", "com.example.v1.Widget"} <= shown["definitions"].keys()
    patch = shown["paths"]["/apis/example.com/v1/namespaces/{namespace}/widgets/{name}"]["patch"]
    assert patch["consumes"] == [
        "application/apply-patch+yaml",
        "application/json-patch+json",
        "application/merge-patch+json",
    ]
