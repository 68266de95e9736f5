"""What a file of roles allows, against what is wanted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.check.rbac.grant import grants_of
from rulectl.check.rbac.granted import allowed_by, compared
from rulectl.check.rbac.manifest import role_manifests
from rulectl.check.rbac.need import Need
from rulectl.check.rbac.role import roles_of
from rulectl.resource import Kind
from tests.check.rbac.test_roles import GRANTS

PODS = Need(Kind("v1", "Pod"), ("get", "list"), namespace="a", rule="web", purpose="watch")


def role(kind: str = "Role", namespace: str = "a", **entry: Any) -> dict[str, Any]:
    metadata = {"name": "r"} | ({"namespace": namespace} if kind == "Role" else {})
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"], **entry}]
    return {"kind": kind, "metadata": metadata, "rules": rules}


def binding(kind: str, role_kind: str, namespace: str = "", account: str = "rulectl") -> dict[str, Any]:
    return {
        "kind": kind,
        "metadata": {"name": "b"} | ({"namespace": namespace} if namespace else {}),
        "roleRef": {"kind": role_kind, "name": "r"},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": "rulectl"}],
    }


def told(*manifests: dict[str, Any], account: str = "") -> tuple[list[str], list[str]]:
    found = compared(grants_of([PODS]), allowed_by(manifests, account, "rulectl" if account else ""))
    missing = [str(one.grant) for one in found.missing]
    return missing, [("wider " if one.is_wider else "other ") + str(one.allowed.grant) for one in found.excess]


def test_a_role_that_grants_it_is_enough() -> None:
    assert told(role()) == ([], [])


def test_what_is_missing_and_what_is_more_is_told() -> None:
    assert told(role(verbs=["get", "delete"])) == (["list pods in a"], ["other delete pods in a"])


def test_a_role_elsewhere_does_not_count() -> None:
    assert told(role(namespace="b")) == (
        ["get pods in a", "list pods in a"],
        ["other get pods in b", "other list pods in b"],
    )


@pytest.mark.parametrize(
    ("manifest", "excess"),
    [
        (role("ClusterRole"), ["wider get pods", "wider list pods"]),
        (role(verbs=["*"]), ["wider * pods in a"]),
        (role(apiGroups=["*"], resources=["*"], verbs=["*"]), ["wider * *.* in a"]),
        ({"kind": "RoleList", "items": [role()]}, []),
    ],
)
def test_more_than_is_needed_is_told_as_wider(manifest: dict[str, Any], excess: list[str]) -> None:
    assert told(manifest) == ([], excess)


def test_names_are_not_enough_where_any_name_is_needed() -> None:
    assert told(role(resourceNames=["x"]))[0] == ["get pods in a", "list pods in a"]


def test_a_cluster_role_holds_where_it_is_bound() -> None:
    assert told(role("ClusterRole"), binding("RoleBinding", "ClusterRole", "a")) == ([], [])
    assert told(role("ClusterRole"), binding("RoleBinding", "ClusterRole", "b"))[0] != []


def test_a_role_that_is_bound_to_somebody_else_does_not_count() -> None:
    bound = [role(), binding("RoleBinding", "Role", "a", account="other")]
    assert told(*bound, account="rulectl")[0] == ["get pods in a", "list pods in a"]
    assert told(*bound) == ([], [])


@settings(deadline=None)
@given(st.lists(GRANTS, max_size=8))
def test_what_rbac_prints_is_just_enough(needs: list[Need]) -> None:
    wanted = grants_of(needs)
    manifests = role_manifests(roles_of(wanted), name="r", account_namespace="n")
    found = compared(wanted, allowed_by(manifests, "r", "n"))
    assert (found.missing, found.excess) == ((), ())


def test_documents_that_are_no_roles_are_passed_over() -> None:
    assert allowed_by([None, 5, {"kind": "Role"}, {"kind": "Pod"}, {"kind": "Role", "rules": [5]}]) == []
