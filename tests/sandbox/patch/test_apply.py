from __future__ import annotations

import copy
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rulectl.openapi import Node
from rulectl.sandbox.patch import PatchError
from rulectl.value import Value, mapping
from tests.sandbox.patch.kinds import (
    CONFIGMAP,
    DEPLOYMENT,
    LATER,
    NOW,
    SERVICE,
    WIDGET,
    Object,
    applied,
    configmap,
    deployment,
    owners,
    spec,
    updated,
    widget,
)


def test_a_created_object_says_who_applied_what() -> None:
    live = applied(None, configmap(a="1"), "one", node=CONFIGMAP)
    assert live == {
        **configmap(a="1"),
        "metadata": {
            "name": "c",
            "managedFields": [
                {
                    "manager": "one",
                    "operation": "Apply",
                    "apiVersion": "v1",
                    "time": NOW,
                    "fieldsType": "FieldsV1",
                    "fieldsV1": {"f:data": {"f:a": {}}},
                }
            ],
        },
    }


def test_applying_the_same_again_gives_the_very_same_object() -> None:
    live = applied(None, widget(size=1, tags=["a"]))
    assert applied(live, widget(size=1, tags=["a"]), now=LATER) is live


def test_what_the_manager_no_longer_applies_goes() -> None:
    live = applied(None, configmap(a="1", b="1"), node=CONFIGMAP)
    assert applied(live, configmap(a="1"), node=CONFIGMAP)["data"] == {"a": "1"}


def test_what_somebody_else_applies_too_stays() -> None:
    live = applied(applied(None, widget(size=1)), widget(size=1), "two")
    live = applied(live, widget(), "one")
    assert spec(live) == {"size": 1}
    assert owners(live) == {"one Apply": {"f:spec": {}}, "two Apply": {"f:spec": {"f:size": {}}}}


def test_another_value_of_an_owned_field_is_a_conflict() -> None:
    live = applied(None, widget(size=1, tags=["a"]))
    with pytest.raises(PatchError) as caught:
        applied(live, widget(size=2, tags=["b"]), "two")
    fault = caught.value
    assert (fault.status, fault.reason) == (409, "Conflict")
    assert fault.message == 'Apply failed with 1 conflict: conflict with "one": .spec.size'
    assert [cause.to_value() for cause in fault.causes] == [
        {"reason": "FieldManagerConflict", "message": 'conflict with "one"', "field": ".spec.size"}
    ]


def test_several_conflicts_are_told_by_manager() -> None:
    live = applied(None, widget(size=1, labels={"a": "1"}))
    live = updated(live, {**live, "spec": {**mapping(spec(live)), "order": ["x"]}}, "up")
    with pytest.raises(PatchError) as caught:
        applied(live, widget(size=2, labels={"a": "2"}, order=["y"]), "two")
    assert caught.value.message == (
        'Apply failed with 3 conflicts: conflicts with "one":\n- .spec.size\n- .spec.labels.a\n'
        'conflicts with "up" using x.io/v1:\n- .spec.order'
    )


def test_the_same_value_is_owned_by_both() -> None:
    live = applied(applied(None, widget(size=1)), widget(size=1), "two")
    assert set(owners(live)) == {"one Apply", "two Apply"}


def test_force_takes_the_field_from_the_other() -> None:
    live = applied(applied(None, widget(size=1, order=["x"])), widget(size=2), "two", force=True, now=LATER)
    assert spec(live) == {"size": 2, "order": ["x"]}
    assert owners(live) == {
        "one Apply": {"f:spec": {"f:order": {}}},
        "two Apply": {"f:spec": {"f:size": {}}},
    }


def test_who_lost_everything_is_gone() -> None:
    live = applied(applied(None, widget(size=1)), widget(size=2), "two", force=True)
    assert set(owners(live)) == {"two Apply"}


