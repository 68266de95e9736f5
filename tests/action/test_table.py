"""Each action in each case, on the API server in memory: what comes of it is the table below.

success: the first time. unchanged: a later run, with nothing left to do. conflict: others write at the same time.
gone: the object is not there any more. forbidden: 403. timeout: no answer. retry: 503 with Retry-After, or the like.
final: a refusal that nothing heals. repeat: the same run again, with the same key.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from rulectl.action.attempt import perform
from rulectl.action.contract import ActionContext
from rulectl.action.outcome import Attempt, RetryAfter
from rulectl.action.registry import Registry
from rulectl.clock import SystemClock
from rulectl.errors import Unreachable
from rulectl.sandbox import Fault
from rulectl.testing import FakeKube, FakeWeb, HttpResponse, Refusal, context_for

TABLE = """
action    success  unchanged  conflict  gone       forbidden  timeout  retry  final   repeat
label     done     unchanged  done      unchanged  failed     retry    retry  failed  unchanged
annotate  done     unchanged  done      unchanged  failed     retry    retry  failed  unchanged
patch     done     unchanged  done      unchanged  failed     retry    retry  failed  unchanged
json      done     unchanged  done      unchanged  failed     retry    retry  failed  unchanged
strategic done     unchanged  done      unchanged  failed     retry    retry  failed  unchanged
ssa       done     unchanged  failed    unchanged  failed     retry    retry  failed  unchanged
apply     done     unchanged  failed    done       failed     retry    retry  failed  unchanged
scale     done     unchanged  done      unchanged  failed     retry    retry  failed  unchanged
restart   done     done       done      unchanged  failed     retry    retry  failed  unchanged
delete    done     unchanged  retry     unchanged  failed     retry    retry  failed  unchanged
event     done     done       retry     done       failed     retry    retry  failed  unchanged
job       done     done       retry     done       failed     retry    retry  failed  unchanged
http      done     done       failed    done       failed     retry    retry  failed  done
notify    done     done       failed    done       failed     retry    retry  failed  done
exec      done     done       -         done       failed     retry    retry  failed  done
log       done     done       -         done       -          -        -      -       done
"""

WEB: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "default", "labels": {"old": "x"}},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "app", "image": "app:1"}]},
        },
    },
}
TTY = {"spec": {"template": {"spec": {"containers": [{"name": "app", "tty": True}]}}}}
POD = {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a:1"}]}
LIMITS = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "limits"}, "data": {"a": "1"}}
PARAMETERS: Mapping[str, tuple[str, Any]] = {
    "label": ("label", {"set": {"tier": "gold"}, "remove": ["old"]}),
    "annotate": ("annotate", {"set": {"team": "blue"}}),
    "patch": ("patch", {"body": {"spec": {"paused": True}}}),
    "json": ("patch", {"type": "json", "body": [{"op": "replace", "path": "/spec/replicas", "value": 3}]}),
    "strategic": (
        "patch",
        {"type": "strategic", "body": TTY},
    ),
    "ssa": ("patch", {"type": "apply", "body": {"spec": {"minReadySeconds": 5}}}),
    "apply": ("apply", {"manifest": LIMITS}),
    "scale": ("scale", {"replicas": 5}),
    "restart": ("restart", {}),
    "delete": ("delete", {}),
    "event": ("event", {"reason": "TooSlow", "message": "it is slow"}),
    "job": ("job", {"template": {"spec": {"template": {"spec": POD}}}}),
    "http": ("http", {"url": "https://agent/x", "json": {"a": 1}}),
    "notify": ("notify", {"message": "m", "webhook": {"url": "https://agent/x"}}),
    "exec": ("exec", {"command": ["sh", "-c", "exit ${RULECTL_TEST:-0}"], "finalStatuses": [7]}),
    "log": ("log", {"message": "m"}),
}
CASES = TABLE.split("\n")[1].split()[1:]
ROWS = [line.split() for line in TABLE.strip().split("\n")[1:]]
CELLS = [
    pytest.param(row[0], case, wanted, id=f"{row[0]}-{case}")
    for row in ROWS
    for case, wanted in zip(CASES, row[1:], strict=True)
    if wanted != "-"
]
WRITES = "PATCH|POST|PUT|DELETE"
HTTP_ANSWERS: Mapping[str, Any] = {
    "conflict": Refusal(409),
    "forbidden": Refusal(403),
    "timeout": Unreachable("nobody answered"),
    "retry": HttpResponse(503, {"retry-after": "7"}),
    "final": Refusal(400),
}


class Stage:
    """One action in one case."""

    def __init__(self, row: str, case: str) -> None:
        self.name, self.parameters = PARAMETERS[row]
        self.case = case
        self.kube, self.web = FakeKube(), FakeWeb()
        self.context = context_for(WEB, self.kube, http=self.web, key="a" * 64, allow_exec=True)

    def run(self, context: ActionContext | None = None) -> Attempt:
        kind = Registry.builtin().get(self.name)
        assert kind is not None
        action = kind.bind(self.parameters)
        return perform(action, context or self.context, has_server_dry_run=kind.has_server_dry_run)

    def play(self) -> Attempt:
        prepare: Mapping[str, Callable[[], Attempt]] = {
            "success": self.run,
            "unchanged": self._later_run,
            "gone": self._without_the_object,
            "repeat": self._again,
        }
        return prepare.get(self.case, self._refused)()

    def _again(self) -> Attempt:
        self.run()
        return self.run()

    def _later_run(self) -> Attempt:
        self.run()
        return self.run(dataclasses.replace(self.context, idempotency_key="b" * 64))

    def _without_the_object(self) -> Attempt:
        self.kube.remove("apps/v1", "Deployment", "web", "default")
        return self.run()

    def _refused(self) -> Attempt:
        if self.name in {"http", "notify"}:
            # Twice: 401 and 403 are asked again with a fresh secret.
            self.web.script.extend([HTTP_ANSWERS[self.case]] * 2)
            return self.run()
        if self.name == "exec":
            return self._program()
        status = {"conflict": 409, "forbidden": 403, "retry": 503, "final": 422}.get(self.case, 0)
        fault = Fault(method=WRITES, status=status, retry_after=7 if status == 503 else None, hang=not status)
        self.kube.sandbox.faults.add(dataclasses.replace(fault, times=1 if self.case == "conflict" else None))
        return self.run()

    def _program(self) -> Attempt:
        if self.case == "forbidden":
            return self.run(dataclasses.replace(self.context, allow_exec=False))
        if self.case == "timeout":
            self.parameters = {"command": ["sleep", "9"]}
            clock = SystemClock()
            return self.run(dataclasses.replace(self.context, clock=clock, deadline=clock.monotonic() + 0.05))
        self.parameters = {**self.parameters, "env": {"RULECTL_TEST": 7 if self.case == "final" else 1}}
        return self.run()


@pytest.mark.parametrize(("row", "case", "wanted"), CELLS)
def test_the_table_holds(row: str, case: str, wanted: str) -> None:
    outcome = Stage(row, case).play()
    assert type(outcome).__name__.lower().replace("retryafter", "retry") == wanted, outcome
    if case == "retry" and row != "exec":
        assert isinstance(outcome, RetryAfter)
        assert outcome.seconds == 7


def test_the_table_has_all_actions() -> None:
    assert {PARAMETERS[row[0]][0] for row in ROWS} == set(Registry.builtin().names)


def test_a_repeated_request_carries_the_same_key_and_a_later_one_another() -> None:
    stage = Stage("http", "repeat")
    stage.play()
    stage.run(dataclasses.replace(stage.context, idempotency_key="b" * 64))
    assert [call.key[0] for call in stage.web.calls] == ["a", "a", "b"]
