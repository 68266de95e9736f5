"""Runs and their idempotency keys: equal on retries and after a crash at any instruction, new for every later run."""

from __future__ import annotations

from typing import Any

import pytest

from rulectl.testing.bench import Bench
from rulectl.testing.transport import Crashed
from tests.scenarios.objects import POD, call, pod, rule
from tests.scenarios.seen import apply, records

ON_BW = {"annotations": ["bw"]}
BOTH = ["added", "modified"]
RUNNING = ["object.status.phase == 'Running'"]
NOW = {"event": "${{ event.type }}", "time": "${{ event.time }}", "now": "${{ annotation(object, 'bw') }}"}


def keys(bench: Bench) -> list[str]:
    return [one.key for one in bench.calls]


def test_every_action_of_a_run_has_its_own_key() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, actions=[call(NOW), call(NOW, name="second")]))
    apply(bench, pod(bw="A"))
    assert len(set(keys(bench))) == 2


def test_every_object_and_every_rule_has_its_own_key() -> None:
    bench = Bench("\n---\n".join(rule(name, changed=ON_BW, events=BOTH) for name in ("one", "two")))
    apply(bench, pod("a", bw="A"), pod("b", bw="A"))
    assert len(set(keys(bench))) == 4


def test_the_same_values_again_are_a_new_run_with_a_new_key() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH))
    apply(bench, *(pod(bw=value) for value in "ABABAB"))
    assert len(set(keys(bench))) == 6


@pytest.mark.parametrize("form", ["condition", "presence", "changed"])
def test_a_name_used_again_has_new_keys(form: str) -> None:
    forms: dict[str, dict[str, Any]] = {"condition": {"when": RUNNING}, "presence": {}, "changed": {"changed": ON_BW}}
    spec = forms[form]
    bench = Bench(rule(events=["added"], **spec))
    for _ in range(3):
        apply(bench, pod(bw="A"))
        bench.cluster.delete(POD, "a", "default")
        bench.settle()
    assert len(set(keys(bench))) == 3


def test_a_fired_condition_its_resolve_and_its_next_firing_have_three_keys() -> None:
    bench = Bench(rule(when=RUNNING, resolved=[call(name="push")]))
    apply(bench, pod(), pod(phase="Failed"), pod())
    assert len(set(keys(bench))) == 3


def test_event_time_and_object_stay_the_same_on_a_retry_and_the_object_is_as_it_is_now() -> None:
    bench = Bench(rule(changed=ON_BW, events=BOTH, retry={"initialDelay": "1m", "maxDelay": "1m"}, actions=[call(NOW)]))
    bench.web.script.append(503)
    apply(bench, pod(bw="A"))
    bench.restart(orderly=False)
    bench.pass_time(73)
    first, second = bench.bodies()
    assert first == second


def crashing(bench: Bench, at: int) -> bool:
    """Applies a change and lets the process die at the `at`th call through a port; whether it did."""
    bench.crash.at = bench.crash.passed + at
    try:
        bench.settle()
    except Crashed:
        bench.drop()
        return True
    return False


@pytest.mark.parametrize("at", range(1, 13))
@pytest.mark.parametrize("form", ["changed", "condition", "own write"])
def test_a_crash_at_any_call_repeats_with_the_same_key_and_loses_nothing(form: str, at: int) -> None:
    second = {"name": "mark", "label": {"set": {"done": "yes"}}} if form == "own write" else call(NOW, name="second")
    spec: dict[str, Any] = {"when": ["annotation(object, 'bw') == 'B'"]} if form == "condition" else {"changed": ON_BW}
    bench = Bench(rule(**spec, actions=[call(NOW), second, call(NOW, name="third")]))
    apply(bench, pod(bw="A"))
    bench.cluster.apply(pod(bw="B"))
    crashing(bench, at)
    bench.crash.at = None
    bench.restart(orderly=False) if bench.engine is None else bench.settle()
    bench.pass_time(60)
    urls = [one.url.rpartition("/")[2] for one in bench.calls]
    assert len(set(keys(bench))) == len(set(urls)) == (2 if form == "own write" else 3)
    assert records(bench)["a"].run is None
