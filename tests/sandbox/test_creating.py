from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import CONFIG_MAPS, DEPLOYMENTS, PODS, Client, config_map, deployment, pod

NAMESPACES = "/api/v1/namespaces"


def test_a_new_object_gets_what_only_the_server_can_say(client: Client) -> None:
    made = client.create(CONFIG_MAPS, config_map("a"))["metadata"]
    assert made["creationTimestamp"] == "2023-11-14T22:13:20Z"
    assert made["namespace"] == "default"
    assert made["resourceVersion"] == client.version()
    assert len(made["uid"]) == 36


def test_what_a_client_says_of_uid_and_times_is_not_taken(client: Client) -> None:
    body = config_map("a", uid="mine", creationTimestamp="2001-01-01T00:00:00Z", generation=7, deletionTimestamp="x")
    made = client.create(CONFIG_MAPS, body)["metadata"]
    assert made["uid"] != "mine"
    assert made["creationTimestamp"] != "2001-01-01T00:00:00Z"
    assert not {"generation", "deletionTimestamp"} & made.keys()


def test_what_is_null_or_an_empty_map_is_not_kept(client: Client) -> None:
    body = pod("a", nodeName=None, tolerations=[{"key": None, "operator": "Exists"}])
    body["metadata"] |= {"annotations": {}, "finalizers": None, "creationTimestamp": None}
    made = client.create(PODS, body)
    assert made["spec"]["tolerations"] == [{"operator": "Exists"}]
    assert "nodeName" not in made["spec"]
    assert not {"annotations", "finalizers"} & made["metadata"].keys()


def test_apiversion_and_kind_may_be_left_out_for_a_built_in_kind(client: Client) -> None:
    assert client.create(CONFIG_MAPS, {"metadata": {"name": "a"}})["kind"] == "ConfigMap"


def test_a_namespace_is_active_and_labelled_with_its_name(client: Client) -> None:
    made = client.create(NAMESPACES, {"metadata": {"name": "shop"}})
    assert made["status"] == {"phase": "Active"}
    assert made["metadata"]["labels"] == {"kubernetes.io/metadata.name": "shop"}


def test_a_pod_begins_pending_whatever_status_it_brings(client: Client) -> None:
    made = client.create(PODS, {**pod("a"), "status": {"phase": "Running"}})
    assert made["status"]["phase"] == "Pending"
    assert made["spec"]["restartPolicy"] == "Always"


def test_a_deployment_gets_its_defaults_and_generation_1(client: Client) -> None:
    body = deployment("a")
    del body["spec"]["replicas"]
    made = client.create(DEPLOYMENTS, body)
    assert (made["spec"]["replicas"], made["metadata"]["generation"]) == (1, 1)


def test_a_secret_s_plain_text_is_stored_encoded(client: Client) -> None:
    made = client.create("/api/v1/namespaces/default/secrets", {"metadata": {"name": "s"}, "stringData": {"k": "v"}})
    assert (made["data"], made["type"], "stringData" in made) == ({"k": "dg=="}, "Opaque", False)


def test_a_generated_name_is_the_prefix_and_five_letters(client: Client) -> None:
    made = client.create(CONFIG_MAPS, {"metadata": {"generateName": "gen-"}})["metadata"]
    assert made["name"].startswith("gen-")
    assert len(made["name"]) == len("gen-") + 5
    assert made["generateName"] == "gen-"


