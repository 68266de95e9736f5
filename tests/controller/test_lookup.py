"""Other objects that a rule looks at, and whom their changes concern."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from rulectl.controller.lookup import Lookups
from rulectl.expression import EvaluationError
from rulectl.kube.object import KubeObject, PlainObject
from rulectl.plan.model import RulePlan
from rulectl.resource import ObjectKey, Resource
from tests.controller.samples import NOW, compiled
from tests.scenarios.objects import CONFIGMAP, NODE, configmap, node, pod

BY_NAME = {"apiVersion": "v1", "kind": "ConfigMap", "name": "${{ object.metadata.name }}"}
LIST = {"apiVersion": "v1", "kind": "ConfigMap", "where": "item.data.of == object.metadata.name"}
OF_NAMESPACE = {**LIST, "namespace": "${{ object.metadata.namespace }}"}
SCOPE: dict[str, Any] = {"object": pod("a")}
A = ObjectKey("default", "a")


@dataclass
class Objects:
    """A cache with these objects."""

    resource: Resource | None = CONFIGMAP
    has_synced: bool = True
    objects: dict[ObjectKey, KubeObject] = field(default_factory=dict)

    def put(self, obj: dict[str, Any]) -> KubeObject:
        found = PlainObject(obj)
        self.objects[found.key] = found
        return found

    def get(self, key: ObjectKey) -> KubeObject | None:
        return self.objects.get(key)

    def select(self, namespace: str | None = None, label_selector: str = "") -> Iterable[KubeObject]:
        assert label_selector == ""
        return [one for key, one in self.objects.items() if namespace in {None, key.namespace}]


def looking(lookup: dict[str, Any], cache: Objects) -> tuple[RulePlan, Lookups]:
    return compiled(lookup={"it": lookup}, when=["lookup.it"]), Lookups({"it": cache})


def find(lookup: dict[str, Any], cache: Objects) -> Any:
    plan, lookups = looking(lookup, cache)
    return lookups.find("r", plan.lookups[0], SCOPE, NOW)


def test_one_by_name_in_the_namespace_of_the_watched_object() -> None:
    cache = Objects()
    cache.put(configmap("a", x="1"))
    assert find(BY_NAME, cache)["data"] == {"x": "1"}


def test_none_of_that_name_is_null() -> None:
    assert find(BY_NAME, Objects()) is None


def test_a_cluster_scoped_one_has_no_namespace() -> None:
    cache = Objects(NODE)
    cache.put(node("a"))
    assert find({**BY_NAME, "kind": "Node"}, cache)["metadata"]["name"] == "a"


def test_a_list_is_what_where_keeps() -> None:
    cache = Objects()
    cache.put(configmap("one", of="a"))
    cache.put(configmap("two", of="b"))
    assert [item["metadata"]["name"] for item in find(LIST, cache)] == ["one"]


@pytest.mark.parametrize("lookup", [BY_NAME, LIST], ids=["by name", "list"])
def test_without_a_complete_list_the_answer_is_unknown(lookup: dict[str, Any]) -> None:
    with pytest.raises(EvaluationError) as caught:
        find(lookup, Objects(has_synced=False))
    assert str(caught.value) == (
        "lookup.it of rule r: there is no complete list of v1 ConfigMap yet; check that it may be listed"
    )


@pytest.mark.parametrize(
    ("lookup", "changed", "concerned"),
    [
        pytest.param(BY_NAME, "a", True, id="the one that was looked at"),
        pytest.param(BY_NAME, "b", False, id="another one"),
        pytest.param(LIST, "b", True, id="any one of a list"),
        pytest.param(OF_NAMESPACE, "b", True, id="any one of the namespace"),
    ],
)
@pytest.mark.parametrize("synced", [True, False], ids=["found", "not known yet"])
def test_a_change_concerns_who_looked_there(
    lookup: dict[str, Any], changed: str, concerned: bool, synced: bool
) -> None:
    plan, lookups = looking(lookup, Objects(has_synced=synced))
    try:
        lookups.find("r", plan.lookups[0], SCOPE, NOW)
    except EvaluationError:
        assert not synced
    found = lookups.dependents("it", PlainObject(configmap(changed)))
    assert found == ({A} if concerned else set())


def test_a_change_in_another_namespace_concerns_nobody() -> None:
    plan, lookups = looking(OF_NAMESPACE, Objects())
    lookups.find("r", plan.lookups[0], SCOPE, NOW)
    elsewhere = {**configmap("b"), "metadata": {"name": "b", "namespace": "other"}}
    assert lookups.dependents("it", PlainObject(elsewhere)) == set()


def test_who_is_forgotten_is_concerned_no_more() -> None:
    plan, lookups = looking(BY_NAME, Objects())
    lookups.find("r", plan.lookups[0], SCOPE, NOW)
    lookups.forget(A)
    assert lookups.dependents("it", PlainObject(configmap("a"))) == set()
