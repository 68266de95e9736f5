from __future__ import annotations

import pytest

from rulectl.openapi import ApiResource, Table, builtin_resources
from rulectl.resource import Kind

EVERY_VERB = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


def resource(api_version: str, plural: str) -> ApiResource:
    return next(r for r in builtin_resources() if (r.kind.api_version, r.plural) == (api_version, plural))


def test_pods_have_all_that_discovery_says_about_them() -> None:
    pods = resource("v1", "pods")
    assert (pods.kind, pods.singular, pods.namespaced) == (Kind("v1", "Pod"), "pod", True)
    assert (pods.verbs, pods.short_names, pods.categories) == (EVERY_VERB, ("po",), ("all",))
    assert {s.name for s in pods.subresources} == {"binding", "ephemeralcontainers", "eviction", "resize", "status"}


@pytest.mark.parametrize(
    ("api_version", "plural", "name", "kind", "verbs"),
    [
        ("apps/v1", "deployments", "scale", Kind("autoscaling/v1", "Scale"), ("get", "patch", "update")),
        ("apps/v1", "deployments", "status", Kind("apps/v1", "Deployment"), ("get", "patch", "update")),
        ("v1", "pods", "eviction", Kind("policy/v1", "Eviction"), ("create",)),
        ("v1", "pods", "binding", Kind("v1", "Binding"), ("create",)),
        ("v1", "serviceaccounts", "token", Kind("authentication.k8s.io/v1", "TokenRequest"), ("create",)),
    ],
    ids=str,
)
def test_a_subresource_has_its_own_kind(
    api_version: str, plural: str, name: str, kind: Kind, verbs: tuple[str, ...]
) -> None:
    found = resource(api_version, plural).subresource(name)
    assert found is not None
    assert (found.kind, found.verbs) == (kind, verbs)


def test_reviews_can_only_be_created() -> None:
    assert resource("authorization.k8s.io/v1", "selfsubjectaccessreviews").verbs == ("create",)


def test_namespaces_are_not_deleted_as_a_collection() -> None:
    namespaces = resource("v1", "namespaces")
    assert not namespaces.namespaced
    assert "deletecollection" not in namespaces.verbs


def test_events_are_served_by_two_groups() -> None:
    assert resource("v1", "events").kind == Kind("v1", "Event")
    assert resource("events.k8s.io/v1", "events").kind == Kind("events.k8s.io/v1", "Event")


def test_every_resource_has_a_schema_and_a_place_of_its_own() -> None:
    found = builtin_resources()
    assert len({(r.kind.api_version, r.plural) for r in found}) == len(found)
    assert all(Table.packaged().schema(r.kind) is not None for r in found)


def test_alpha_and_beta_versions_can_be_told_apart() -> None:
    assert resource("apps/v1", "deployments").stable
    assert not next(r for r in builtin_resources() if r.kind.version == "v1beta1").stable


def test_an_older_version_serves_less() -> None:
    plurals = {(r.kind.api_version, r.plural) for r in builtin_resources("1.30")}
    assert ("resource.k8s.io/v1", "resourceclaims") not in plurals
    assert ("apps/v1", "deployments") in plurals


def test_the_rest_of_the_package_gets_its_own_form() -> None:
    deployments = resource("apps/v1", "deployments").resource
    assert deployments.path("n", "d", "scale") == "/apis/apps/v1/namespaces/n/deployments/d/scale"
    assert deployments.subresources == {"scale", "status"}