def test_an_item_goes_as_a_whole_also_with_what_others_added_to_it() -> None:
    live = applied(None, widget(parts=[{"name": "p", "a": "1"}, {"name": "q"}]))
    live = updated(live, {**live, "spec": {"parts": [{"name": "p", "a": "1", "b": "2"}, {"name": "q"}]}})
    live = applied(live, widget(parts=[{"name": "q"}]))
    assert spec(live) == {"parts": [{"name": "q"}]}


def test_an_item_that_another_applies_too_keeps_what_the_other_owns() -> None:
    live = applied(None, widget(parts=[{"name": "p", "a": "1"}]))
    live = applied(live, widget(parts=[{"name": "p", "b": "2"}]), "two")
    live = applied(live, widget(parts=[]), "one")
    assert spec(live) == {"parts": [{"name": "p", "b": "2"}]}


def test_containers_that_are_emptied_go_too() -> None:
    live = applied(None, widget(size=1, labels={"a": "1"}, parts=[{"name": "p"}], tags=["t"]))
    assert spec(applied(live, widget(size=1))) == {"size": 1}


def test_a_set_holds_the_items_of_all_its_managers() -> None:
    live = applied(applied(None, widget(tags=["a", "b"])), widget(tags=["c", "a"]), "two")
    assert spec(live) == {"tags": ["c", "a", "b"]}
    assert spec(applied(live, widget(tags=["b"]), "one")) == {"tags": ["c", "a", "b"]}
    assert spec(applied(live, widget(tags=["c"]), "two")) == {"tags": ["c", "a", "b"]}


def test_an_atomic_list_has_one_owner() -> None:
    live = applied(None, widget(order=["a"]))
    with pytest.raises(PatchError, match=re.escape('conflict with "one": .spec.order')):
        applied(live, widget(order=["a", "b"]), "two")


@pytest.mark.parametrize(
    ("live", "wanted", "result"),
    [
        ("abc", "ab", "abc"),
        ("abc", "ca", "bca"),
        ("abc", "xb", "axbc"),
        ("abc", "x", "abcx"),
        ("ab", "ba", "ba"),
        ("abcd", "dxa", "bcdxa"),
        ("", "ab", "ab"),
        ("ab", "", "ab"),
    ],
)
def test_applied_items_keep_their_order_and_others_their_place(live: str, wanted: str, result: str) -> None:
    before = updated(None, widget(tags=list(live)))
    assert spec(applied(before, widget(tags=list(wanted)))) == {"tags": list(result)}


def test_a_port_without_protocol_is_the_tcp_port() -> None:
    service: Object = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}}
    live = applied(None, {**service, "spec": {"ports": [{"port": 80, "protocol": "TCP"}]}}, node=SERVICE)
    live = applied(live, {**service, "spec": {"ports": [{"port": 80, "targetPort": 8080}]}}, node=SERVICE)
    assert spec(live) == {"ports": [{"port": 80, "targetPort": 8080}]}


def test_a_selector_is_owned_as_a_whole_and_containers_item_by_item() -> None:
    live = applied(None, deployment({"name": "c", "image": "i"}, replicas=1), node=DEPLOYMENT)
    assert owners(live)["one Apply"] == {
        "f:spec": {
            "f:replicas": {},
            "f:selector": {},
            "f:template": {
                "f:metadata": {"f:labels": {"f:app": {}}},
                "f:spec": {"f:containers": {'k:{"name":"c"}': {".": {}, "f:image": {}, "f:name": {}}}},
            },
        }
    }


def test_an_object_without_owners_belongs_to_what_was_before_the_first_apply() -> None:
    live = applied(widget(size=1, order=["x"]), widget(order=["x"]))
    assert owners(live)["before-first-apply Update"] == {
        "f:spec": {".": {}, "f:order": {}, "f:size": {}},
    }
    with pytest.raises(PatchError, match=re.escape('conflict with "before-first-apply" using x.io/v1: .spec.size')):
        applied(widget(size=1), widget(size=2))


