from __future__ import annotations

import pytest

from rulectl.value import Value, mapping
from tests.sandbox.patch.kinds import (
    CONFIGMAP,
    DEPLOYMENT,
    LATER,
    NOW,
    Object,
    applied,
    configmap,
    deployment,
    owners,
    updated,
    widget,
)


def entries(obj: Object) -> list[Value]:
    found = mapping(obj["metadata"]).get("managedFields")
    return list(found) if isinstance(found, list) else []


def with_spec(obj: Object, **spec: Value) -> Object:
    return {**obj, "spec": spec}


def test_who_creates_owns_all_but_the_objects_identity() -> None:
    meta: Value = {"name": "c", "namespace": "n", "uid": "u", "labels": {"a": "b"}}
    live = updated(None, {**configmap(a="1"), "metadata": meta}, node=CONFIGMAP)
    assert entries(live) == [
        {
            "manager": "up",
            "operation": "Update",
            "apiVersion": "v1",
            "time": NOW,
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:data": {".": {}, "f:a": {}},
                "f:metadata": {"f:labels": {".": {}, "f:a": {}}},
            },
        }
    ]


def test_the_structs_of_a_built_in_kind_belong_to_nobody() -> None:
    live = updated(None, deployment({"name": "c", "image": "i"}), node=DEPLOYMENT)
    assert owners(live)["up Update"] == {
        "f:spec": {
            "f:selector": {},
            "f:template": {
                "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
                "f:spec": {"f:containers": {'k:{"name":"c"}': {".": {}, "f:image": {}, "f:name": {}}}},
            },
        }
    }


def test_what_an_update_changes_is_its_own_and_nobody_elses() -> None:
    live = applied(None, widget(size=1, order=["a"]))
    after = updated(live, with_spec(live, size=2, order=["a"]), now=LATER)
    assert owners(after) == {
        "one Apply": {"f:spec": {"f:order": {}}},
        "up Update": {"f:spec": {"f:size": {}}},
    }


def test_what_an_update_removes_belongs_to_nobody() -> None:
    live = applied(None, widget(size=1, labels={"a": "1"}))
    after = updated(live, with_spec(live, size=1))
    assert owners(after) == {"one Apply": {"f:spec": {"f:size": {}}}}


def test_an_update_that_changes_nothing_leaves_the_times_alone() -> None:
    live = updated(None, widget(size=1))
    assert updated(live, dict(live), now=LATER) == live


def test_an_update_keeps_what_its_manager_owned_before() -> None:
    live = updated(None, widget(size=1))
    after = updated(live, with_spec(live, size=1, order=["a"]), now=LATER)
    assert owners(after) == {"up Update": {"f:spec": {".": {}, "f:order": {}, "f:size": {}}}}
    assert mapping(entries(after)[0])["time"] == LATER


def test_a_client_that_drops_managed_fields_loses_nothing() -> None:
    live = applied(None, widget(size=1))
    after = updated(live, widget(size=2))
    assert set(owners(after)) == {"up Update"}
    assert owners(updated(live, widget(size=1))) == owners(live)


@pytest.mark.parametrize("wish", [[], [{}]], ids=["empty list", "one empty entry"])
def test_ownership_can_be_started_anew(wish: Value) -> None:
    live = applied(None, widget(size=1))
    after = updated(live, {**live, "metadata": {"name": "w", "managedFields": wish}})
    assert entries(after) == []


def test_managed_fields_that_make_no_sense_are_not_taken() -> None:
    live = applied(None, widget(size=1))
    wish: Value = [{"manager": "x", "operation": "Frob", "apiVersion": "v1", "fieldsType": "FieldsV1"}]
    after = updated(live, {**live, "metadata": {"name": "w", "managedFields": wish}})
    assert owners(after) == owners(live)


def test_managed_fields_cannot_be_set_through_a_subresource() -> None:
    live = applied(None, widget(size=1))
    after = updated(live, {**live, "metadata": {"name": "w", "managedFields": []}}, subresource="status")
    assert owners(after) == owners(live)


def test_an_object_that_nobody_owns_stays_so() -> None:
    assert entries(updated(widget(size=1), widget(size=2))) == []


def test_what_a_write_cannot_change_is_not_owned() -> None:
    live = updated(None, widget(size=1))
    after = updated(live, {**with_spec(live, size=2), "status": {"size": 5}}, "kubelet", ignored=[("status",)])
    assert owners(after)["kubelet Update"] == {"f:spec": {"f:size": {}}}


def test_a_list_that_cannot_be_read_leaves_ownership_as_it_was() -> None:
    live = applied(None, widget(size=1))
    after = updated(live, with_spec(live, size=1, parts=[None]))
    assert owners(after) == owners(live)


def test_the_oldest_of_many_updaters_are_joined() -> None:
    live: Object | None = None
    for number in range(12):
        labels: dict[str, Value] = {f"k{i:02}": "v" for i in range(number + 1)}
        new = widget(labels=labels) if live is None else with_spec(live, labels=labels)
        live = updated(live, new, f"m{number:02}", now=f"2026-01-01T00:00:{number:02}Z")
    assert live is not None
    names = [mapping(entry)["manager"] for entry in entries(live)]
    assert names == ["ancient-changes", *(f"m{number:02}" for number in range(3, 12))]
    assert owners(live)["ancient-changes Update"] == {
        "f:spec": {".": {}, "f:labels": {".": {}, "f:k00": {}, "f:k01": {}, "f:k02": {}}}
    }
