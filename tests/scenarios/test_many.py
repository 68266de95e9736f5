"""Many objects: one failing holds up no other, names are told apart by namespace and uid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rulectl.errors import TransientError
from rulectl.state.memory import MemoryStore
from rulectl.state.store import Drop, Edit
from rulectl.testing.bench import Bench
from rulectl.testing.web import Call
from tests.scenarios.objects import POD, call, pod, rule
from tests.scenarios.seen import apply, labelled_namespace, records, told

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
NAMED = {
    "event": "${{ event.type }}",
    "in": "${{ object.metadata.namespace }}",
    "now": "${{ annotation(object, 'bw') }}",
    "old": "${{ annotation(old, 'bw') }}",
}


def test_objects_of_one_name_in_many_namespaces_have_records_and_baselines_of_their_own() -> None:
    bench = Bench(rule(changed=ON_BW, events=[*BOTH, "deleted"], actions=[call(NAMED)]))
    spaces = [f"n{number}" for number in range(5)]
    apply(bench, *(labelled_namespace(name) for name in spaces))
    apply(bench, *(pod(bw=name, namespace=name) for name in spaces))
    apply(bench, pod(bw="new", namespace="n3"))
    bench.cluster.delete(POD, "a", "n1")
    bench.settle()
    assert bench.bodies()[5:] == [
        {"event": "modified", "in": "n3", "now": "new", "old": "n3"},
        {"event": "deleted", "in": "n1", "now": "n1", "old": "n1"},
    ]
    assert len(bench.store.load().records) == 4


def test_an_object_that_fails_backs_off_alone() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, workers=1, retry={"initialDelay": "1m", "maxDelay": "1m"}))
    bench.web.script.extend([503])
    apply(bench, *(pod(f"p{number}", bw="A") for number in range(30)))
    assert len(bench.calls) == 30
    assert [one.run is not None for one in bench.store.load().records].count(True) == 1
    apply(bench, *(pod(f"p{number}", bw="B") for number in range(1, 30)))
    assert len(bench.calls) == 59
    bench.pass_time(73)
    assert len(bench.calls) == 60


def test_half_of_many_failing_for_good_leaves_the_other_half_done() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH))
    bench.web.script.extend([422, 200] * 20)
    for number in range(40):
        bench.cluster.apply(pod(f"p{number}", bw="A"))
    bench.settle()
    bench.restart()
    found = records(bench).values()
    assert ([one.failed is not None for one in found].count(True), len(bench.calls)) == (20, 40)


def test_a_bad_object_harms_no_other() -> None:
    body = {"x": "${{ length(object.metadata.labels.x) }}"}
    bench = Bench(rule(actions=[call(body)], retry={"initialDelay": "1m"}))
    apply(bench, pod("bad"), pod("good", labels={"x": "1"}), pod("bad2"))
    assert told(bench, "x") == [1]


def test_one_key_is_never_worked_on_twice_at_once() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, workers=8))
    depth: list[Any] = []

    def change_it_meanwhile(_call: Call) -> None:
        depth.append(len(depth))
        if len(bench.calls) < 5:
            bench.cluster.apply(pod(bw=f"v{len(bench.calls)}"))
            assert bench.engine is not None
            bench.engine.pool.step()

    bench.web.on_call = change_it_meanwhile
    apply(bench, pod(bw="v0"))
    assert [(one["old"], one["now"]) for one in bench.bodies()] == [  # type: ignore[index]
        (None, "v0"),
        *((f"v{number}", f"v{number + 1}") for number in range(4)),
    ]


class FailingStore(MemoryStore):
    """Says of the next `fails` durable writes that they failed; what `takes_effect` is kept all the same."""

    fails = 0
    takes_effect = False

    def write(self, edits: Sequence[Edit], *, durable: bool) -> None:
        if self.fails and durable:
            self.fails -= 1
            if self.takes_effect:
                super().write(edits, durable=durable)
            msg = "the disk is full"
            raise TransientError(msg)
        super().write(edits, durable=durable)


def test_an_error_of_the_state_starts_nothing_and_is_tried_again() -> None:
    store = FailingStore(is_durable=True)
    bench = Bench(rule(changed=ON_BW, events=BOTH), store=store)
    store.fails = 3
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    assert bench.calls == []
    bench.pass_time(5)
    assert len(bench.calls) == 1


def test_a_run_whose_intent_was_kept_though_the_write_failed_is_not_taken_for_begun() -> None:
    store = FailingStore(is_durable=True)
    store.takes_effect = True
    bench = Bench(rule(changed=ON_BW, events=[*BOTH, "deleted"]), store=store)
    apply(bench, pod("other"))
    store.fails = 1
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    bench.cluster.delete(POD, "a", "default")
    bench.pass_time(10)
    bench.restart()
    assert (bench.calls, list(records(bench))) == ([], ["other"])


def test_an_action_whose_success_could_not_be_recorded_is_repeated_with_its_key() -> None:
    store = FailingStore(is_durable=True)
    bench = Bench(rule(changed=ON_BW, events=BOTH, actions=[call(NAMED), call(NAMED, name="second")]), store=store)

    def fail_once(_call: Call) -> None:
        store.fails = int(len(bench.calls) == 1)

    bench.web.on_call = fail_once
    apply(bench, pod(bw="A"))
    bench.pass_time(5)
    assert [one.url.rpartition("/")[2] for one in bench.calls] == ["push", "push", "second"]
    assert len({one.key for one in bench.calls}) == 2


def test_a_name_that_is_used_again_while_its_run_waits_never_shows_the_new_object_to_the_old_run() -> None:
    bench = Bench(rule(actions=[call({"name": "${{ object.metadata.name }}", "whole": "${{ object }}"})]))

    def replace_the_other(_call: Call) -> None:
        if len(bench.calls) == 1:
            bench.cluster.delete(POD, "b", "default")
            bench.cluster.apply(pod("b", bw="new"))

    bench.web.on_call = replace_the_other
    bench.cluster.apply(pod("a"))
    bench.cluster.apply(pod("b"))
    bench.settle()
    bench.pass_time(5)
    assert told(bench, "name") == ["a", "b"]
    assert told(bench, "whole")[1]["metadata"]["annotations"] == {"bw": "new"}


def test_every_ten_hours_everything_is_looked_at_and_only_what_is_owed_runs() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, actions=[call(NAMED)]))
    apply(bench, pod("a", bw="A"), pod("b", bw="B"))
    assert bench.engine is not None
    bench.engine.ledger.write([Drop("r", records(bench)["b"].uid)])
    bench.pass_time(9 * 3600)
    assert told(bench, "now") == ["A", "B"]
    bench.pass_time(2 * 3600)
    assert told(bench, "now") == ["A", "B", "B"]