def test_kubectl_takes_over_what_client_side_apply_wrote() -> None:
    told = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1","b":"1"}}'
    meta: Value = {"name": "c", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": told}}
    live = updated(None, {**configmap(a="1", b="2"), "metadata": meta}, "client-side", node=CONFIGMAP)
    after = applied(live, configmap(a="9"), "kubectl", node=CONFIGMAP)
    assert after["data"] == {"a": "9", "b": "2"}
    annotations = mapping(mapping(after["metadata"])["annotations"])
    assert '"data":{"a":"9"}' in str(annotations["kubectl.kubernetes.io/last-applied-configuration"])
    with pytest.raises(PatchError, match="1 conflict"):
        applied(live, configmap(b="9"), "kubectl", node=CONFIGMAP)
    with pytest.raises(PatchError, match="1 conflict"):
        applied(live, configmap(a="9"), "other", node=CONFIGMAP)


def test_what_a_request_cannot_change_stays_and_is_not_owned() -> None:
    live = applied(None, widget(size=1))
    live = {**live, "status": {"size": 1}}
    wanted: Object = {**widget(size=2), "status": {"size": 9}}
    after = applied(live, wanted, ignored=[("status",)])
    assert (after["spec"], after["status"]) == ({"size": 2}, {"size": 1})
    assert owners(after) == {"one Apply": {"f:spec": {"f:size": {}}}}


def test_a_subresource_makes_another_manager_of_the_same_name() -> None:
    live = applied(None, widget(size=1))
    wanted: Object = {**widget(), "status": {"size": 3}}
    after = applied(live, wanted, subresource="status", ignored=[("spec",)])
    entries = mapping(after["metadata"])["managedFields"]
    assert isinstance(entries, list)
    assert [mapping(entry).get("subresource") for entry in entries] == [None, "status"]
    assert (after["spec"], after["status"]) == ({"size": 1}, {"size": 3})


def test_the_time_moves_only_when_the_object_changes() -> None:
    live = applied(None, widget(size=1))
    after = applied(live, widget(size=2), now=LATER)
    entries = mapping(after["metadata"])["managedFields"]
    assert isinstance(entries, list)
    assert mapping(entries[0])["time"] == LATER


def test_without_a_schema_maps_go_by_field_and_lists_as_a_whole() -> None:
    live = applied(None, widget(any={"a": 1, "b": [1]}), node=None)
    assert owners(live) == {"one Apply": {"f:spec": {".": {}, "f:any": {".": {}, "f:a": {}, "f:b": {}}}}}
    assert spec(applied(live, widget(any={"a": 1}), node=None)) == {"any": {"a": 1}}


FAULTS: dict[str, tuple[Object, Node | None, int, str]] = {
    "another version": (
        {**widget(), "apiVersion": "x.io/v2"},
        None,
        400,
        "Incorrect version specified in apply patch. Specified patch version: x.io/v2, expected: x.io/v1",
    ),
    "managedFields": (
        {**widget(), "metadata": {"name": "w", "managedFields": []}},
        WIDGET,
        400,
        "metadata.managedFields must be nil",
    ),
    "an unknown field": (
        widget(colour="red"),
        WIDGET,
        500,
        "failed to create typed patch object (/w; x.io/v1, Kind=Widget): .spec.colour: field not declared in schema",
    ),
    "wrong types": (
        widget(size="big", tags="x"),
        WIDGET,
        500,
        "failed to create typed patch object (/w; x.io/v1, Kind=Widget): errors:\n"
        '  .spec.size: expected numeric (int or float), got string "big"\n'
        '  .spec.tags: expected list, got string "x"',
    ),
    "an item twice": (
        widget(parts=[{"name": "p"}, {"name": "p"}]),
        WIDGET,
        500,
        "failed to create typed patch object (/w; x.io/v1, Kind=Widget): "
        '.spec.parts: duplicate entries for key [name="p"]',
    ),
    "an item without its name": (
        widget(parts=[{"a": "1"}]),
        WIDGET,
        500,
        "failed to create typed patch object (/w; x.io/v1, Kind=Widget): .spec.parts: element 0: associative list with "
        'keys has an element that omits all key fields ["name"] (and doesn\'t have default values for any key fields)',
    ),
}


@pytest.mark.parametrize(("wanted", "node", "status", "told"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_applied_is_refused(wanted: Object, node: Node | None, status: int, told: str) -> None:
    from rulectl.sandbox.patch import apply

    with pytest.raises(PatchError) as caught:
        apply(None, wanted, manager="one", force=False, node=node, now=NOW, api_version="x.io/v1")
    assert (caught.value.status, caught.value.message) == (status, told)


parts = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("pqr")}, optional={"a": st.sampled_from("12"), "b": st.just("1")}),
    unique_by=lambda part: part["name"],
    max_size=3,
)
specs = st.fixed_dictionaries(
    {},
    optional={
        "size": st.integers(1, 2),
        "labels": st.dictionaries(st.sampled_from("xy"), st.sampled_from("12"), max_size=2),
        "tags": st.lists(st.sampled_from("abc"), unique=True, max_size=3),
        "order": st.lists(st.sampled_from("ab"), max_size=2),
        "parts": parts,
    },
)
steps = st.lists(st.tuples(st.sampled_from(["one", "two", "up"]), specs), min_size=1, max_size=5)


