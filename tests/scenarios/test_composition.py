"""Actions put together: results, waits, targets, resolved, dead letters."""

from __future__ import annotations

import itertools
from typing import Any

from rulectl.action.http.port import HttpResponse
from rulectl.testing import Bench
from tests.scenarios.objects import CONFIGMAP, DEPLOYMENT, call, configmap, deployment, pod, rule

ON_BW = {"annotations": ["bw"]}
ANY = ["added", "modified"]


def answer(body: bytes) -> HttpResponse:
    return HttpResponse(200, {"content-type": "application/json"}, body)


def test_of_a_result_only_what_later_actions_read_is_recorded() -> None:
    log = {"log": {"message": "${{ results.ask.json.items[].id }}"}}
    bench = Bench(rule(changed=ON_BW, events=ANY, actions=[call({}, name="ask"), call({}, name="then"), log]))
    large = b'{"items": [{"id": 1, "blob": "%s"}, {"id": 2}], "more": "%s"}' % (b"x" * 500_000, b"y" * 400_000)
    bench.web.script.extend([answer(large), 503])
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    (record,) = bench.store.load().records
    assert record.run is not None
    assert record.run.done == {"ask": {"json": {"items": [{"id": 1}, {"id": 2}]}}}
    bench.pass_time(30)
    assert [one.message for one in bench.runs()[-1].actions if one.plugin == "log"] == ["[1,2]"]


def test_a_wait_within_one_try_is_jittered_and_never_over_the_most() -> None:
    retry = {"attempts": 4, "initialDelay": "1s", "maxDelay": "3s"}
    bench = Bench(rule(changed=ON_BW, events=ANY, actions=[call({}, name="push", retry=retry)]))
    times: list[float] = []
    bench.web.on_call = lambda _call: times.append(bench.clock.monotonic())
    bench.web.script.extend([503, 503, 503, 200])
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    waits = [round(after - before, 6) for before, after in itertools.pairwise(times)]
    assert [1 < waits[0] <= 1.2, 2 < waits[1] <= 2.4, waits[2] == 3] == [True] * 3


def test_a_long_wait_that_a_server_asks_for_is_left_to_the_queue() -> None:
    retry = {"attempts": 3, "initialDelay": "1s", "maxDelay": "5s"}
    bench = Bench(rule(changed=ON_BW, events=ANY, actions=[call({}, name="push", retry=retry)]))
    bench.web.script.append(HttpResponse(429, {"retry-after": "600"}))
    started = bench.clock.monotonic()
    bench.cluster.apply(pod(bw="A"))
    bench.settle()
    assert bench.clock.monotonic() - started < 1
    (first,) = bench.runs()
    assert first.retry_in_seconds is not None
    assert 599 < first.retry_in_seconds <= 600
    bench.pass_time(601)
    assert [one.outcome for one in bench.runs()] == ["retry", "succeeded"]


def test_five_changed_configmaps_restart_a_deployment_once() -> None:
    names = [f"c{number}" for number in range(5)]
    watch = {"apiVersion": "v1", "kind": "ConfigMap"}
    each = {"apiVersion": "apps/v1", "kind": "Deployment", "references": "object"}
    text = rule(
        watch=watch,
        changed={"fields": ["data"]},
        forEach=each,
        debounce="5s",
        existing="skip",
        actions=[{"restart": {}}],
    )
    bench = Bench(text, start=False)
    for name in names:
        bench.cluster.apply(configmap(name, a="1"))
    bench.cluster.apply(deployment("web", *names))
    bench.start()
    for name in names:
        bench.cluster.patch(CONFIGMAP, name, {"data": {"a": "2"}}, "default")
        bench.pass_time(1)
    bench.pass_time(60)
    web: Any = bench.cluster.get(DEPLOYMENT, "web", "default")
    assert web["metadata"]["generation"] == 2
    assert "kubectl.kubernetes.io/restartedAt" in web["spec"]["template"]["metadata"]["annotations"]


def test_an_incident_that_is_triggered_is_resolved_by_the_same_key() -> None:
    def page(action: str) -> dict[str, Any]:
        routing = {"secretKeyRef": {"namespace": "default", "name": "pager", "key": "key"}}
        pager = {"routingKey": routing, "action": action}
        return {"notify": {"message": "${{ object.metadata.name }} fails", "severity": "critical", "pagerDuty": pager}}

    bench = Bench(rule(when=["object.status.phase == 'Failed'"], actions=[page("trigger")], resolved=[page("resolve")]))
    secret: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "pager", "namespace": "default"},
    }
    bench.cluster.apply({**secret, "data": {"key": "cm91dGluZy1rZXk="}})
    bench.cluster.apply(pod(phase="Failed"))
    bench.settle()
    bench.cluster.apply(pod(phase="Running"))
    bench.settle()
    first, second = (call.body for call in bench.calls)
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert [first["event_action"], second["event_action"]] == ["trigger", "resolve"]
    assert first["dedup_key"] == second["dedup_key"]
    assert first["payload"]["summary"] == "a fails"
