"""Kinds and names to resources."""

from __future__ import annotations

import pytest

from rulectl.clock import VirtualClock
from rulectl.errors import PermanentError
from rulectl.kube.discovery import Discovery
from rulectl.kube.transport import Response
from rulectl.resource import Kind
from rulectl.value import Value, encode
from tests.kube.scripted import Scripted

PODS: Value = {
    "resource": "pods",
    "responseKind": {"group": "", "version": "v1", "kind": "Pod"},
    "scope": "Namespaced",
    "singularResource": "pod",
    "shortNames": ["po"],
    "verbs": ["get", "list", "watch"],
    "subresources": [{"subresource": "status"}],
}


def group(name: str, *versions: tuple[str, list[Value]]) -> Value:
    listed: Value = [
        {"version": version, "resources": resources, "freshness": "Current"} for version, resources in versions
    ]
    return {"metadata": {"name": name}, "versions": listed}


def aggregated(*groups: Value) -> Value:
    return {"kind": "APIGroupDiscoveryList", "items": list(groups)}


def entry(plural: str, kind: str, **more: Value) -> Value:
    return {"resource": plural, "responseKind": {"kind": kind}, "scope": "Namespaced", "verbs": ["watch"], **more}


AGGREGATED: dict[str, Value | Response] = {
    "/api": aggregated(group("", ("v1", [PODS, entry("events", "Event")]))),
    "/apis": aggregated(
        group("apps", ("v1", [entry("deployments", "Deployment", shortNames=["deploy"])])),
        group("events.k8s.io", ("v1", [entry("events", "Event")])),
    ),
}
CLASSIC: dict[str, Value | Response] = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {
        "kind": "APIGroupList",
        "groups": [
            {
                "name": "apps",
                "preferredVersion": {"groupVersion": "apps/v1"},
                "versions": [{"groupVersion": "apps/v1beta1"}, {"groupVersion": "apps/v1"}],
            },
            {"name": "metrics.k8s.io", "versions": [{"groupVersion": "metrics.k8s.io/v1"}]},
        ],
    },
    "/api/v1": {
        "resources": [
            {
                "name": "pods",
                "singularName": "pod",
                "kind": "Pod",
                "namespaced": True,
                "shortNames": ["po"],
                "verbs": ["get", "list", "watch"],
            },
            {"name": "pods/status", "kind": "Pod", "namespaced": True, "verbs": ["get"]},
        ]
    },
    "/apis/apps/v1": {"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True}]},
    "/apis/apps/v1beta1": {"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True}]},
    "/apis/metrics.k8s.io/v1": Response(503, b"down"),
}


def discovery(answers: dict[str, Value | Response]) -> tuple[Discovery, Scripted, VirtualClock]:
    transport, clock = Scripted(answers), VirtualClock()
    return Discovery(transport, clock), transport, clock


@pytest.mark.parametrize("answers", [AGGREGATED, CLASSIC], ids=["aggregated", "classic"])
def test_a_kind_is_found(answers: dict[str, Value | Response]) -> None:
    found = discovery(answers)[0].find(Kind("v1", "Pod"))
    assert found is not None
    assert (found.path("shop", "a"), found.subresources) == ("/api/v1/namespaces/shop/pods/a", frozenset({"status"}))


@pytest.mark.parametrize(
    ("word", "kinds"),
    [
        ("pods", ["v1 Pod"]),
        ("po", ["v1 Pod"]),
        ("Pod", ["v1 Pod"]),
        ("deploy.apps", ["apps/v1 Deployment"]),
        ("deployments.v1.apps", ["apps/v1 Deployment"]),
        ("deployments.v1", ["apps/v1 Deployment"]),
        ("events", ["v1 Event", "events.k8s.io/v1 Event"]),
        ("events.events.k8s.io", ["events.k8s.io/v1 Event"]),
        ("pods.apps", []),
    ],
)
def test_people_may_use_any_of_its_names(word: str, kinds: list[str]) -> None:
    assert [str(found.kind) for found in discovery(AGGREGATED)[0].search(word)] == kinds


def test_the_preferred_version_comes_first() -> None:
    found = discovery(CLASSIC)[0].search("deployments")
    assert [item.kind.api_version for item in found] == ["apps/v1", "apps/v1beta1"]


def test_answers_are_kept() -> None:
    found, transport, _ = discovery(AGGREGATED)
    for _ in range(3):
        found.find(Kind("v1", "Pod"))
    assert len(transport.requests) == 2


def test_an_unknown_kind_is_looked_for_again_but_not_all_the_time() -> None:
    found, transport, clock = discovery(AGGREGATED)
    widget = Kind("example.com/v1", "Widget")
    assert found.find(widget) is None
    transport.answers["/apis"] = aggregated(group("example.com", ("v1", [entry("widgets", "Widget")])))
    assert found.find(widget) is None
    clock.advance(10.0)
    assert found.find(widget) is not None
    assert len(transport.requests) == 4


def test_one_broken_group_hides_no_other() -> None:
    found = discovery(CLASSIC)[0]
    assert found.find(Kind("v1", "Pod")) is not None
    assert found.unavailable() == ("metrics.k8s.io/v1",)


def test_a_refresh_asks_anew() -> None:
    found, transport, _ = discovery(AGGREGATED)
    found.served()
    found.refresh()
    found.served()
    assert len(transport.requests) == 4


def test_what_is_no_api_server_is_said_to_be_none() -> None:
    found = discovery({"/api": Response(200, b"<html>"), "/apis": encode({}).decode()})[0]
    with pytest.raises(PermanentError, match="is this a Kubernetes API server"):
        found.find(Kind("v1", "Pod"))
