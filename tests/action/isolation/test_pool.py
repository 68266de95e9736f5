"""`isolation: process`: what a plugin does to its process, and what its caller sees of it."""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from rulectl.action.attempt import perform
from rulectl.action.contract import ActionContext
from rulectl.action.isolation.pool import Isolation
from rulectl.action.outcome import Attempt, Crashed, Done, Failed, RetryAfter
from rulectl.action.printing import Chatter, printing_to
from rulectl.errors import PermanentError
from rulectl.fields import WHOLE
from rulectl.testing import FakeKube, FakeLog, context_for, plugin_type, secret
from tests.action.isolation import unruly

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"namespace": "shop", "name": "web-1"},
    "spec": {"containers": [{"name": "app", "image": "app:1"}]},
}


@pytest.fixture(scope="module")
def isolation() -> Iterator[Isolation]:
    made = Isolation()
    yield made
    made.close()


def run(isolation: Isolation, made: Any, context: ActionContext | None = None, **parameters: Any) -> Attempt:
    action = isolation.isolated(plugin_type(made), parameters)
    return perform(action, context or context_for(POD), has_server_dry_run=False)


def test_a_plugin_that_exits_ends_only_its_process(isolation: Isolation) -> None:
    assert run(isolation, unruly.leave) == Crashed("the plugin's process ended with status 7")


def test_a_plugin_that_crashes_the_interpreter_ends_only_its_process(isolation: Isolation) -> None:
    assert run(isolation, unruly.die) == Crashed("the plugin's process was killed by signal 11")


def test_a_plugin_that_hangs_is_killed_at_its_deadline(isolation: Isolation) -> None:
    started = time.monotonic()
    outcome = run(isolation, unruly.hang, context_for(POD, timeout=0.7))
    assert outcome == RetryAfter(None, "the plugin's process was killed: the action's timeout has passed")
    assert time.monotonic() - started < 5


def test_a_plugin_that_hangs_is_killed_when_rulectl_stops(isolation: Isolation) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    outcome = run(isolation, unruly.hang, dataclasses.replace(context_for(POD), stop=stop))
    assert outcome == RetryAfter(None, "the plugin's process was killed: rulectl is stopping")


def test_of_a_flood_some_lines_reach_the_log_and_the_rest_is_counted(isolation: Isolation) -> None:
    log = FakeLog()
    chatter = Chatter(log)
    context = dataclasses.replace(context_for(POD), log=chatter.say)
    with printing_to(chatter):
        assert run(isolation, unruly.flood, context, lines=2_000) == Done("said it all")
    assert len(log.lines) == 51
    assert log.lines[-1][0].endswith(" more lines of its output were dropped; a plugin may say 50 lines a run")


def test_what_a_plugin_raises_means_what_it_means_in_a_thread(isolation: Isolation) -> None:
    assert run(isolation, unruly.fail, how="later") == RetryAfter(7, "not now")
    assert run(isolation, unruly.fail, how="never") == Failed("no such team")
    crashed = [run(isolation, unruly.fail, how=how) for how in ("bug", "exit")]
    assert [one.message.partition(" (")[0] for one in crashed if isinstance(one, Crashed)] == [
        "the plugin raised KeyError: 'team'",
        "the plugin raised SystemExit: 3",
    ]


def test_messages_of_its_own_making_are_no_end_of_the_call(isolation: Isolation) -> None:
    outcome = run(isolation, unruly.babble)
    assert isinstance(outcome, Crashed)
    assert outcome.message.startswith("the plugin's process sent no message: ")


def test_it_reads_writes_logs_and_gets_secrets_through_its_parent(isolation: Isolation) -> None:
    kube, log = FakeKube(POD, secret("agent", "shop", token="hunter2-hunter2")), FakeLog()
    context = dataclasses.replace(context_for(POD, kube, log=log), known=WHOLE)
    token = {"secretKeyRef": {"name": "agent", "key": "token"}}
    outcome = run(isolation, unruly.Thorough, context, token=token)
    assert outcome == Done("labelled with ***", {"key": context.idempotency_key, "attempt": 1})
    labels: Any = kube.see("v1", "Pod", "web-1", "shop")
    assert labels["metadata"]["labels"] == {"token": "hunter2-hunter2", "rule": "test-rule"}
    assert labels["metadata"]["managedFields"][0]["manager"] == "rulectl/test-rule"
    assert context.secrets.masker.mask(log.lines[0][0]) == "Pod with ***"


def test_faults_of_the_server_arrive_as_what_they_are(isolation: Isolation) -> None:
    outcome = run(isolation, unruly.lost)
    assert isinstance(outcome, Failed)
    assert "nobody" in outcome.message


def test_it_describes_itself_there_too(isolation: Isolation) -> None:
    token = {"secretKeyRef": {"name": "agent", "key": "token"}}
    action = isolation.isolated(plugin_type(unruly.Thorough), {"token": token})
    assert action.describe(context_for(POD)) == {"label": "seen", "token": token}


def test_a_process_is_used_again_after_a_good_call_only(isolation: Isolation) -> None:
    first, second = (run(isolation, unruly.process_id) for _ in range(2))
    assert first == second
    assert isinstance(first, Done)
    assert first.result != os.getpid()


def test_what_no_other_process_can_find_is_refused(isolation: Isolation) -> None:
    def local(context: ActionContext) -> None:
        pass

    with pytest.raises(PermanentError, match="it has to be a class or function at the top of a module"):
        run(isolation, local)


def test_closing_ends_the_processes_that_wait() -> None:
    mine = Isolation()
    outcome = run(mine, unruly.process_id)
    assert isinstance(outcome, Done)
    mine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(str(outcome.result)), 0)
    assert run(mine, unruly.process_id) == RetryAfter(None, "rulectl is stopping; it is tried again later")
