"""The client: one call, one request."""

from __future__ import annotations

import pytest

from rulectl.clock import VirtualClock
from rulectl.errors import NotFound, TransientError
from rulectl.kube.client import KubeClient, PatchType
from rulectl.kube.transport import Request, Response
from rulectl.resource import Kind, ObjectKey, Resource
from rulectl.value import Value, decode
from tests.kube.scripted import Scripted

PODS = Resource(Kind("v1", "Pod"), "pods", namespaced=True)
KEY = ObjectKey("shop", "a")
PATH = "/api/v1/namespaces/shop/pods/a"
POD: Value = {"metadata": {"name": "a", "namespace": "shop"}}


def client(answers: dict[str, Value | Response]) -> tuple[KubeClient, Scripted]:
    transport = Scripted(answers)
    return KubeClient(transport, VirtualClock()), transport


def last(transport: Scripted) -> Request:
    return transport.requests[-1]


def test_it_gets_an_object_or_its_subresource() -> None:
    kube, transport = client({PATH: POD, f"{PATH}/scale": {"spec": {}}})
    assert kube.get(PODS, KEY) == POD
    assert kube.get(PODS, KEY, subresource="scale") == {"spec": {}}
    assert last(transport).method == "GET"


def test_it_lists_by_page() -> None:
    metadata: Value = {"resourceVersion": "9", "continue": "more", "remainingItemCount": 3}
    kube, transport = client({"/api/v1/pods": {"metadata": metadata, "items": [POD]}})
    page = kube.list_page(PODS, label_selector="app=x", limit=1)
    assert (page.items, page.resource_version, page.continue_token, page.remaining) == ((POD,), "9", "more", 3)
    assert last(transport).query == {"labelSelector": "app=x", "limit": "1"}


def test_it_creates_in_the_namespace_of_the_body() -> None:
    kube, transport = client({"/api/v1/namespaces/shop/pods": POD})
    kube.create(PODS, {"metadata": {"name": "a", "namespace": "shop"}}, field_manager="me", dry_run=True)
    assert (last(transport).method, last(transport).query) == ("POST", {"fieldManager": "me", "dryRun": "All"})


def test_it_updates_a_subresource() -> None:
    kube, transport = client({f"{PATH}/status": POD})
    kube.update(PODS, KEY, {"status": {}}, subresource="status")
    assert (last(transport).method, last(transport).body) == ("PUT", b'{"status":{}}')


@pytest.mark.parametrize("type_", PatchType)
def test_it_patches_with_the_media_type_and_forces_only_applies(type_: PatchType) -> None:
    kube, transport = client({PATH: POD})
    kube.patch(PODS, KEY, {}, type=type_, field_manager="me", force=True)
    assert last(transport).content_type == type_.value
    assert ("force" in last(transport).query) is (type_ is PatchType.APPLY)


def test_it_deletes_with_preconditions() -> None:
    kube, transport = client({PATH: {"kind": "Status"}})
    kube.delete(PODS, KEY, uid="u", propagation="Foreground", grace_period_seconds=0)
    assert decode(last(transport).body or b"") == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": "u"},
        "propagationPolicy": "Foreground",
        "gracePeriodSeconds": 0,
    }


def test_an_error_says_what_was_being_done() -> None:
    kube, _ = client({})
    with pytest.raises(NotFound, match=r"^reading v1 Pod shop/a: not found \(404\)$"):
        kube.get(PODS, KEY)


def test_an_answer_that_is_no_json_may_come_from_a_proxy() -> None:
    kube, _ = client({PATH: Response(200, b"<html>")})
    with pytest.raises(TransientError, match="is there a proxy in between"):
        kube.get(PODS, KEY)
