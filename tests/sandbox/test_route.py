from __future__ import annotations

import pytest

from rulectl.sandbox.registry import Registry, version_order
from rulectl.sandbox.route import route

REGISTRY = Registry()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/pods", ("pods", "", "", "", False)),
        ("/api/v1/namespaces/a/pods", ("pods", "a", "", "", False)),
        ("/api/v1/namespaces/a/pods/p", ("pods", "a", "p", "", False)),
        ("/api/v1/namespaces/a/pods/p/status", ("pods", "a", "p", "status", False)),
        ("/api/v1/namespaces", ("namespaces", "", "", "", False)),
        ("/api/v1/namespaces/a", ("namespaces", "", "a", "", False)),
        ("/api/v1/namespaces/a/status", ("namespaces", "", "a", "status", False)),
        ("/api/v1/namespaces/a/finalize", ("namespaces", "", "a", "finalize", False)),
        ("/api/v1/nodes/n", ("nodes", "", "n", "", False)),
        ("/api/v1/watch/namespaces/a/pods/p", ("pods", "a", "p", "", True)),
        ("/api/v1/watch/pods", ("pods", "", "", "", True)),
        ("/apis/apps/v1/namespaces/a/deployments/d/scale", ("deployments", "a", "d", "scale", False)),
    ],
)
def test_a_path_names_a_resource_an_object_or_a_subresource(path: str, expected: tuple[object, ...]) -> None:
    found = route(REGISTRY, path)
    assert found is not None
    assert (found.served.plural, found.namespace, found.name, found.subresource, found.legacy_watch) == expected


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/things",
        "/apis/none.example.com/v1/things",
        "/apis/apps/v9/deployments",
        "/api/v1/namespaces/a/nodes/n",
        "/api/v1/pods/p",
        "/api/v1/namespaces/a/pods/p/status/more",
        "/api/v1//pods",
        "/api/v1",
        "/other",
    ],
)
def test_a_path_that_names_nothing_has_no_route(path: str) -> None:
    assert route(REGISTRY, path) is None


def test_versions_are_preferred_as_on_a_server() -> None:
    versions = ["v1beta1", "v10", "foo", "v2", "v1alpha1", "v1", "v1beta2"]
    assert sorted(versions, key=version_order) == ["v10", "v2", "v1", "v1beta2", "v1beta1", "v1alpha1", "foo"]
