from __future__ import annotations

import threading
import time

import pytest

from rulectl.openapi import Node, Table, node_of_crd
from rulectl.openapi.document import V2, V3, definitions
from rulectl.resource import Kind
from rulectl.value import Value, encode, mapping

TABLE = Table.packaged()


def at(kind: Kind, *path: str, table: Table = TABLE) -> Node:
    """The node at a path of keys; ``[]`` steps into a list's items."""
    node = table.schema(kind)
    for step in path:
        assert node is not None, f"{kind} has nothing before {step}"
        node = node.items if step == "[]" else node.child(step)
    assert node is not None
    return node


POD = Kind("v1", "Pod")


def test_containers_of_a_pod_merge_by_name() -> None:
    node = at(POD, "spec", "containers")
    assert (node.type, node.list_type, node.map_keys, node.merge_key) == ("array", "map", ("name",), "name")
    assert node.patch_strategy == ("merge",)


def test_volumes_merge_and_keep_only_the_keys_of_their_source() -> None:
    assert at(POD, "spec", "volumes").patch_strategy == ("merge", "retainKeys")


def test_resource_limits_are_quantities() -> None:
    limits = at(POD, "spec", "containers", "[]", "resources", "limits")
    assert limits.additional is not None
    assert limits.additional.quantity


def test_a_probe_port_is_a_number_or_a_name() -> None:
    assert at(POD, "spec", "containers", "[]", "readinessProbe", "httpGet", "port").int_or_string


def test_selectors_belong_to_one_owner_as_a_whole() -> None:
    assert at(Kind("apps/v1", "Deployment"), "spec", "selector").map_type == "atomic"


def test_what_stands_beside_a_reference_is_kept() -> None:
    strategy = at(Kind("apps/v1", "Deployment"), "spec", "strategy")
    assert strategy.patch_strategy == ("retainKeys",)
    assert "rollingUpdate" in strategy.properties


def test_the_protocol_that_names_a_port_has_its_default() -> None:
    ports = at(POD, "spec", "containers", "[]", "ports")
    assert ports.map_keys == ("containerPort", "protocol")
    assert ports.items is not None
    assert ports.items.properties["protocol"].default == "TCP"


def test_a_definition_may_contain_itself() -> None:
    crd = Kind("apiextensions.k8s.io/v1", "CustomResourceDefinition")
    schema = at(crd, "spec", "versions", "[]", "schema", "openAPIV3Schema")
    assert schema.child("properties") is not None
    deeper = mapping({"x": 1}) and schema.properties["properties"].additional
    assert deeper is schema.properties["properties"].additional
    assert deeper is not None
    assert deeper.name == schema.name