@pytest.mark.parametrize(
    ("path", "body", "code", "reason"),
    [
        ("/api/v1/namespaces/nope/configmaps", {"metadata": {"name": "a"}}, 404, "NotFound"),
        (CONFIG_MAPS, pod("a"), 400, "BadRequest"),
        (CONFIG_MAPS, {"apiVersion": "v2", "kind": "ConfigMap", "metadata": {"name": "a"}}, 400, "BadRequest"),
        (CONFIG_MAPS, {"metadata": {"name": "a", "namespace": "other"}}, 400, "BadRequest"),
        (CONFIG_MAPS, {"metadata": {"name": "a", "resourceVersion": "1"}}, 400, "BadRequest"),
        (CONFIG_MAPS, {"metadata": {"name": "Bad_Name"}}, 422, "Invalid"),
        (CONFIG_MAPS, {"metadata": {}}, 422, "Invalid"),
        (CONFIG_MAPS, {"metadata": {"name": "a", "labels": {"a": "not a label"}}}, 422, "Invalid"),
        (CONFIG_MAPS, {"metadata": {"name": "a", "labels": {"-a": "b"}}}, 422, "Invalid"),
        (CONFIG_MAPS, {"metadata": {"name": "a", "annotations": {"a b": "c"}}}, 422, "Invalid"),
        (CONFIG_MAPS, {"metadata": {"name": "a", "annotations": {"a": "x" * 300_000}}}, 422, "Invalid"),
        (CONFIG_MAPS, {"metadata": {"name": "a", "ownerReferences": [{"name": "o"}]}}, 422, "Invalid"),
        (CONFIG_MAPS, [1], 400, "BadRequest"),
        (CONFIG_MAPS, b"{", 400, "BadRequest"),
        (NAMESPACES, {"metadata": {"name": "a.b"}}, 422, "Invalid"),
        ("/api/v1/configmaps", {"metadata": {"name": "a"}}, 405, "MethodNotAllowed"),
        (f"{CONFIG_MAPS}/a", {"metadata": {"name": "a"}}, 405, "MethodNotAllowed"),
        (PODS, {"metadata": {"name": "a"}, "spec": {}}, 422, "Invalid"),
        (PODS, pod("a", restartPolicy="Sometimes"), 422, "Invalid"),
        (PODS, {**pod("a"), "spec": {"containers": [{"image": "i"}]}}, 422, "Invalid"),
        (PODS, pod("a", priority="high"), 400, "BadRequest"),
        (DEPLOYMENTS, {"metadata": {"name": "a"}, "spec": {"replicas": "three"}}, 400, "BadRequest"),
        (DEPLOYMENTS, {"metadata": {"name": "a"}, "spec": {}}, 422, "Invalid"),
    ],
)
def test_what_cannot_be_created_is_refused(client: Client, path: str, body: Any, code: int, reason: str) -> None:
    before = client.version()
    refused = client.create(path, body, code=code)
    assert (refused["kind"], refused["reason"], refused["code"]) == ("Status", reason, code)
    assert client.version() == before


def test_a_second_object_of_the_same_name_is_refused_with_its_name(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a"))
    refused = client.create(CONFIG_MAPS, config_map("a"), code=409)
    assert refused["reason"] == "AlreadyExists"
    assert refused["details"] == {"name": "a", "kind": "configmaps"}
    assert refused["message"] == 'configmaps "a" already exists'


def test_a_refused_name_says_what_a_name_is(client: Client) -> None:
    refused = client.create(CONFIG_MAPS, {"metadata": {"name": "A"}}, code=422)
    assert refused["message"] == (
        'ConfigMap "A" is invalid: metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain is '
        "a-z, 0-9, '-' or '.', a letter or digit at both ends"
    )
    assert refused["details"]["causes"][0]["field"] == "metadata.name"


def test_a_dry_run_answers_as_if_and_stores_nothing(client: Client) -> None:
    before = client.version()
    made = client.create(CONFIG_MAPS, config_map("a"), dryRun="All")
    assert made["metadata"]["uid"]
    assert client.version() == before
    client.get(f"{CONFIG_MAPS}/a", code=404)


def test_a_dry_run_of_another_kind_is_refused(client: Client) -> None:
    client.create(CONFIG_MAPS, config_map("a"), code=422, dryRun="Some")


def test_an_unknown_field_is_warned_of(client: Client) -> None:
    client.create(PODS, pod("a", containrs=[]))
    assert client.headers["Warning"] == '299 - "unknown field \\"spec.containrs\\""'


def test_an_unknown_field_is_refused_when_strictness_is_asked_for(client: Client) -> None:
    refused = client.create(PODS, pod("a", containrs=[]), code=400, fieldValidation="Strict")
    assert 'strict decoding error: unknown field "spec.containrs"' in refused["message"]


def test_an_unknown_field_is_not_spoken_of_when_that_is_asked_for(client: Client) -> None:
    client.create(PODS, pod("a", containrs=[]), fieldValidation="Ignore")
    assert "Warning" not in client.headers


def test_a_body_may_be_yaml(client: Client) -> None:
    body = b"metadata: {name: a}\ndata: {day: '2024-01-01'}\n"
    made = client.call("POST", CONFIG_MAPS, body, 201, kind="application/yaml")
    assert made["data"] == {"day": "2024-01-01"}


def test_a_body_of_an_unknown_type_is_refused(client: Client) -> None:
    client.call("POST", CONFIG_MAPS, b"x", 415, kind="application/cbor")


def test_protobuf_that_is_not_known_here_is_refused_with_a_way_out(client: Client) -> None:
    body = b"k8s\x00\x0a\x09\x0a\x02v1\x12\x03Pod\x12\x00"
    refused = client.call("POST", PODS, body, 415, kind="application/vnd.kubernetes.protobuf")
    assert "kubectl apply -f" in refused["message"]


def test_whoever_creates_an_object_owns_its_fields(client: Client) -> None:
    made = client.create(CONFIG_MAPS, config_map("a"), fieldManager="me")
    (entry,) = made["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == ("me", "Update")
