"""Runs that failed for good: what runs them again, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.testing.bench import Bench
from tests.scenarios.objects import POD, call, pod, rule, step
from tests.scenarios.seen import apply, events, records

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
RUNNING = ["object.status.phase == 'Running'"]


def failed(**spec: Any) -> Bench:
    """A bench whose pod went from A to B, which failed for good."""
    bench = Bench(rule(changed=ON_BW, **spec))
    apply(bench, pod(bw="A"))
    bench.web.script.append(422)
    apply(bench, pod(bw="B"))
    return bench


def test_the_record_keeps_old_and_the_failed_values() -> None:
    record = records(failed())["a"]
    assert record.failed is not None
    assert (record.base, record.failed.values) == (
        {'metadata.annotations."bw"': "A"},
        {'metadata.annotations."bw"': "B"},
    )


@pytest.mark.parametrize("orderly", [True, False], ids=["stopped", "killed"])
def test_heartbeats_lists_and_restarts_run_nothing(orderly: bool) -> None:
    bench = failed()
    apply(bench, pod(bw="B", labels={"heart": "beat"}))
    bench.sandbox.compact()
    bench.pass_time(1300)
    bench.restart(orderly=orderly)
    bench.pass_time(7200)
    assert len(bench.calls) == 1


def test_a_new_value_runs_it_again_with_the_same_old() -> None:
    bench = failed()
    apply(bench, pod(bw="C"))
    assert bench.bodies() == [step("modified", "A", "B"), step("modified", "A", "C")]


def test_going_back_is_a_change_from_what_was_tried() -> None:
    bench = failed()
    apply(bench, pod(bw="A"))
    assert bench.bodies()[1:] == [step("modified", "B", "A")]


def test_after_going_back_and_forth_the_failed_value_is_a_new_one() -> None:
    bench = failed()
    apply(bench, pod(bw="A"), pod(bw="B"))
    assert bench.bodies() == [step("modified", "A", "B"), step("modified", "B", "A"), step("modified", "A", "B")]
    assert len({one.key for one in bench.calls}) == 3


def test_an_edit_of_the_rule_runs_it_again_with_the_same_old() -> None:
    bench = failed()
    bench.restart(rule(changed=ON_BW, actions=[call(), call({"second": True}, name="second")]))
    assert bench.bodies()[1:] == [step("modified", "A", "B"), {"second": True}]


def test_when_turning_false_and_true_again_runs_nothing() -> None:
    bench = failed(when=RUNNING)
    apply(bench, pod(bw="B", phase="Pending"), pod(bw="B"))
    assert len(bench.calls) == 1


def test_attempts_count_whole_tries_over_restarts() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, retry={"attempts": 3, "initialDelay": "1m", "maxDelay": "1m"}))
    bench.web.script.extend([503] * 9)
    apply(bench, pod(bw="A"))
    bench.restart(orderly=False)
    bench.pass_time(73)
    bench.restart(orderly=True)
    bench.pass_time(3600)
    assert [one.outcome for one in bench.runs()] == ["retry", "retry", "failed"]


def test_a_new_value_has_all_attempts_again() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, retry={"attempts": 2, "initialDelay": "1s"}))
    bench.web.script.extend([503] * 4)
    apply(bench, pod(bw="A"))
    bench.pass_time(60)
    apply(bench, pod(bw="B"))
    bench.pass_time(60)
    assert [one.outcome for one in bench.runs()] == ["retry", "failed", "retry", "failed"]


def test_a_condition_that_failed_for_good_fires_again_after_it_was_false() -> None:
    bench = Bench(rule(when=RUNNING))
    bench.web.script.append(422)
    apply(bench, pod(), pod(bw="x"))
    bench.restart()
    assert events(bench) == ["added"]
    apply(bench, pod(phase="Failed"), pod())
    assert events(bench) == ["added", "modified"]


def test_a_presence_rule_that_failed_for_good_stays_so() -> None:
    bench = Bench(rule())
    bench.web.script.append(422)
    apply(bench, pod(bw="A"), pod(bw="B"))
    bench.restart()
    assert len(bench.calls) == 1


def test_an_object_that_goes_takes_its_failure_with_it() -> None:
    bench = failed()
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert records(bench)["a"].failed is None
    bench.pass_time(700)
    assert records(bench) == {}


def test_retry_after_of_the_server_is_honoured() -> None:
    from rulectl.action.http.port import HttpResponse

    bench = Bench(rule(changed=ON_BW, events=BOTH))
    bench.web.script.append(HttpResponse(503, {"retry-after": "120"}))
    apply(bench, pod(bw="A"))
    bench.pass_time(119)
    assert len(bench.calls) == 1
    bench.pass_time(2)
    assert len(bench.calls) == 2


def test_back_off_grows_to_its_maximum() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, retry={"initialDelay": "10s", "maxDelay": "1m"}))
    bench.web.script.extend([503] * 100)
    apply(bench, pod(bw="A"))
    bench.pass_time(9.9)
    assert len(bench.calls) == 1
    bench.pass_time(600)
    assert 11 <= len(bench.calls) <= 13
