"""`let`, `old`, `changes` and `event` in terms and actions: the same in every try of a run."""

from __future__ import annotations

from rulectl.controller.report import Fault as Told
from rulectl.state.record import Record
from rulectl.testing.bench import Bench
from rulectl.testing.web import Call
from tests.scenarios.objects import POD, call, pod, rule, step
from tests.scenarios.seen import apply, events, records, told

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]


def test_a_let_may_read_old_and_changes_and_later_lets_see_it() -> None:
    lets = {"was": "annotation(old, 'bw')", "paths": "changes[].path", "count": "length(let.paths)"}
    bench = Bench(rule(changed=ON_BW, let=lets, when=["let.was == 'A'"], actions=[call({"let": "${{ let }}"})]))
    apply(bench, pod(bw="A"), pod(bw="B"))
    assert told(bench, "let") == [{"was": "A", "paths": ['metadata.annotations."bw"'], "count": 1}]


def test_terms_may_judge_the_step() -> None:
    when = ["annotation(old, 'bw') != annotation(object, 'bw')", "annotation(old, 'bw') != 'B'"]
    bench = Bench(rule(changed=ON_BW, when=when))
    apply(bench, *(pod(bw=value) for value in "ABCA"))
    assert bench.bodies() == [step("modified", "A", "B")]


def test_terms_may_judge_the_event() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, when=["event.type == 'modified'"]))
    apply(bench, pod("a", bw="A"))
    bench.restart()
    apply(bench, pod("a", bw="B"))
    assert bench.bodies() == []
    assert records(bench)["a"].owed is not None


def test_old_changes_and_lets_are_the_same_when_a_run_is_tried_again() -> None:
    lets = {"steps": "changes[].[old, new]"}
    actions = [call({"let": "${{ let.steps }}", "old": "${{ annotation(old, 'bw') }}"})]
    bench = Bench(rule(changed=ON_BW, let=lets, retry={"initialDelay": "1s"}, actions=actions))
    bench.web.script.append(503)
    apply(bench, pod(bw="A"), pod(bw="B"))
    bench.restart(orderly=False)
    bench.pass_time(10)
    assert bench.bodies() == [{"let": [["A", "B"]], "old": "A"}] * 2


def test_the_intent_is_recorded_before_the_first_action_starts() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH))
    found: list[Record] = []
    bench.web.on_call = lambda _call: found.append(records(bench)["a"])
    apply(bench, pod(bw="A"), pod(bw="B"))
    assert [(one.number, one.run is not None and one.run.event) for one in found] == [(1, "added"), (2, "modified")]


def test_each_success_is_recorded_with_its_result_before_the_next_starts() -> None:
    from rulectl.action.http.port import HttpResponse

    second = call({"id": "${{ results.first.json.id }}"}, name="second")
    bench = Bench(rule(actions=[call({}, name="first"), second]))
    bench.web.script.append(HttpResponse(200, {"content-type": "application/json"}, b'{"id": 7}'))
    found: list[object] = []

    def look(_call: Call) -> None:
        run = records(bench)["a"].run
        assert run is not None
        found.append(dict(run.done))

    bench.web.on_call = look
    apply(bench, pod())
    assert found[0] == {}
    assert list(found[1]) == ["first"]  # type: ignore[call-overload]
    assert bench.bodies()[1] == {"id": 7}


def test_a_since_that_is_no_time_is_unknown_and_null_is_none() -> None:
    since = "object.metadata.labels.since"
    bench = Bench(rule(when=["object.status.phase == 'Running'"], for_="5m", since=since))
    apply(bench, pod("bad", labels={"since": "yesterday"}), pod("none"))
    bench.pass_time(301)
    assert (events(bench), len(bench.told(Told))) == (["added"], 1)


def test_a_let_that_cannot_be_evaluated_is_tried_again() -> None:
    lets = {"count": "length(object.metadata.labels.x)"}
    bench = Bench(rule(let=lets, retry={"initialDelay": "1m"}, actions=[call({"x": "${{ let.count }}"})]))
    apply(bench, pod())
    assert bench.calls == []
    apply(bench, pod(labels={"x": "yes"}))
    bench.pass_time(180)
    assert told(bench, "x") == [3]


def test_terms_about_the_step_count_for_the_deletion_and_the_resync_after_it() -> None:
    lets = {"was": "annotation(old, 'bw')"}
    bench = Bench(rule(changed=ON_BW, events=["modified", "deleted"], let=lets, when=["let.was == 'A'"], resync="30m"))
    apply(bench, pod("other"), pod(bw="A"), pod(bw="B"))
    bench.pass_time(34 * 60)
    bench.cluster.delete(POD, "a", "default")
    bench.settle()
    assert events(bench) == ["modified", "resync", "deleted"]
