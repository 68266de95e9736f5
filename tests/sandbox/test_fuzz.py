"""Whatever comes in, an answer goes out, and a refused request changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.sandbox import Answer
from rulectl.value import decode, encode
from tests.sandbox.client import (
    APPLY,
    CONFIG_MAPS,
    CRDS,
    DEPLOYMENTS,
    JSON_PATCH,
    MERGE,
    PODS,
    STRATEGIC,
    WIDGETS,
    Client,
    config_map,
    deployment,
    pod,
    widget,
    widget_crd,
)

NAMES = """
a b name metadata spec status data labels annotations finalizers ownerReferences uid resourceVersion kind
apiVersion namespace generateName containers replicas selector template deletionTimestamp managedFields size
versions schema openAPIV3Schema properties type names plural group scope items op path value $patch /a /metadata
"""
WORDS = st.sampled_from(NAMES.split())
TEXTS = st.sampled_from(["", "a", "x.io/f", "v1", "add"])
PARAMETERS = """
watch limit continue resourceVersion resourceVersionMatch labelSelector fieldSelector timeoutSeconds
allowWatchBookmarks sendInitialEvents includeObject dryRun
"""
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-2, 3), TEXTS, WORDS)
VALUES: Any = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=12
)
BODIES = {CONFIG_MAPS: config_map("x"), PODS: pod("x"), DEPLOYMENTS: deployment("x"), WIDGETS: widget("x", size=1)}
BODIES[CRDS] = widget_crd()


def grown(body: Any, where: list[str], value: Any) -> Any:
    """`body` with `value` somewhere in it."""
    if not where or not isinstance(body, dict):
        return value
    return {**body, where[0]: grown(body.get(where[0]), where[1:], value)}


def world() -> Client:
    client = Client()
    client.create(CRDS, widget_crd())
    for path, body in BODIES.items():
        if path != CRDS:
            client.create(path, grown(body, ["metadata", "name"], "there"))
    return client


@given(st.sampled_from(sorted(BODIES)), st.lists(WORDS, max_size=3), VALUES, st.sampled_from(["POST", "PUT"]))
@settings(max_examples=150, deadline=None)
def test_any_body_is_answered(path: str, where: list[str], value: Any, method: str) -> None:
    client = world()
    name = "there" if path != CRDS else "widgets.example.com"
    whole = BODIES[path] if method == "POST" else grown(BODIES[path], ["metadata", "name"], name)
    body = grown(whole, where, value)
    before = client.version()
    reply = client.ask(method, path if method == "POST" else f"{path}/{name}", encode(body))
    assert isinstance(reply, Answer)
    assert reply.status < 500, (body, reply.body)
    assert reply.status < 300 or client.version() == before
    assert client.names(CONFIG_MAPS)


@given(
    st.sampled_from(sorted(BODIES)),
    st.lists(WORDS, max_size=3),
    VALUES,
    st.sampled_from([MERGE, JSON_PATCH, STRATEGIC, APPLY]),
    st.sampled_from(["", "/status", "/scale"]),
)
@settings(max_examples=150, deadline=None)
def test_any_patch_is_answered(path: str, where: list[str], value: Any, kind: str, below: str) -> None:
    client = world()
    name = "there" if path != CRDS else "widgets.example.com"
    whole = grown(BODIES[path], ["metadata", "name"], name) if kind == APPLY else {}
    body = [value] if kind == JSON_PATCH else grown(whole, where, value)
    before = client.version()
    reply = client.ask("PATCH", f"{path}/{name}{below}", encode(body), kind, fieldManager="me", force="true")
    assert isinstance(reply, Answer)
    # An applied configuration that its schema cannot type is a 500 on a server too.
    assert reply.status < 500 or kind == APPLY, (body, reply.body)
    assert reply.status < 300 or client.version() == before


@pytest.mark.parametrize("path", [CONFIG_MAPS, "/api/v1/pods", "/apis/apps/v1/deployments"])
@given(
    st.dictionaries(
        st.sampled_from(PARAMETERS.split()),
        st.text(max_size=6) | st.sampled_from(["1", "0", "true", "Exact", "NotOlderThan", "a=b", "metadata.name=a"]),
    )
)
@settings(max_examples=60, deadline=None)
def test_any_query_is_answered(path: str, query: dict[str, str]) -> None:
    reply = Client().ask("GET", path, **query)
    if isinstance(reply, Answer):
        assert decode(reply.body)
        assert reply.status in {200, 400, 410, 422, 500, 504}
