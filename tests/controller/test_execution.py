"""One try of the actions of a run: order, what is skipped, what ends it, what is kept."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from rulectl.action.http.port import HttpResponse
from rulectl.action.masker import Masker
from rulectl.action.secrets import SecretReader
from rulectl.clock import VirtualClock
from rulectl.controller.execution import (
    Ended,
    Execution,
    FailedForGood,
    Subject,
    Toolbox,
    TryAgain,
    delay,
    idempotency_key,
)
from rulectl.fields import WHOLE
from rulectl.plan.model import RetryPolicy
from rulectl.testing.web import FakeWeb
from rulectl.value import Value
from tests.action.fakes import FakeKube, resolve
from tests.controller.samples import KEY, compiled
from tests.scenarios.objects import POD, call, pod


@dataclass
class Tried:
    """An execution of some actions against servers that answer as they are told."""

    actions: list[dict[str, Any]]
    answers: tuple[Any, ...] = ()
    done: dict[str, Value] = field(default_factory=dict)
    scope: dict[str, Value] = field(default_factory=lambda: {"object": pod("a", bw="A")})

    def __post_init__(self) -> None:
        self.clock, self.web, self.kept = VirtualClock(), FakeWeb(), list[tuple[str, Value]]()
        self.web.script.extend(self.answers)
        kube = FakeKube()
        masker = Masker()
        tools = Toolbox(
            kube=kube,
            resolve=resolve,
            http=self.web,
            secrets=SecretReader(kube, self.clock, masker),
            clock=self.clock,
            stop=threading.Event(),
            report=lambda _report: None,
            mask=masker.mask,
        )
        subject = Subject("r", "id", 3, KEY, POD, KEY, "u", pod("a"), WHOLE)
        plan = compiled(actions=self.actions)
        self.execution = Execution(
            plan.actions, subject, self.scope, tools, self.done, 1, self._keep, rng=random.Random(1)
        )
        self.result = self.execution.run()

    def _keep(self, action: str, result: Value) -> None:
        self.kept.append((action, result))

    @property
    def called(self) -> list[str]:
        return [one.url.rpartition("/")[2] for one in self.web.calls]

    @property
    def verbs(self) -> list[tuple[str, str]]:
        return [(one.action, one.verb) for one in self.execution.ended]


def actions(*names: str, **common: Any) -> list[dict[str, Any]]:
    return [call({}, name=name, **common) for name in names]


def test_actions_run_in_order_and_all_but_the_last_are_kept_before_the_next_starts() -> None:
    tried = Tried(actions("a", "b", "c"))
    assert (tried.result, tried.called) == (Ended(), ["a", "b", "c"])
    assert [name for name, _ in tried.kept] == ["a", "b"]


def test_what_is_done_already_is_not_done_again() -> None:
    tried = Tried(actions("a", "b", "c"), done={"a": None})
    assert tried.called == ["b", "c"]


@pytest.mark.parametrize(
    ("answer", "result"),
    [(503, TryAgain), (429, TryAgain), (422, FailedForGood), (404, FailedForGood)],
)
def test_an_action_that_does_not_work_ends_the_try(answer: int, result: type) -> None:
    tried = Tried(actions("a", "b"), (answer,))
    assert isinstance(tried.result, result)
    assert tried.called == ["a"]


def test_retry_after_is_passed_on() -> None:
    tried = Tried(actions("a"), (HttpResponse(503, {"retry-after": "17"}),))
    assert isinstance(tried.result, TryAgain)
    assert tried.result.seconds == 17


def test_on_error_continue_goes_on_and_shows_the_error_as_result() -> None:
    first = call({}, name="a", onError="continue")
    second = call({"why": "${{ results.a.error }}"}, name="b")
    tried = Tried([first, second], (422,))
    assert (tried.result, tried.called) == (Ended(), ["a", "b"])
    assert tried.web.calls[1].body == {"why": "a: PUT http://agent/a: 422"}


def test_an_action_whose_if_does_not_hold_is_skipped_and_done() -> None:
    tried = Tried([*actions("a", **{"if": "object.nothing"}), *actions("b")])
    assert (tried.called, tried.verbs) == (["b"], [("a", "skipped"), ("b", "done")])
    assert tried.kept == [("a", None)]


def test_only_what_later_actions_read_of_a_result_is_kept() -> None:
    answer = HttpResponse(200, {"content-type": "application/json"}, b'{"id": 7, "more": 8}')
    later = call({"id": "${{ results.a.json.id }}"}, name="b")
    tried = Tried([*actions("a"), later], (answer,))
    assert tried.kept == [("a", {"json": {"id": 7}})]
    assert tried.web.calls[1].body == {"id": 7}


def test_an_action_with_retry_is_tried_within_the_try_after_its_delays() -> None:
    retry = {"attempts": 3, "initialDelay": "10s"}
    tried = Tried(actions("a", retry=retry), (503, 503))
    assert (tried.result, tried.called) == (Ended(), ["a", "a", "a"])
    assert 30 <= tried.clock.monotonic() <= 36


def test_attempts_within_the_try_are_used_up() -> None:
    tried = Tried(actions("a", "b", retry={"attempts": 2, "initialDelay": "1s"}), (503, 503, 503))
    assert isinstance(tried.result, TryAgain)
    assert tried.called == ["a", "a"]


def test_a_template_that_cannot_be_evaluated_is_for_later() -> None:
    tried = Tried([call({"x": "${{ length(object.none) }}"}, name="a")])
    assert isinstance(tried.result, TryAgain)
    assert (tried.called, tried.verbs) == ([], [("a", "retry")])


def test_describing_sends_nothing() -> None:
    tried = Tried(actions("a"))
    before = len(tried.web.calls)
    told = tried.execution.describe()
    assert [(one.action, one.verb) for one in told] == [("a", "done")]
    assert len(tried.web.calls) == before


def test_the_key_is_of_record_run_target_and_action() -> None:
    tried = Tried(actions("a", "b"))
    assert [one.key for one in tried.web.calls] == [idempotency_key("id", 3, "u", name) for name in ("a", "b")]


def test_keys_differ_in_every_part_and_parts_do_not_run_together() -> None:
    parts = [("r", 1, "u", "a"), ("q", 1, "u", "a"), ("r", 2, "u", "a"), ("r", 1, "v", "a"), ("r", 1, "u", "b")]
    parts += [("r1", 1, "u", "a"), ("r", 11, "u", "a"), ("r", 1, "ua", ""), ("r", 1, "", "ua")]
    keys = [idempotency_key(*one) for one in parts]
    assert len(set(keys)) == len(parts)
    assert all(len(key) == 64 for key in keys)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0.005), (2, 0.01), (11, 5.12), (18, 655.36), (19, 1000.0), (10_000, 1000.0)]
)
def test_the_delay_doubles_up_to_its_cap(failures: int, seconds: float) -> None:
    assert delay(RetryPolicy(0, 0.005, 1000.0), failures) == pytest.approx(seconds)
