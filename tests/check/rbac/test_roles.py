"""The least roles: just what the rules and rulectl itself need, no more."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rulectl.check.rbac.grant import Grant, grants_of
from rulectl.check.rbac.manifest import role_manifests, role_yaml
from rulectl.check.rbac.need import Need, Own, needs_of, own_needs
from rulectl.check.rbac.resources import guessed_plural, resource_of
from rulectl.check.rbac.role import grants_in, roles_of
from rulectl.plan.compiler import compile_text
from rulectl.resource import Kind, Resource
from tests.rule.marked import rule

POD = "watch: {apiVersion: v1, kind: Pod%s}\n"
CHANGED = "changed: {fields: [status.phase]}\n"


def needed(spec: str) -> list[str]:
    compiled = compile_text(rule(spec))
    assert not compiled.has_errors, compiled.problems
    return [str(one.grant) for one in grants_of(needs_of(compiled.plan))]


def test_a_watch_needs_to_get_list_and_watch() -> None:
    assert needed(POD % "") == ["get pods", "list pods", "watch pods"]


def test_named_namespaces_need_no_cluster_role() -> None:
    assert needed(POD % ", namespaces: [a, b]") == [
        *("get pods in a", "get pods in b", "list pods in a", "list pods in b", "watch pods in a", "watch pods in b")
    ]


def test_namespaces_of_a_kind_that_has_none_are_left_out() -> None:
    assert needed("watch: {apiVersion: v1, kind: Node}\nactions: [{label: {set: {a: b}}}]") == [
        *("get nodes", "list nodes", "patch nodes", "watch nodes")
    ]


def test_one_name_in_a_field_selector_is_enough() -> None:
    assert needed(POD % ", fieldSelector: metadata.name=web") == ["get pods/web", "list pods/web", "watch pods/web"]


def test_a_namespace_selector_needs_the_namespaces() -> None:
    found = needed("watch:\n  apiVersion: v1\n  kind: Pod\n  namespaceSelector: {matchLabels: {a: b}}")
    assert found == ["list namespaces", "watch namespaces", *needed(POD % "")]


def test_lookups_and_targets_are_listed_everywhere_and_acted_on_where_the_rule_is() -> None:
    found = needed(
        "watch: {apiVersion: v1, kind: ConfigMap, namespaces: [a]}\nchanged: {fields: [data]}\n"
        "lookup: {node: {apiVersion: v1, kind: Node, name: one}}\n"
        "forEach: {apiVersion: apps/v1, kind: Deployment, references: object}\nactions: [{restart: {}}]"
    )
    assert "list nodes" in found
    assert "list deployments.apps" in found
    assert "patch deployments.apps in a" in found
    assert "patch deployments.apps" not in found


@pytest.mark.parametrize(
    ("action", "grants"),
    [
        ("label: {set: {a: b}}", ["patch pods in a"]),
        ("delete: {}", ["delete pods in a"]),
        ("log: {message: x}", []),
        ("event: {reason: Seen, message: x}", ["create events.events.k8s.io in a", "patch events.events.k8s.io in a"]),
        ("scale: {replicas: 1, resource: {apiVersion: apps/v1, kind: Deployment, name: web}}",
         ["patch deployments/scale.apps/web in a"]),
        ("label: {set: {a: b}, resource: {apiVersion: v1, kind: Node, name: '${{ object.spec.nodeName }}'}}",
         ["patch nodes"]),
        ("label: {set: {a: b}, resource: {apiVersion: v1, kind: Service, name: x, namespace: '${{ let.a }}'}}",
         ["patch services/x"]),
        ("http: {url: 'http://a', bearerToken: {secretKeyRef: {namespace: s, name: t, key: k}}}",
         ["get secrets/t in s"]),
        ("http: {url: 'http://a', bearerToken: {secretKeyRef: {namespace: s, name: '${{ let.a }}', key: k}}}",
         ["get secrets in s"]),
        ("apply: {manifest: {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: d}}}",
         ["create configmaps in d", "get configmaps/c in d", "patch configmaps/c in d"]),
        ("job: {template: {spec: {template: {spec: {}}}}}", ["create jobs.batch in a"]),
    ],
)  # fmt: skip
def test_an_action_needs_what_it_does(action: str, grants: list[str]) -> None:
    found = needed(f"{POD % ', namespaces: [a]'}{CHANGED}let: {{a: object.metadata.name}}\nactions:\n- {action}")
    assert set(grants) <= set(found)
    reading = ("get pods", "list pods", "watch pods", "get events", "get jobs", "get nodes", "get services")
    extra = [one for one in found if one not in grants and not one.startswith(reading)]
    assert [one for one in extra if not one.startswith("get deployments/scale")] == []


def test_events_about_objects_without_a_namespace_are_kept_in_default() -> None:
    found = needed("watch: {apiVersion: v1, kind: Node}\nactions: [{event: {reason: Seen, message: x}}]")
    assert "create events.events.k8s.io in default" in found


def test_a_rule_in_audit_mode_needs_to_watch_only() -> None:
    assert needed(f"mode: audit\n{POD % ''}{CHANGED}actions: [{{delete: {{}}}}]") == needed(POD % "")


def test_a_rule_that_is_off_here_is_counted_all_the_same() -> None:
    assert needed(f"enabledIf: env.X == 'y'\n{POD % ''}") == needed(POD % "")


@pytest.mark.parametrize(
    ("own", "grants"),
    [
        (Own("ns", "memory"), []),
        (Own("ns", "sqlite"), ["get namespaces/kube-system"]),
        (Own("ns", "configmap"), ["create configmaps in ns", "delete configmaps in ns", "get configmaps in ns",
                                  "get namespaces/kube-system", "list configmaps in ns", "update configmaps in ns"]),
    ],
)  # fmt: skip
def test_rulectl_needs_room_for_its_state(own: Own, grants: list[str]) -> None:
    assert sorted(str(one.grant) for one in grants_of(own_needs(own))) == grants


def test_electing_a_leader_needs_leases() -> None:
    found = [str(one.grant) for one in grants_of(own_needs(Own("ns", "memory", leader_elect=True)))]
    assert "update leases.coordination.k8s.io in ns" in found
    assert all(one.endswith("leases.coordination.k8s.io in ns") for one in found)


def test_what_is_needed_everywhere_is_not_asked_for_again_in_a_namespace() -> None:
    everywhere, here = (Need(Kind("v1", "Pod"), ("get",), namespace=place, rule=place or "all") for place in ("", "a"))
    [one] = grants_of([here, everywhere])
    assert (str(one.grant), one.rules) == ("get pods", ("a", "all"))


def test_kinds_of_crds_are_called_as_they_say() -> None:
    kind = Kind("example.com/v1", "Fish")
    assert resource_of(kind).is_guess
    known = resource_of(kind, lambda asked: Resource(asked, "fish", namespaced=False))
    assert (known.resource.plural, known.is_guess) == ("fish", False)


@pytest.mark.parametrize(
    ("kind", "plural"),
    [("Widget", "widgets"), ("Policy", "policies"), ("Ingress", "ingresses"), ("Gateway", "gateways")],
)
def test_a_plural_is_guessed_as_most_are(kind: str, plural: str) -> None:
    assert guessed_plural(kind) == plural


GRANTS = st.builds(
    Need,
    st.sampled_from([Kind("v1", "Pod"), Kind("v1", "Node"), Kind("apps/v1", "Deployment")]),
    st.sets(st.sampled_from(["get", "list", "create"]), min_size=1).map(lambda verbs: tuple(sorted(verbs))),
    st.sampled_from(["", "status"]),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["", "x", "y"]),
)


@settings(deadline=None)
@given(st.lists(GRANTS, max_size=8))
def test_roles_grant_what_is_wanted_and_nothing_else(needs: list[Need]) -> None:
    wanted = {one.grant for one in grants_of(needs)}
    roles = roles_of(grants_of(needs))
    assert {grant for role in roles for grant in grants_in(role)} == wanted
    assert not any(one != other and one.covers(other) for one in wanted for other in wanted)


@settings(deadline=None)
@given(st.lists(GRANTS, max_size=8))
def test_the_yaml_says_the_same_as_the_manifests(needs: list[Need]) -> None:
    roles = roles_of(grants_of(needs))
    text = role_yaml(roles, name="on", account_namespace="yes-1")
    assert list(yaml.safe_load_all(text)) == role_manifests(roles, name="on", account_namespace="yes-1")


def test_every_entry_says_who_needs_it() -> None:
    roles = roles_of(grants_of(needs_of(compile_text(rule(POD % ", namespaces: [a]")).plan)))
    assert (
        role_yaml(roles, name="rulectl", account_namespace="rulectl").split("\n---\n")[0]
        == """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: rulectl
  namespace: a
  labels:
    app.kubernetes.io/name: rulectl
    app.kubernetes.io/instance: rulectl
rules:
# example: watch
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch]"""
    )


def test_a_grant_without_a_name_covers_one_with() -> None:
    assert Grant("", "pods", "get").covers(Grant("", "pods", "get", "a", "x"))
    assert not Grant("", "pods", "get", "a").covers(Grant("", "pods", "get"))
    assert not Grant("", "pods", "get").covers(Grant("", "pods", "list"))
