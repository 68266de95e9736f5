"""Ends of objects that are not simple: names used again, namespaces, dead letters, terms that are not known."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.sandbox.fault import Fault
from rulectl.testing.bench import Bench
from tests.scenarios.objects import NAMESPACE, POD, call, pod, rule, step
from tests.scenarios.seen import apply, events, labelled_namespace, records

ON_BW = {"annotations": ["bw"]}
ALL = ["added", "modified", "deleted"]
RUNNING = ["object.status.phase == 'Running'"]
NAMESPACE_OF = {"ns": {"apiVersion": "v1", "kind": "Namespace", "name": "${{ object.metadata.namespace }}"}}
TEAM_A = {"apiVersion": "v1", "kind": "Pod", "namespaceSelector": {"matchLabels": {"team": "a"}}}


def delete(bench: Bench, name: str = "a", namespace: str = "default") -> None:
    bench.cluster.delete(POD, name, namespace)
    bench.settle()


def shop(team: str = "a") -> dict[str, Any]:
    return labelled_namespace("shop", team=team)


def test_a_deletion_that_failed_for_good_stays_known_and_holds_up_no_new_object_of_that_name() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL))
    apply(bench, pod(bw="A"))
    bench.web.script.append(422)
    delete(bench)
    apply(bench, pod(bw="B"))
    bench.restart()
    assert events(bench) == ["added", "deleted", "added"]
    assert [one.failed is not None for one in bench.store.load().records] == [True, False]


def test_a_deletion_waits_while_its_terms_are_unknown() -> None:
    when = ["lookup.ns.metadata.labels.on == 'yes'"]
    bench = Bench(rule(changed=ON_BW, events=["deleted"], lookup=NAMESPACE_OF, when=when))
    apply(bench, pod(bw="A"))
    bench.cluster.patch(NAMESPACE, "default", {"metadata": {"labels": {"on": "yes"}}})
    bench.stop()
    bench.cluster.delete(POD, "a", "default")
    bench.sandbox.faults.add(Fault(path="/api/v1/namespaces", status=403, times=3))
    bench.start()
    assert events(bench) == []
    bench.pass_time(300)
    assert events(bench) == ["deleted"]


def test_a_namespace_that_went_with_its_objects_while_down_is_their_deletion() -> None:
    bench = Bench(rule(watch=TEAM_A, changed=ON_BW, events=ALL), start=False)
    bench.cluster.apply(shop())
    bench.start()
    apply(bench, pod(bw="A", namespace="shop"))
    bench.stop()
    bench.cluster.delete(POD, "a", "shop")
    bench.cluster.delete(NAMESPACE, "shop")
    bench.start()
    bench.pass_time(10)
    assert events(bench) == ["added", "deleted"]


def test_an_object_that_is_deleted_after_it_left_the_scope_is_gone_all_the_same() -> None:
    bench = Bench(rule(watch=TEAM_A, changed=ON_BW, events=ALL), start=False)
    bench.cluster.apply(shop())
    bench.start()
    apply(bench, pod(bw="A", namespace="shop"), shop(team="b"))
    assert events(bench) == ["added"]
    delete(bench, namespace="shop")
    assert events(bench) == ["added", "deleted"]


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_a_deletion_failing_for_good_is_not_tried_again_by_a_restart(orderly: bool) -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL))
    apply(bench, pod(bw="A"))
    bench.web.script.append(422)
    delete(bench)
    for _ in range(3):
        bench.restart(orderly=orderly)
        bench.pass_time(3600)
    assert events(bench) == ["added", "deleted"]
    assert records(bench)["a"].failed is not None


@pytest.mark.parametrize(
    ("spec", "seen"),
    [
        pytest.param({"changed": ON_BW}, [("modified", "A", "B")], id="changes only: the baseline is carried over"),
        pytest.param(
            {"changed": ON_BW, "events": ["added", "modified"]},
            [("added", None, "A"), ("added", None, "B")],
            id="added counts",
        ),
        pytest.param(
            {"changed": ON_BW, "events": ["modified", "deleted"]}, [("deleted", "A", "A")], id="deleted counts"
        ),
        pytest.param(
            {"changed": ON_BW, "events": ALL},
            [("added", None, "A"), ("deleted", "A", "A"), ("added", None, "B")],
            id="both count",
        ),
        pytest.param(
            {"events": ["added", "deleted"]},
            [("added", None, "A"), ("deleted", "A", "A"), ("added", None, "B")],
            id="mere presence",
        ),
        pytest.param({"when": RUNNING}, [("added", None, "A"), ("added", None, "B")], id="a condition"),
        pytest.param(
            {"when": RUNNING, "resolved": [call(name="clear")]},
            [("added", None, "A"), ("resolved", "A", "A"), ("added", None, "B")],
            id="a condition with resolved",
        ),
        pytest.param(
            {"changed": ON_BW, "events": ["added", "modified"], "resolved": [call(name="clear")]},
            [("added", None, "A"), ("resolved", "A", "A"), ("added", None, "B")],
            id="changes with resolved",
        ),
    ],
)
@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_a_name_used_again_while_down(spec: dict[str, Any], seen: list[tuple[str, Any, str]], orderly: bool) -> None:
    bench = Bench(rule(**spec))
    apply(bench, pod(bw="A"))
    bench.pass_time(6)
    bench.stop() if orderly else bench.drop()
    bench.cluster.delete(POD, "a", "default")
    bench.cluster.apply(pod(bw="B"))
    bench.start()
    assert bench.bodies() == [step(*one) for one in seen]


def test_a_presence_rule_with_deleted_only_runs_for_objects_it_has_seen() -> None:
    bench = Bench(rule(events=["deleted"]), start=False)
    bench.cluster.apply(pod("before", bw="A"))
    bench.start()
    apply(bench, pod("later", bw="B"))
    delete(bench, "before")
    delete(bench, "later")
    assert bench.bodies() == [step("deleted", "A", "A"), step("deleted", "B", "B")]


def test_a_deletion_after_a_half_done_addition_runs_for_what_was_tried() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL, retry={"initialDelay": "1h"}))
    bench.web.script.append(503)
    apply(bench, pod(bw="A"))
    delete(bench)
    assert bench.bodies() == [step("added", None, "A"), step("deleted", "A", "A")]


def test_a_deletion_before_the_addition_ever_ran_is_forgotten() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL, when=RUNNING))
    apply(bench, pod(bw="A", phase="Pending"))
    delete(bench)
    assert (bench.bodies(), records(bench)) == ([], {})


@pytest.mark.parametrize(("phase", "runs"), [("Running", ["deleted"]), ("Pending", [])])
def test_a_deletion_counts_if_the_terms_hold_in_the_last_seen_state(phase: str, runs: list[str]) -> None:
    bench = Bench(rule(changed=ON_BW, events=["modified", "deleted"], when=RUNNING, debounce="1h"))
    apply(bench, pod(bw="A", phase="Pending"), pod(bw="B", phase=phase))
    delete(bench)
    bench.pass_time(3601)
    assert events(bench) == runs


def test_a_deletion_is_debounced_and_cooled_down_like_any_run_also_over_a_restart() -> None:
    bench = Bench(rule(changed=ON_BW, events=ALL, cooldown="10m"))
    apply(bench, pod(bw="A"))
    delete(bench)
    assert events(bench) == ["added"]
    bench.restart(orderly=False)
    bench.pass_time(590)
    assert events(bench) == ["added"]
    bench.pass_time(11)
    assert bench.bodies()[1:] == [step("deleted", "A", "A")]
