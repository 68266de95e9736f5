from __future__ import annotations

from collections.abc import Mapping

import pytest

from rulectl.errors import Forbidden, NotFound, PermanentError, RulectlError, Unreachable, UsageError
from rulectl.resource import ObjectKey, Resource
from rulectl.state.identity import Identity, Owner, cluster_identity
from rulectl.value import Value
from tests.state.sample import CLUSTER, OTHER_CLUSTER, OWNER


class Namespaces:
    """Answers for kube-system: with a uid, or with an error."""

    def __init__(self, answer: str | RulectlError) -> None:
        self._answer = answer

    def get(self, resource: Resource, key: ObjectKey) -> Mapping[str, Value]:
        assert (resource.plural, key) == ("namespaces", ObjectKey("", "kube-system"))
        if isinstance(self._answer, RulectlError):
            raise self._answer
        return {"metadata": {"name": key.name, "uid": self._answer}}


FORBIDDEN = Namespaces(Forbidden("no", status=403))


def test_a_cluster_is_the_uid_of_its_kube_system() -> None:
    found = cluster_identity(Namespaces("u-1"), "https://a:6443", "ca")
    assert (found.kind, found.value) == ("kube-system", "u-1")
    assert found.said == "the cluster whose kube-system namespace has uid u-1"


@pytest.mark.parametrize("error", [Forbidden("no", status=403), NotFound("none", status=404)], ids=["403", "404"])
def test_where_it_may_not_be_read_the_servers_url_and_ca_stand_for_it(error: RulectlError) -> None:
    found = cluster_identity(Namespaces(error), "https://a:6443", "ca")
    assert (found.kind, found.value) == ("server", found.server)
    assert found.said == (
        "the cluster at https://a:6443 (known by URL and CA: the kube-system namespace may not be read)"
    )


def test_other_urls_and_cas_are_other_clusters() -> None:
    seen = {cluster_identity(FORBIDDEN, url, ca).value for url in ("https://a", "https://b") for ca in ("", "x")}
    assert len(seen) == 4
    assert cluster_identity(FORBIDDEN, "https://A/", "x").value in seen


@pytest.mark.parametrize("error", [Forbidden("who are you", status=401), Unreachable("nobody")], ids=["401", "down"])
def test_without_an_answer_nothing_is_guessed(error: RulectlError) -> None:
    with pytest.raises(type(error)):
        cluster_identity(Namespaces(error), "https://a", "ca")


def test_a_permission_that_comes_or_goes_makes_no_other_cluster() -> None:
    with_uid = cluster_identity(Namespaces("u-1"), "https://a", "ca")
    without = cluster_identity(FORBIDDEN, "https://a", "ca")
    assert with_uid.is_same(without)
    assert without.is_same(with_uid)


def test_clusters_with_different_uids_differ_even_behind_one_url() -> None:
    assert not cluster_identity(Namespaces("u-1"), "https://a", "").is_same(
        cluster_identity(Namespaces("u-2"), "https://a", "")
    )


def test_an_identity_comes_back_from_json() -> None:
    assert Identity.of(CLUSTER.to_json()) == CLUSTER


def test_a_state_refuses_another_cluster() -> None:
    with pytest.raises(PermanentError) as caught:
        Owner("rulectl", OTHER_CLUSTER).check(OWNER, "the state x")
    assert str(caught.value) == (
        "the state x belongs to another cluster: it was made for the cluster of the tests, this is quite another"
        " cluster; use --state with another place, or --context for the cluster it belongs to"
    )


def test_a_state_refuses_another_name() -> None:
    with pytest.raises(PermanentError) as caught:
        Owner("second", CLUSTER).check(OWNER, "the state x")
    assert str(caught.value) == (
        "the state x belongs to --name rulectl, not second: use --name rulectl, or --state with another place"
    )


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a-", "a.b", "x" * 51])
def test_a_name_must_fit_into_file_and_object_names(name: str) -> None:
    with pytest.raises(UsageError, match="use at most 50 lower case letters, digits and dashes"):
        Owner(name, CLUSTER)
