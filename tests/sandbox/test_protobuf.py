"""The bodies are what kubectl 1.32 sent for the commands they are named after."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulectl.sandbox.protobuf import KINDS, MAGIC, UnsupportedProtobuf, decode
from rulectl.value import Value

BODIES: dict[str, tuple[str, dict[str, Value]]] = {
    "create ns n1": (
        "azhzAAoPCgJ2MRIJTmFtZXNwYWNlEhoKEgoCbjESABoAIgAqADIAOABCABIAGgIKABoAIgA=",
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n1"}},
    ),
    "create cm c --from-literal=a=b": (
        "azhzAAoPCgJ2MRIJQ29uZmlnTWFwEh0KEwoBYxIAGgJuMSIAKgAyADgAQgASBgoBYRIBYhoAIgA=",
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "c", "namespace": "n1"},
            "data": {"a": "b"},
        },
    ),
    "create secret generic s --from-literal=a=b": (
        "azhzAAoMCgJ2MRIGU2VjcmV0Eh8KEwoBcxIAGgJuMSIAKgAyADgAQgASBgoBYRIBYhoAGgAiAA==",
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "s", "namespace": "n1"},
            "data": {"a": "Yg=="},
        },
    ),
    "create sa x": (
        "azhzAAoUCgJ2MRIOU2VydmljZUFjY291bnQSFQoTCgF4EgAaAm4xIgAqADIAOABCABoAIgA=",
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "x", "namespace": "n1"}},
    ),
    "auth can-i list pods": (
        "azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSOAoQCgASABoAIgAqADIAOABC"
        "ABIaChgKAm4xEgRsaXN0GgAiACoEcG9kczIAOgAaCAgAEgAaACAAGgAiAA==",
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {"namespace": "n1", "verb": "list", "resource": "pods"}},
        },
    ),
    "create deploy d --image=nginx --replicas=2 --port=80": (
        "azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50ErIBCh0KAWQSABoCbjEiACoAMgA4AEIAWggKA2FwcBIBZBKCAQgCEgoKCAoDYXBw"
        "EgFkGmoKGgoAEgAaACIAKgAyADgAQgBaCAoDYXBwEgFkEkwSLgoFbmdpbngSBW5naW54KgAyCgoAEAAYUCIAKgBCAGoAcgCAAQCI"
        "AQCQAQCiAQAaADIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAIgIKACgAOAAaDAgAEAAYACAAKAA4ABoAIgA=",
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "d", "namespace": "n1", "labels": {"app": "d"}},
            "spec": {
                "replicas": 2,
                "selector": {"matchLabels": {"app": "d"}},
                "template": {
                    "metadata": {"labels": {"app": "d"}},
                    "spec": {"containers": [{"name": "nginx", "image": "nginx", "ports": [{"containerPort": 80}]}]},
                },
            },
        },
    ),
    "create svc clusterip s --tcp=80:8080": (
        "azhzAAoNCgJ2MRIHU2VydmljZRJlCh0KAXMSABoCbjEiACoAMgA4AEIAWggKA2FwcBIBcxJAChsKBzgwLTgwODASA1RDUBhQIgcI"
        "ABCQPxoAKAASCAoDYXBwEgFzGgAiCUNsdXN0ZXJJUDoAQgBSAFoAYABoABoCCgAaACIA",
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "s", "namespace": "n1", "labels": {"app": "s"}},
            "spec": {
                "type": "ClusterIP",
                "ports": [{"name": "80-8080", "protocol": "TCP", "port": 80, "targetPort": 8080}],
                "selector": {"app": "s"},
            },
        },
    ),
    "create quota q --hard=cpu=1,pods=2": (
        "azhzAAoTCgJ2MRINUmVzb3VyY2VRdW90YRIyChMKAXESABoCbjEiACoAMgA4AEIAEhkKCgoDY3B1EgMKATEKCwoEcG9kcxIDCgEyGgAaACIA",
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "q", "namespace": "n1"},
            "spec": {"hard": {"cpu": "1", "pods": "2"}},
        },
    ),
    "create pdb p --selector=a=b --min-available=50%": (
        "azhzAAogCglwb2xpY3kvdjESE1BvZERpc3J1cHRpb25CdWRnZXQSOAoTCgFwEgAaAm4xIgAqADIAOABCABIVCgkIARAAGgM1MCUS"
        "CAoGCgFhEgFiGgoIABgAIAAoADAAGgAiAA==",
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "p", "namespace": "n1"},
            "spec": {"minAvailable": "50%", "selector": {"matchLabels": {"a": "b"}}},
        },
    ),
    "create ingress i --rule=a.com/b=s:80": (
        "azhzAAofChRuZXR3b3JraW5nLms4cy5pby92MRIHSW5ncmVzcxJCChMKAWkSABoCbjEiACoAMgA4AEIAEicaJQoFYS5jb20SHAoa"
        "ChgKAi9iEgsiCQoBcxIECgAQUBoFRXhhY3QaAgoAGgAiAA==",
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "i", "namespace": "n1"},
            "spec": {
                "rules": [
                    {
                        "host": "a.com",
                        "http": {
                            "paths": [
                                {
                                    "path": "/b",
                                    "backend": {"service": {"name": "s", "port": {"number": 80}}},
                                    "pathType": "Exact",
                                }
                            ]
                        },
                    }
                ]
            },
        },
    ),
    "create priorityclass p --value=0": (
        "azhzAAolChRzY2hlZHVsaW5nLms4cy5pby92MRINUHJpb3JpdHlDbGFzcxIvChEKAXASABoAIgAqADIAOABCABAAGAAiACoUUHJl"
        "ZW1wdExvd2VyUHJpb3JpdHkaACIA",
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": "p"},
            "value": 0,
            "preemptionPolicy": "PreemptLowerPriority",
        },
    ),
}


@pytest.mark.parametrize(("body", "result"), BODIES.values(), ids=BODIES)
def test_what_kubectl_sends_is_read(body: str, result: dict[str, Value]) -> None:
    assert decode(base64.b64decode(body)) == result


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return bytes([number << 3]) + varint(content)
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def body(api_version: str, kind: str, raw: bytes = b"", encoding: bytes = b"") -> bytes:
    meta = field(1, api_version.encode()) + field(2, kind.encode())
    return MAGIC + field(1, meta) + field(2, raw) + field(3, encoding)


def test_times_and_negative_numbers_are_read() -> None:
    meta = field(1, b"n") + field(8, field(1, 1_767_225_600)) + field(10, -1)
    assert decode(body("v1", "Namespace", field(1, meta)))["metadata"] == {
        "name": "n",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "deletionGracePeriodSeconds": -1,
    }


def test_a_pointer_to_false_says_something() -> None:
    assert decode(body("v1", "ConfigMap", field(4, 0)))["immutable"] is False


def test_a_kind_without_a_table_is_refused_with_a_way_out() -> None:
    with pytest.raises(UnsupportedProtobuf) as caught:
        decode(body("apps/v1", "DaemonSet"))
    assert caught.value.status == 415
    assert str(caught.value) == (
        "apps/v1 DaemonSet in protobuf is not supported by the sandbox;"
        " send JSON or YAML instead: kubectl apply -f FILE, or kubectl create -f FILE"
    )


def test_a_field_without_a_table_is_refused_not_dropped() -> None:
    with pytest.raises(UnsupportedProtobuf, match="field 9 of ConfigMap in protobuf is not supported"):
        decode(body("v1", "ConfigMap", field(9, b"x")))


def test_an_encoded_body_is_refused() -> None:
    with pytest.raises(UnsupportedProtobuf, match="content encoding gzip in protobuf"):
        decode(body("v1", "ConfigMap", encoding=b"gzip"))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{}", "the body does not begin with k8s and a zero byte"),
        (MAGIC + b"\x0a\x7f", "the body is cut short"),
        (MAGIC + b"\x80", "the body is cut short"),
        (MAGIC + b"\x0d\0\0\0\0", "wire type 5 does not occur"),
        (body("v1", "Namespace", field(1, field(8, field(1, 1 << 62)))), "is no time|year"),
        (body("v1", "ConfigMap", field(1, 5)), "a number where text or a message belongs"),
    ],
)
def test_a_malformed_body_is_told_as_such(data: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        decode(data)


@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=30))
def test_no_body_fails_in_another_way(kind: tuple[str, str], raw: bytes) -> None:
    try:
        found = decode(body(*kind, raw))
    except (UnsupportedProtobuf, ValueError):
        return
    assert (found["apiVersion"], found["kind"]) == kind
