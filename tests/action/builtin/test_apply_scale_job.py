from typing import Any

import pytest

from rulectl.action.builtin.job import JOBS
from rulectl.action.outcome import Done, Failed, Unchanged
from rulectl.action.permission import Permission
from rulectl.resource import Kind, ObjectKey
from tests.action.builtin.bench import faults, kind_of, run
from tests.action.fakes import CONFIG_MAP, DEPLOYMENT, NODE, POD, FakeKube, context_for, deployment, pod

MANIFEST: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "limits", "annotations": {"a": "b"}},
    "data": {"ingress": "10M"},
}
MINE = {"rulectl.dev/applied-by": "pod-bandwidth"}
TEMPLATE: dict[str, Any] = {"metadata": {"labels": {"app": "fix"}}, "spec": {"template": {"spec": {"containers": []}}}}


def config_map(**annotations: str) -> dict[str, Any]:
    metadata = {"namespace": "shop", "name": "limits", "uid": "uid-limits", "annotations": annotations}
    return {**MANIFEST, "metadata": metadata}


def apply(kube: FakeKube, **more: Any) -> Any:
    return run("apply", {"manifest": MANIFEST, **more}, context_for(pod(), kube))


def test_an_object_is_created_beside_the_one_acted_on_and_marked_as_the_rules_own() -> None:
    kube = FakeKube()
    assert apply(kube).message == "created ConfigMap shop/limits"
    metadata = {"name": "limits", "namespace": "shop", "annotations": {"a": "b", **MINE}}
    assert kube.writes == [("patch", "ConfigMap shop/limits", {**MANIFEST, "metadata": metadata})]


def test_an_object_of_the_rule_is_brought_up_to_date_with_the_uid_as_precondition() -> None:
    kube = FakeKube().put(CONFIG_MAP, {**config_map(**MINE), "data": {"ingress": "5M"}})
    assert apply(kube).message == "applied ConfigMap shop/limits"
    assert kube.writes[0][2]["metadata"]["uid"] == "uid-limits"


def test_an_object_that_says_so_already_is_unchanged() -> None:
    assert apply(FakeKube().put(CONFIG_MAP, config_map(a="b", **MINE))) == Unchanged(
        "ConfigMap shop/limits says so already"
    )


@pytest.mark.parametrize(
    ("annotations", "whose"),
    [({}, "somebody else"), ({"rulectl.dev/applied-by": "other"}, "rule other")],
    ids=["made by hand", "of another rule"],
)
def test_a_foreign_object_is_not_taken_over_unless_adopted(annotations: dict[str, str], whose: str) -> None:
    kube = FakeKube().put(CONFIG_MAP, config_map(**annotations))
    assert apply(kube) == Failed(
        f"ConfigMap shop/limits exists and belongs to {whose}; give adopt: true to take it over"
    )
    assert kube.writes == []
    assert isinstance(apply(kube, adopt=True), Done)
    assert isinstance(apply(kube), Unchanged)


def test_a_field_of_another_manager_is_a_final_failure_unless_forced() -> None:
    kube = FakeKube(foreign_fields=True).put(CONFIG_MAP, config_map(**MINE))
    assert apply(kube) == Failed(
        "ConfigMap shop/limits has fields of other managers; give force: true to take them over: "
        'conflict with "kubectl": .data.a'
    )
    assert isinstance(apply(kube, force=True), Done)


def test_an_applied_object_can_be_made_to_go_with_the_object() -> None:
    kube = FakeKube()
    apply(kube, ownedByObject=True)
    assert kube.writes[0][2]["metadata"]["ownerReferences"] == [
        {"apiVersion": "v1", "kind": "Pod", "name": "web-1", "uid": "uid-web"}
    ]


def test_an_owner_in_another_namespace_is_refused() -> None:
    manifest = {**MANIFEST, "metadata": {"name": "limits", "namespace": "other"}}
    assert apply(FakeKube(), manifest=manifest, ownedByObject=True) == Failed(
        "ConfigMap other/limits cannot be owned by an object of another namespace; drop ownedByObject"
    )


def test_beside_an_object_without_namespace_a_manifest_has_to_name_one() -> None:
    node = {"metadata": {"name": "n1", "uid": "uid-n1"}}
    outcome = run("apply", {"manifest": MANIFEST}, context_for(node, resource=NODE))
    assert outcome == Failed("ConfigMap limits needs a namespace: the object acted on has none; give one")


