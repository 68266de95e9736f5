"""Which objects an object names."""

from __future__ import annotations

import pytest

from rulectl.fields import WHOLE
from rulectl.predicate.references import Reference, references_of, references_tree, refers_to
from rulectl.resource import Kind
from rulectl.value import Value

POD_SPEC: Value = {
    "serviceAccountName": "robot",
    "imagePullSecrets": [{"name": "pull"}],
    "volumes": [
        {"name": "a", "configMap": {"name": "settings"}},
        {"name": "b", "secret": {"secretName": "keys"}},
        {"name": "c", "persistentVolumeClaim": {"claimName": "disk"}},
        {"name": "d", "projected": {"sources": [{"configMap": {"name": "ca"}}, {"secret": {"name": "token"}}]}},
    ],
    "containers": [
        {"envFrom": [{"configMapRef": {"name": "env"}}, {"secretRef": {"name": "env-secret"}}]},
        {"env": [{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "one", "key": "k"}}}]},
    ],
    "initContainers": [{"env": [{"name": "Y", "valueFrom": {"secretKeyRef": {"name": "two", "key": "k"}}}]}],
}
NAMED = {
    ("ServiceAccount", "robot"), ("Secret", "pull"), ("ConfigMap", "settings"), ("Secret", "keys"),
    ("PersistentVolumeClaim", "disk"), ("ConfigMap", "ca"), ("Secret", "token"), ("ConfigMap", "env"),
    ("Secret", "env-secret"), ("ConfigMap", "one"), ("Secret", "two"),
}  # fmt: skip

OBJECTS: dict[str, tuple[Kind, Value]] = {
    "Pod": (Kind("v1", "Pod"), {"spec": POD_SPEC}),
    "Deployment": (Kind("apps/v1", "Deployment"), {"spec": {"template": {"spec": POD_SPEC}}}),
    "CronJob": (Kind("batch/v1", "CronJob"), {"spec": {"jobTemplate": {"spec": {"template": {"spec": POD_SPEC}}}}}),
    "Rollout": (Kind("acme.io/v1", "Rollout"), {"spec": {"template": {"spec": POD_SPEC}}}),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_everything_that_a_pod_or_its_template_names_is_found(name: str) -> None:
    obj = OBJECTS[name][1]
    found = {(reference.kind, reference.name) for reference in references_of(obj)}
    assert found == NAMED


@pytest.mark.parametrize(("kind", "obj"), OBJECTS.values(), ids=OBJECTS)
def test_what_is_kept_of_a_kind_is_enough_to_find_it_all(kind: Kind, obj: Value) -> None:
    assert references_of(references_tree(kind).prune(obj)) == references_of(obj)
    assert references_tree(kind) != WHOLE


def test_an_owner_is_named_with_its_uid() -> None:
    owners: Value = [{"kind": "ReplicaSet", "name": "web-1", "uid": "u1"}]
    assert references_of({"metadata": {"ownerReferences": owners}}) == {Reference("ReplicaSet", "web-1", "u1")}


def test_a_name_counts_in_its_own_namespace_only() -> None:
    deployment: Value = {"metadata": {"namespace": "shop"}, "spec": {"template": {"spec": POD_SPEC}}}
    config: Value = {"kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop"}}
    elsewhere: Value = {"kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "web"}}
    secret: Value = {"kind": "Secret", "metadata": {"name": "settings", "namespace": "shop"}}
    assert refers_to(deployment, config)
    assert not refers_to(deployment, elsewhere)
    assert not refers_to(deployment, secret)


@pytest.mark.parametrize("obj", [None, {}, {"spec": None}, {"spec": {"containers": None, "volumes": [None]}}])
def test_an_object_that_names_nothing_is_no_trouble(obj: Value) -> None:
    assert references_of(obj) == frozenset()