def played(moves: list[tuple[str, dict[str, Value]]]) -> Object:
    live: Object | None = None
    for manager, wanted in moves:
        new = widget(**wanted)
        if manager == "up":
            meta = mapping(live["metadata"]) if live is not None else mapping(new["metadata"])
            live = updated(live, {**new, "metadata": meta})
        else:
            live = applied(live, new, manager, force=True)
    assert live is not None
    return live


@settings(deadline=None)
@given(steps, specs)
def test_applying_twice_is_applying_once_whatever_was_before(
    moves: list[tuple[str, dict[str, Value]]], wanted: dict[str, Value]
) -> None:
    live = applied(played(moves), widget(**wanted), force=True)
    # Who applies nothing but empty lists owns nothing, and the next to apply is then the first for the server too.
    assume(mapping(live["metadata"]).get("managedFields"))
    assert applied(live, widget(**wanted), force=False, now=LATER) is live


@settings(deadline=None)
@given(steps, specs)
def test_all_that_is_applied_is_there_and_owned(
    moves: list[tuple[str, dict[str, Value]]], wanted: dict[str, Value]
) -> None:
    before = played(moves)
    untouched = copy.deepcopy(before)
    live = mapping(applied(before, widget(**wanted), force=True)["spec"])
    assert before == untouched
    for key, value in wanted.items():
        if key in ("size", "order"):
            assert live[key] == value
        elif key == "labels":
            assert mapping(value).items() <= mapping(live.get(key)).items()
        elif key == "tags" and isinstance(value, list):
            found = live.get(key, [])
            assert isinstance(found, list)
            assert [tag for tag in found if tag in value] == value


@settings(deadline=None)
@given(steps)
def test_no_item_ever_loses_its_name(moves: list[tuple[str, dict[str, Value]]]) -> None:
    found = mapping(played(moves)["spec"]).get("parts", [])
    assert isinstance(found, list)
    names = [mapping(part).get("name") for part in found]
    assert None not in names
    assert len(set(names)) == len(names)


@settings(deadline=None)
@given(steps)
def test_two_appliers_own_together_what_both_say(moves: list[tuple[str, dict[str, Value]]]) -> None:
    live = played(moves)
    wanted = widget(**{key: value for key, value in mapping(live["spec"]).items() if key in ("size", "order")})
    both = applied(applied(live, wanted, "three"), wanted, "four")
    assert owners(both)["three Apply"] == owners(both)["four Apply"]