@pytest.mark.parametrize(
    ("manifest", "missing"),
    [
        ({"kind": "ConfigMap", "metadata": {"name": "x"}}, "apiVersion"),
        ({"apiVersion": "v1", "metadata": {"name": "x"}}, "kind"),
        ({"apiVersion": "v1", "kind": "ConfigMap"}, "metadata.name; generateName cannot be repeated safely"),
    ],
    ids=["apiVersion", "kind", "name"],
)
def test_a_manifest_says_what_it_is(manifest: dict[str, Any], missing: str) -> None:
    assert faults("apply", {"manifest": manifest}) == [f"the manifest has no {missing}"]


def test_applying_needs_permissions_on_the_manifests_kind() -> None:
    assert kind_of("apply").permissions({"manifest": MANIFEST}, Kind("v1", "Pod")) == (
        Permission(Kind("v1", "ConfigMap"), ("get", "create", "patch"), "", None, "limits"),
    )


def test_scaling_is_a_patch_of_the_scale_and_says_from_where() -> None:
    kube = FakeKube().put(DEPLOYMENT, deployment())
    outcome = run("scale", {"replicas": 1}, context_for(deployment(), kube, resource=DEPLOYMENT))
    assert outcome == Done("scaled Deployment shop/web from 2 to 1 replica", {"before": 2})
    assert kube.writes[0][2] == {"metadata": {"resourceVersion": "101", "uid": "uid-web"}, "spec": {"replicas": 1}}


def test_a_workload_of_that_size_is_left_alone() -> None:
    kube = FakeKube().put(DEPLOYMENT, deployment())
    outcome = run("scale", {"replicas": 2}, context_for(deployment(), kube, resource=DEPLOYMENT))
    assert outcome == Unchanged("Deployment shop/web has 2 replicas already")


def test_a_kind_without_scale_cannot_be_scaled() -> None:
    kube = FakeKube().put(DEPLOYMENT, deployment())
    jobs = type(DEPLOYMENT)(Kind("apps/v1", "Deployment"), "deployments", True, frozenset({"status"}))
    outcome = run("scale", {"replicas": 2}, context_for(deployment(), kube, resource=jobs))
    assert outcome == Failed("Deployment cannot be scaled; name a workload in `resource`")


def job(kube: FakeKube, key: str = "a" * 64) -> Any:
    return run("job", {"template": TEMPLATE}, context_for(pod(), kube, key=key))


def test_a_job_is_created_once_per_run() -> None:
    kube = FakeKube()
    outcomes = [job(kube), job(kube), job(kube, "b" * 64)]
    assert [outcome.message for outcome in outcomes] == [
        "created Job shop/pod-bandwidth-aaaaaaaaaaaa",
        "Job shop/pod-bandwidth-aaaaaaaaaaaa was created for this run already",
        "created Job shop/pod-bandwidth-bbbbbbbbbbbb",
    ]
    made = kube.objects[JOBS.kind, ObjectKey("shop", "pod-bandwidth-aaaaaaaaaaaa")]
    assert (made["metadata"]["labels"], made["spec"]) == ({"app": "fix"}, TEMPLATE["spec"])


def test_a_foreign_job_of_that_name_is_not_taken_for_the_runs_own() -> None:
    kube = FakeKube()
    metadata = {"namespace": "shop", "name": "pod-bandwidth-aaaaaaaaaaaa", "uid": "u"}
    kube.put(JOBS, {"metadata": metadata})
    assert isinstance(job(kube), Failed)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ({"spec": {}}, "the template has no spec.template; write it like a CronJob's jobTemplate"),
        ({**TEMPLATE, "kind": "Job"}, "the template knows metadata and spec, not kind"),
    ],
    ids=["no pod", "too much"],
)
def test_a_jobs_template_is_like_that_of_a_cron_job(template: dict[str, Any], message: str) -> None:
    assert faults("job", {"template": template}) == [message]


def test_deleting_what_is_being_deleted_already_is_unchanged() -> None:
    kube = FakeKube().put(POD, pod(deletionTimestamp="2026-01-01T00:00:00Z"))
    assert run("delete", {}, context_for(pod(), kube)) == Unchanged("Pod shop/web-1 is being deleted already")


def test_deleting_carries_the_uid_and_says_what_happens_to_what_it_owns() -> None:
    kube = FakeKube().put(POD, pod())
    assert run("delete", {"propagation": "Foreground"}, context_for(pod(), kube)) == Done("deleted Pod shop/web-1")
    assert kube.writes == [("delete", "Pod shop/web-1", {"uid": "uid-web", "propagation": "Foreground"})]
