"""Messages through Apprise: in a process of their own, which keeps the egress rules."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest

from rulectl.action.builtin.notify import Notify
from rulectl.action.egress import EgressPolicy
from rulectl.action.notify.apprise_process import Guard
from rulectl.action.outcome import Attempt, Done, Failed, RetryAfter
from rulectl.clock import SystemClock
from rulectl.testing import FakeKube, context_for, run_action, secret
from tests.action.http.server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def tell(url: str, egress: EgressPolicy | None = None) -> Attempt:
    kube = FakeKube(secret("chat", url=url))
    clock = SystemClock()
    context = dataclasses.replace(
        context_for(kube=kube), egress=egress or EgressPolicy(), clock=clock, deadline=clock.monotonic() + 20
    )
    reference = {"url": {"secretKeyRef": {"name": "chat", "key": "url"}}}
    return run_action(Notify, {"message": "it crashed", "title": "Crash", "apprise": reference}, context)


def test_a_message_arrives(server: Server) -> None:
    assert tell(f"json://user:hunter2hunter2@127.0.0.1:{server.port}/room") == Done("sent through json")
    (method, path, _, body, _), *_ = server.seen
    assert (method, path) == ("POST", "/room")
    told: Any = json.loads(body)
    assert told["title"] == "Crash"
    assert told["message"] == "it crashed\n\nObject: Pod default/web-1\nRule: test-rule"


def test_a_connection_that_is_denied_is_not_made(server: Server) -> None:
    outcome = tell(f"json://localhost:{server.port}/room", EgressPolicy.parse(deny=["127.0.0.0/8", "::1"]))
    assert isinstance(outcome, Failed)
    assert outcome.message.endswith(f"port {server.port} is not allowed: it is on the egress deny list")
    assert server.seen == []


def test_what_is_not_sent_is_tried_again_and_keeps_its_secrets(server: Server) -> None:
    outcome = tell(f"json://user:hunter2hunter2@127.0.0.1:{server.port}/status/500")
    assert isinstance(outcome, RetryAfter)
    assert outcome.message.startswith("apprise could not send it: ")
    assert "hunter2" not in outcome.message


def test_a_service_that_nobody_knows_is_a_final_failure() -> None:
    outcome = tell("pigeon://loft/hunter2hunter2")
    assert isinstance(outcome, Failed)
    assert outcome.message.startswith("apprise cannot use the URL (pigeon:…): ")
    assert "hunter2" not in outcome.message


def test_a_policy_is_the_same_on_the_other_side() -> None:
    policy = EgressPolicy.parse(
        ["*.example", "10.0.0.0/8:443", "[fd00::1]:80"],
        ["*", "fe80::/10"],
        api_server_url="https://kube.example:6443",
        resolve=lambda _host, _port: ["192.0.2.1"],
    )
    assert EgressPolicy.of(*policy.written()) == policy


def test_the_guard_knows_the_name_that_was_looked_up() -> None:
    guard = Guard(EgressPolicy.parse(["chat.example"], ["*"]))
    guard("socket.getaddrinfo", ("chat.example", 443))
    guard("open", ("/etc/hosts",))
    assert guard.denied == ""
