"""The actions of a run: order, `if`, results, `onError`, what is done is not done again."""

from __future__ import annotations

from typing import Any

from rulectl.action.http.port import HttpResponse
from rulectl.testing.bench import Bench
from rulectl.testing.web import Call
from tests.scenarios.objects import POD, call, pod, rule

ON_BW = {"annotations": ["bw"]}


def names(bench: Bench) -> list[str]:
    return [one.url.rpartition("/")[2] for one in bench.calls]


def three(**of_second: Any) -> Bench:
    actions = [call({}, name="first"), call({}, name="second", **of_second), call({}, name="third")]
    return Bench(rule(changed=ON_BW, events=["added", "modified"], retry={"initialDelay": "10s"}, actions=actions))


def add(bench: Bench) -> None:
    bench.cluster.apply(pod(bw="A"))
    bench.settle()


def test_actions_run_in_order() -> None:
    bench = three()
    add(bench)
    assert names(bench) == ["first", "second", "third"]


def test_a_retry_resumes_at_the_first_action_not_yet_done() -> None:
    bench = three()
    bench.web.script.extend([200, 503])
    add(bench)
    bench.pass_time(30)
    assert names(bench) == ["first", "second", "second", "third"]


def test_a_crash_resumes_at_the_first_action_not_yet_done() -> None:
    bench = three()
    bench.web.script.extend([200, 503])
    add(bench)
    bench.restart(orderly=False)
    bench.pass_time(30)
    assert names(bench) == ["first", "second", "second", "third"]


def test_moved_values_start_a_new_run_at_the_first_action() -> None:
    bench = three()
    bench.web.script.extend([200, 503])
    add(bench)
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    assert names(bench) == ["first", "second", "first", "second", "third"]


def test_an_action_whose_if_does_not_hold_is_done() -> None:
    bench = three(**{"if": "object.metadata.labels.never"})
    add(bench)
    assert names(bench) == ["first", "third"]


def test_on_error_continue_goes_on() -> None:
    bench = three(onError="continue")
    bench.web.script.extend([200, 422])
    add(bench)
    assert names(bench) == ["first", "second", "third"]


def test_retries_within_one_try() -> None:
    bench = three(retry={"attempts": 3, "initialDelay": "1s"})
    bench.web.script.extend([200, 503, 503])
    add(bench)
    assert names(bench) == ["first", "second", "second", "second", "third"]


def test_later_actions_see_results_also_after_a_crash() -> None:
    second = call({"id": "${{ results.first.json.id }}"}, name="second")
    bench = Bench(rule(actions=[call({}, name="first"), second]))
    answer = HttpResponse(200, {"content-type": "application/json"}, b'{"id": "x1"}')
    bench.web.script.extend([answer, 503])
    add(bench)
    bench.restart(orderly=False)
    bench.pass_time(30)
    assert bench.bodies()[-2:] == [{"id": "x1"}, {"id": "x1"}]


def test_a_rules_own_write_to_what_it_watches_does_not_make_it_owe() -> None:
    actions = [{"name": "fix", "annotate": {"set": {"bw": "fixed"}}}, call()]
    bench = Bench(rule(changed=ON_BW, events=["added", "modified"], actions=actions))
    add(bench)
    bench.pass_time(30)
    assert len(bench.runs()) == 1
    bench.cluster.apply(pod(bw="C"))
    bench.settle()
    assert len(bench.runs()) == 2


def test_somebody_elses_change_beside_an_own_write_is_not_lost() -> None:
    changed = {"annotations": ["bw", "other"]}
    actions = [{"name": "fix", "annotate": {"set": {"bw": "fixed"}}}, call()]
    bench = Bench(rule(changed=changed, events=["added", "modified"], actions=actions))
    meddle = {"metadata": {"annotations": {"other": "1"}}}

    def meddle_once(_call: Call) -> None:
        if len(bench.calls) == 1:
            bench.cluster.patch(POD, "a", meddle, "default")

    bench.web.on_call = meddle_once
    add(bench)
    bench.pass_time(5)
    assert len(bench.runs()) == 2


def test_audit_acts_never_and_settles_as_if_it_had_succeeded() -> None:
    bench = Bench(rule(changed=ON_BW, events=["added", "modified"], mode="audit"))
    add(bench)
    assert ([one.outcome for one in bench.runs()], bench.calls) == (["would"], [])
    bench.restart(rule(changed=ON_BW, events=["added", "modified"]))
    bench.cluster.apply(pod(bw="B"))
    bench.settle()
    assert [body["old"] for body in bench.bodies()] == ["A"]  # type: ignore[index]


def test_a_template_that_cannot_be_evaluated_harms_only_its_rule() -> None:
    bad = rule("bad", changed=ON_BW, events=["added"], actions=[call({"x": "${{ length(object.metadata.labels.x) }}"})])
    good = rule("good", changed=ON_BW, events=["added"])
    bench = Bench(f"{bad}\n---\n{good}")
    add(bench)
    assert [one.rule for one in bench.runs() if one.outcome == "succeeded"] == ["good"]


def test_a_disabled_rule_leaves_its_records_as_they_are() -> None:
    on = rule(changed=ON_BW, env={"ON": "true"}, enabledIf="env.ON == 'true'")
    off = rule(changed=ON_BW, env={"ON": "false"}, enabledIf="env.ON == 'true'")
    bench = Bench(on)
    add(bench)
    bench.restart(off)
    bench.cluster.apply(pod(bw="B"))
    bench.restart(on)
    assert [body["old"] for body in bench.bodies()] == ["A"]  # type: ignore[index]
