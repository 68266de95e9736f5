"""`forEach` in the middle of things: sources that move on, end or fail while their targets wait or are half done."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.sandbox.fault import Fault
from rulectl.testing.bench import Bench
from tests.scenarios.objects import CONFIGMAP, DEPLOYMENT, call, configmap, deployment, rule
from tests.scenarios.seen import apply, events, records, told

WATCH = {"apiVersion": "v1", "kind": "ConfigMap"}
EACH = {"apiVersion": "apps/v1", "kind": "Deployment", "references": "object"}
BODY = {
    "event": "${{ event.type }}",
    "target": "${{ target.metadata.name }}",
    "was": "${{ old.data.key }}",
    "now": "${{ object.data.key }}",
}
DATA = {"fields": ["data.key"]}
IS_B = ["object.data.key == 'B'"]
UNDO = [call(BODY, name="undo")]


def fan_out(**spec: Any) -> Bench:
    """Two targets, `api` and `web`, that both refer to the one source `c`."""
    form = {} if "when" in spec and "changed" not in spec else {"changed": {"fields": ["data"]}}
    settings = {**form, "forEach": EACH, "actions": [call(BODY)], **spec}
    bench = Bench(rule(watch=WATCH, **settings))
    apply(bench, configmap("c", key="A"), deployment("api", "c"), deployment("web", "c"))
    return bench


def condition(**spec: Any) -> Bench:
    return fan_out(when=IS_B, resolved=UNDO, **spec)


def set_key(bench: Bench, *keys: str) -> None:
    apply(bench, *(configmap("c", key=key) for key in keys))


def deleted(bench: Bench) -> None:
    bench.cluster.delete(CONFIGMAP, "c", "default")
    bench.settle()


def test_a_source_that_goes_back_while_its_targets_wait_runs_nothing() -> None:
    bench = fan_out(debounce="10s")
    set_key(bench, "B", "A")
    bench.pass_time(60)
    assert (bench.bodies(), records(bench)["c"].run) == ([], None)


def test_a_source_that_moves_on_while_its_targets_wait_runs_once_with_the_last_value() -> None:
    bench = fan_out(debounce="10s")
    set_key(bench, "B", "C")
    bench.pass_time(60)
    step = {"event": "modified", "was": "A", "now": "C"}
    assert bench.bodies() == [{**step, "target": "api"}, {**step, "target": "web"}]


def test_a_condition_that_ends_while_its_targets_wait_runs_nothing() -> None:
    bench = condition(debounce="10s")
    set_key(bench, "B", "A")
    bench.pass_time(60)
    assert bench.bodies() == []


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_waiting_targets_survive_a_restart(orderly: bool) -> None:
    bench = fan_out(debounce="1m")
    set_key(bench, "B")
    bench.pass_time(30)
    bench.restart(orderly=orderly)
    bench.pass_time(29)
    assert bench.bodies() == []
    bench.pass_time(2)
    assert told(bench, "target") == ["api", "web"]


def test_targets_that_wait_are_judged_again_with_their_source() -> None:
    bench = fan_out(changed=DATA, debounce="10s", when=["object.data.on == 'yes'"])
    apply(bench, configmap("c", key="B", on="yes"), configmap("c", key="B", on="no"))
    bench.pass_time(60)
    assert bench.bodies() == []
    apply(bench, configmap("c", key="B", on="yes"))
    bench.pass_time(11)
    assert told(bench, "target") == ["api", "web"]


def test_a_source_that_is_deleted_while_its_targets_wait_runs_nothing_for_the_change() -> None:
    bench = fan_out(debounce="10s", events=["modified", "deleted"])
    set_key(bench, "B")
    bench.pass_time(11)
    set_key(bench, "C")
    deleted(bench)
    bench.pass_time(60)
    assert events(bench) == ["modified", "modified", "deleted", "deleted"]


def test_a_source_that_is_deleted_before_any_target_began_leaves_nothing_to_undo() -> None:
    bench = condition(debounce="10s")
    set_key(bench, "B")
    deleted(bench)
    bench.pass_time(60)
    assert (bench.bodies(), "c" in records(bench)) == ([], False)


def test_a_source_that_moves_on_while_a_target_fails_starts_anew_for_both() -> None:
    bench = fan_out(retry={"initialDelay": "1h", "maxDelay": "1h"})
    bench.web.script.append(503)
    set_key(bench, "B", "C")
    assert [(one["target"], one["now"]) for one in bench.bodies()] == [  # type: ignore[index]
        ("api", "B"),
        ("web", "B"),
        ("api", "C"),
        ("web", "C"),
    ]
    assert records(bench)["c"].run is None


def test_a_source_that_goes_back_after_one_target_ran_undoes_it_with_what_was_tried() -> None:
    bench = fan_out(retry={"initialDelay": "1h", "maxDelay": "1h"})
    bench.web.script.append(503)
    set_key(bench, "B", "A")
    assert bench.bodies()[2:] == [
        {"event": "modified", "target": "api", "was": "B", "now": "A"},
        {"event": "modified", "target": "web", "was": "B", "now": "A"},
    ]


def test_a_condition_that_ends_while_a_target_fails_is_undone_for_all_that_began() -> None:
    bench = condition(retry={"initialDelay": "1h", "maxDelay": "1h"})
    bench.web.script.append(503)
    set_key(bench, "B", "A")
    assert [(one["event"], one["target"]) for one in bench.bodies()[2:]] == [  # type: ignore[index]
        ("resolved", "api"),
        ("resolved", "web"),
    ]
    bench.pass_time(7200)
    assert len(bench.calls) == 4


def test_without_resolved_a_condition_that_ends_gives_up_the_target_that_fails() -> None:
    bench = fan_out(when=IS_B, retry={"initialDelay": "1m", "maxDelay": "1m"})
    bench.web.script.append(503)
    set_key(bench, "B", "A")
    bench.pass_time(600)
    assert told(bench, "target") == ["api", "web"]


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_one_target_failing_for_good_fails_the_source_and_runs_nothing_again(orderly: bool) -> None:
    bench = fan_out()
    bench.web.script.append(422)
    set_key(bench, "B")
    bench.restart(orderly=orderly)
    bench.pass_time(3600)
    failed = records(bench)["c"].failed
    assert failed is not None
    assert (told(bench, "target"), failed.message[:12]) == (["api", "web"], "default/api:")
    set_key(bench, "C")
    assert [one["was"] for one in bench.bodies()[2:]] == ["A", "A"]  # type: ignore[index]


def test_a_source_that_failed_for_good_is_undone_for_all_its_targets() -> None:
    bench = condition()
    bench.web.script.append(422)
    set_key(bench, "B", "A")
    assert [(one["event"], one["target"]) for one in bench.bodies()[2:]] == [  # type: ignore[index]
        ("resolved", "api"),
        ("resolved", "web"),
    ]


def test_resync_fans_out_too() -> None:
    bench = fan_out(resync="30m")
    set_key(bench, "B")
    bench.pass_time(34 * 60)
    assert (events(bench)[2:], told(bench, "was")[2:]) == (["resync", "resync"], ["B", "B"])


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_a_target_cools_down_by_itself_also_over_a_restart_with_a_list_that_comes_late(orderly: bool) -> None:
    bench = fan_out(cooldown="10m")
    set_key(bench, "B")
    set_key(bench, "C")
    bench.pass_time(60)
    path = "/apis/apps/v1/deployments"
    bench.sandbox.faults.add(Fault(path=path, status=503, times=2))
    bench.restart(orderly=orderly)
    bench.pass_time(530)
    assert told(bench, "now") == ["B", "B"]
    bench.pass_time(20)
    assert told(bench, "now") == ["B", "B", "C", "C"]


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_a_begun_target_goes_on_only_when_it_is_known_again(orderly: bool) -> None:
    app = call({"app": "${{ target.spec.selector.matchLabels.app }}"})
    bench = fan_out(actions=[app], retry={"initialDelay": "1s"})
    bench.web.script.extend([503, 503])
    set_key(bench, "B")
    bench.sandbox.faults.add(Fault(path="/apis/apps/v1/deployments", status=503, times=2))
    bench.restart(orderly=orderly)
    bench.pass_time(60)
    assert bench.bodies() == [{"app": "api"}, {"app": "web"}] * 2


def test_a_target_that_is_replaced_is_another_target() -> None:
    bench = fan_out()
    set_key(bench, "B")
    bench.cluster.delete(DEPLOYMENT, "api", "default")
    apply(bench, deployment("api", "c"))
    set_key(bench, "C")
    assert told(bench, "target") == ["api", "web", "api", "web"]
    assert len({one.key for one in bench.calls}) == 4
    assert [one.name for one in bench.store.load().records if one.is_target] == ["web", "api"]


def test_targets_that_come_later_are_not_run_for_and_targets_that_refer_no_more_neither() -> None:
    bench = fan_out()
    set_key(bench, "B")
    apply(bench, deployment("later", "c"), deployment("api"))
    assert told(bench, "target") == ["api", "web"]
    set_key(bench, "C")
    assert told(bench, "target")[2:] == ["later", "web"]


def test_a_merged_run_belongs_to_all_its_sources() -> None:
    bench = fan_out(debounce="10s", retry={"attempts": 1})
    apply(bench, configmap("d", key="A"), deployment("web", "c", "d"))
    bench.web.script.extend([200, 503])
    apply(bench, configmap("c", key="B"), configmap("d", key="B"))
    bench.pass_time(60)
    found = records(bench)
    assert told(bench, "target") == ["api", "web"]
    assert [found[name].failed is not None for name in ("c", "d")] == [True, True]


def test_a_merged_run_goes_on_for_the_source_that_is_left() -> None:
    bench = fan_out(debounce="10s")
    apply(bench, configmap("d", key="A"), deployment("web", "c", "d"))
    apply(bench, configmap("d", key="B"), configmap("c", key="B"), configmap("c", key="A"))
    bench.pass_time(60)
    assert (told(bench, "target"), told(bench, "now")) == (["web"], ["B"])
    assert all(one.run is None for one in bench.store.load().records)


def test_limits_count_the_runs_of_targets_and_what_exceeds_them_waits() -> None:
    bench = fan_out(limits={"perMinute": 1, "onExceed": "wait"})
    set_key(bench, "B")
    assert told(bench, "target") == ["api"]
    bench.pass_time(61)
    assert told(bench, "target") == ["api", "web"]
    assert records(bench)["c"].run is None


def test_audit_of_each_target_settles_the_source() -> None:
    bench = fan_out(mode="audit")
    set_key(bench, "B")
    assert (len(bench.calls), [one.outcome for one in bench.runs()]) == (0, ["would", "would"])
    assert records(bench)["c"].run is None


def test_where_and_name_and_selector_must_all_hold() -> None:
    each = {**EACH, "where": "target.metadata.name != 'web'", "namespace": "${{ object.metadata.namespace }}"}
    bench = fan_out(forEach=each)
    set_key(bench, "B")
    assert told(bench, "target") == ["api"]


def test_every_target_has_its_own_key_that_retries_keep() -> None:
    bench = fan_out(retry={"initialDelay": "1s"})
    bench.web.script.extend([503, 503, 503])
    set_key(bench, "B")
    bench.restart(orderly=False)
    bench.pass_time(60)
    keys = {(one.key, str(one.body)) for one in bench.calls}
    assert (len(bench.calls), len(keys)) == (5, 2)