def test_the_same_place_is_the_same_node_also_for_two_threads() -> None:
    table = Table({name: TABLE.raw(name) for name in TABLE.names()})
    found: list[Node] = []
    threads = [threading.Thread(target=lambda: found.append(at(POD, "spec", table=table))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(node is found[0] for node in found)


def test_kinds_are_objects_not_lists_nor_options() -> None:
    kinds = set(TABLE.kinds())
    assert {POD, Kind("apps/v1", "Deployment"), Kind("v1", "ConfigMap")} <= kinds
    assert kinds.isdisjoint({Kind("v1", "PodList"), Kind("v1", "DeleteOptions"), Kind("v1", "Status")})
    assert TABLE.schema(Kind("v1", "PodList")) is not None


def test_an_unknown_kind_has_no_schema() -> None:
    assert TABLE.schema(Kind("v1", "Pot")) is None
    assert TABLE.definition("io.k8s.none") is None


@pytest.mark.parametrize("version", Table.versions())
def test_every_version_has_pods_and_knows_its_name(version: str) -> None:
    table = Table.packaged(version)
    assert table.version == version
    assert at(POD, "spec", "containers", table=table).map_keys == ("name",)


def test_an_older_version_has_what_was_there_then() -> None:
    old, new = Table.packaged("v1.30.4"), Table.packaged()
    kind = Kind("resource.k8s.io/v1", "ResourceClaim")
    assert (old.schema(kind), new.schema(kind) is None) == (None, False)


def test_a_version_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"no definitions of Kubernetes 1\.12; there are 1\.37, 1\.36"):
        Table.packaged("1.12")


def test_loading_and_finding_a_kind_takes_milliseconds() -> None:
    best = min(_seconds_to_load() for _ in range(5))
    assert best < 0.05


def _seconds_to_load() -> float:
    from rulectl.openapi import packaged

    packaged.load.cache_clear()
    packaged.definitions.cache_clear()
    start = time.process_time()
    table = Table(packaged.definitions("1.37"))
    assert table.schema(POD) is not None
    return time.process_time() - start


def test_a_live_servers_document_reads_like_the_packaged_table() -> None:
    raw = definitions(TABLE, [TABLE.definition_name(POD)], prefix=V3)
    live = Table.of_documents([{"components": {"schemas": raw}}])
    assert at(POD, "spec", "containers", table=live).map_keys == ("name",)
    limits = at(POD, "spec", "containers", "[]", "resources", "limits", table=live).additional
    assert limits is not None
    assert limits.quantity
    assert at(POD, "spec", "hostPID", table=live).description.startswith("Use the host's pid namespace.")


@pytest.mark.parametrize("prefix", [V2, V3])
def test_a_document_holds_all_that_it_refers_to(prefix: str) -> None:
    found = definitions(TABLE, [TABLE.definition_name(POD), "not.there"], prefix=prefix)
    text = encode(found).decode()
    referred = {part.partition('"')[0] for part in text.split(f'"$ref":"{prefix}')[1:]}
    assert referred
    assert referred <= found.keys()
    assert "not.there" not in found


def test_a_version_2_document_has_no_unions() -> None:
    found = definitions(TABLE, TABLE.names(), prefix=V2)
    assert b"oneOf" not in encode({name: found[name] for name in found if name.endswith(("Quantity", "IntOrString"))})
    assert mapping(found["io.k8s.apimachinery.pkg.util.intstr.IntOrString"])["format"] == "int-or-string"


def test_a_document_says_what_fields_are_for() -> None:
    found = definitions(TABLE, [TABLE.definition_name(POD)])
    assert mapping(found["io.k8s.api.core.v1.Pod"])["description"] == (
        "Pod is a collection of containers that can run on a host."
    )


CRD: dict[str, Value] = {
    "type": "object",
    "required": ["spec"],
    "properties": {
        "metadata": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 5}}},
        "spec": {
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": True,
            "properties": {
                "size": {"type": "integer", "minimum": 1, "default": 3, "nullable": True},
                "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
                "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
                "extra": {"type": "object", "additionalProperties": True},
            },
        },
    },
}


def test_a_crd_is_read_into_the_same_nodes() -> None:
    spec = node_of_crd(CRD).properties["spec"]
    size, tags = spec.properties["size"], spec.properties["tags"]
    assert (size.limits.minimum, size.default, size.has_default, size.nullable) == (1, 3, True, True)
    assert (tags.list_type, spec.preserve_unknown, spec.properties["port"].int_or_string) == ("set", True, True)
    assert len(spec.properties["port"].limits.any_of) == 2


def test_a_crds_metadata_is_kubernetes_own_with_its_limits() -> None:
    meta = node_of_crd(CRD).properties["metadata"]
    assert meta.properties["ownerReferences"].map_keys == ("uid",)
    assert meta.properties["finalizers"].list_type == "set"
    assert meta.properties["name"].limits.max_length == 5


def test_additional_properties_true_allow_anything() -> None:
    extra = node_of_crd(CRD).properties["spec"].properties["extra"]
    assert extra.additional is not None
    assert extra.additional.anything


def test_a_reference_in_a_crd_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\$ref 'x' cannot be followed here"):
        node_of_crd({"type": "object", "properties": {"spec": {"$ref": "#/x"}}})
