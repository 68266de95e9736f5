"""What a dry run and an audit show: the request or patch as it would be sent."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.action.attempt import perform
from rulectl.action.outcome import Done
from rulectl.testing import FakeKube, context_for
from rulectl.value import decode
from tests.action.builtin.bench import kind_of
from tests.action.test_table import LIMITS, POD, WEB

UID = "e4b06ce6-0741-47a8-bce4-2c8218072e8c"
MANAGER = "rulectl/test-rule"
GUARD = {"op": "test", "path": "/metadata/uid", "value": UID}
OPERATION = {"op": "replace", "path": "/spec/replicas", "value": 3}
OTHER = {"apiVersion": "v1", "kind": "ConfigMap", "name": "cm"}
KEY = "0123456789abcdef" * 4
NAMES = {"apiVersion": "apps/v1", "kind": "Deployment"}


def patch(body: Any, kind: str = "merge", **more: Any) -> dict[str, Any]:
    return {"patch": "Deployment default/web", "type": kind, "fieldManager": MANAGER, "body": body, **more}


CASES: list[tuple[str, dict[str, Any], Any]] = [
    (
        "label",
        {"set": {"tier": "gold"}, "remove": ["old"]},
        patch({"metadata": {"labels": {"tier": "gold", "old": None}, "uid": UID}}),
    ),
    (
        "annotate",
        {"set": {"a": 1}, "resource": OTHER},
        patch({"metadata": {"annotations": {"a": "1"}}}, patch="ConfigMap default/cm"),
    ),
    ("patch", {"type": "json", "body": [OPERATION]}, patch([GUARD, OPERATION], "json")),
    (
        "patch",
        {"type": "apply", "body": {"spec": {"paused": True}}, "force": True},
        patch(
            {"spec": {"paused": True}, **NAMES, "metadata": {"name": "web", "namespace": "default", "uid": UID}},
            "apply",
            force=True,
        ),
    ),
    (
        "scale",
        {"replicas": 5},
        patch({"spec": {"replicas": 5}, "metadata": {"uid": UID}}, patch="Deployment default/web/scale"),
    ),
    (
        "apply",
        {"manifest": LIMITS, "ownedByObject": True},
        {
            "apply": {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {
                    "name": "limits",
                    "namespace": "default",
                    "annotations": {"rulectl.dev/applied-by": "test-rule"},
                    "ownerReferences": [{**NAMES, "name": "web", "uid": UID}],
                },
                "data": {"a": "1"},
            },
            "fieldManager": MANAGER,
        },
    ),
    (
        "job",
        {"template": {"spec": {"template": {"spec": POD}}}},
        {
            "create": {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {
                    "name": "test-rule-0123456789ab",
                    "namespace": "default",
                    "annotations": {"rulectl.dev/idempotency-key": KEY},
                },
                "spec": {"template": {"spec": POD}},
            },
            "fieldManager": MANAGER,
        },
    ),
    (
        "delete",
        {"propagation": "Orphan", "resourceVersion": "7"},
        {
            "delete": "Deployment default/web",
            "propagationPolicy": "Orphan",
            "preconditions": {"uid": UID, "resourceVersion": "7"},
        },
    ),
]


@pytest.mark.parametrize(
    ("name", "parameters", "shown"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_it_is_exactly_what_would_be_sent(name: str, parameters: dict[str, Any], shown: Any) -> None:
    kube = FakeKube()
    context = context_for(WEB, kube, dry_run="client")
    outcome = perform(kind_of(name).bind(parameters), context, has_server_dry_run=True)
    assert isinstance(outcome, Done)
    assert outcome.result == shown
    assert kube.calls == []


def test_the_server_checks_it_and_it_is_shown_too() -> None:
    kube = FakeKube()
    context = context_for(WEB, kube, dry_run="server")
    outcome = perform(kind_of("label").bind({"set": {"a": "b"}}), context, has_server_dry_run=True)
    said, _, shown = outcome.message.partition("; it would have been ")
    assert said == "dry run: the server accepts it: labels of Deployment default/web: a=b"
    assert decode(shown) == patch({"metadata": {"labels": {"a": "b"}, "uid": UID}})
    now: Any = kube.see("apps/v1", "Deployment", "web", "default")
    assert now["metadata"]["labels"] == {"old": "x"}
