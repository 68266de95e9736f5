"""Whether the cluster lets us: asked at the start, told for the rules that lack something."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rulectl.check.rbac.grant import Grant
from rulectl.clock import VirtualClock
from rulectl.errors import Unreachable
from rulectl.kube.discovery import Discovery
from rulectl.kube.transport import Request, Response, Stream
from rulectl.manager.access import access_notices, review_access
from rulectl.plan.compiler import compile_text
from rulectl.plan.model import Plan
from rulectl.sandbox.sandbox import Sandbox
from rulectl.testing.transport import InProcessTransport
from rulectl.value import Value, decode, encode, mapping
from tests.rule.marked import rule

RULES = f"{rule('watch: {apiVersion: v1, kind: Pod}', 'pods')}---\n" + rule(
    "watch: {apiVersion: v1, kind: Secret}\nactions: [{label: {set: {a: b}}}]", "secrets"
)
Answer = Callable[[dict[str, Value]], bool | int | None]


class Reviewer:
    """An API server whose reviews are answered by a function: yes, no, a status, or None for no answer."""

    def __init__(self, answer: Answer) -> None:
        self.clock = VirtualClock()
        self._inner = InProcessTransport(Sandbox(clock=self.clock).api, self.clock)
        self._answer = answer
        self._lock = threading.Lock()
        self.asked: list[dict[str, Value]] = []

    def request(self, request: Request, *, timeout_seconds: float) -> Response:
        if not request.path.endswith("selfsubjectaccessreviews"):
            return self._inner.request(request, timeout_seconds=timeout_seconds)
        attributes = dict(mapping(mapping(mapping(decode(request.body or b"")).get("spec")).get("resourceAttributes")))
        with self._lock:
            self.asked.append(attributes)
            if self._answer(attributes) is None:
                self.clock.advance(timeout_seconds)
                raise Unreachable("nobody answered")
        match self._answer(attributes):
            case bool() as allowed:
                return Response(201, encode({"status": {"allowed": allowed}}))
            case status:
                return Response(status or 500, encode({"kind": "Status", "message": "not for you"}))

    def open_stream(self, request: Request, *, timeout_seconds: float) -> Stream:
        raise AssertionError((request, timeout_seconds))

    def close(self) -> None:
        """Nothing to close."""

    def notices(self, plan: Plan, *, acts: bool = True) -> list[tuple[str, str, str]]:
        kinds = Discovery(self, self.clock)
        found = access_notices(plan, kinds, self, self.clock, acts=acts)
        return [(one.rule, one.level, one.message) for one in found]


def plan(text: str = RULES) -> Plan:
    return compile_text(text).plan


def test_nothing_is_said_where_everything_is_allowed() -> None:
    server = Reviewer(lambda _: True)
    assert server.notices(plan()) == []
    assert {"verb": "patch", "resource": "secrets"} in server.asked


def test_only_the_rule_that_lacks_something_is_marked() -> None:
    server = Reviewer(lambda asked: asked["resource"] != "secrets" or asked["verb"] != "patch")
    assert server.notices(plan()) == [
        (
            "secrets",
            "warning",
            "not allowed to patch secrets; `rulectl rbac` prints the roles to apply, --verify asks again",
        )
    ]


def test_a_dry_run_needs_no_writes() -> None:
    server = Reviewer(lambda asked: asked["verb"] != "patch")
    assert server.notices(plan(), acts=False) == []


def test_a_server_that_lets_us_not_ask_is_asked_once_and_noted() -> None:
    for status in (403, 404):
        server = Reviewer(lambda _, status=status: status)  # type: ignore[misc] # bound now
        [(who, level, message)] = server.notices(plan())
        assert (who, level, len(server.asked)) == ("", "info", 1)
        assert message.startswith("permissions are not checked: ")


def test_a_server_that_does_not_answer_does_not_hold_up_the_start_for_long() -> None:
    server = Reviewer(lambda _: None)
    began = server.clock.monotonic()
    [(_, level, message)] = server.notices(plan())
    assert (level, message) == ("warning", "permissions are not checked: nobody answered")
    assert server.clock.monotonic() - began <= 60


def test_what_was_answered_counts_even_if_the_rest_was_not() -> None:
    server = Reviewer(lambda asked: None if asked["verb"] == "watch" else False)
    grants = [Grant("", "pods", verb, "a", "x") for verb in ("get", "watch")]
    access = review_access(server, server.clock, grants)
    assert access.allowed == {grants[0]: False}
    assert access.problem == "nobody answered"
    assert server.asked[0] == {"verb": "get", "resource": "pods", "namespace": "a", "name": "x"}


def test_subresources_and_groups_are_asked_for_as_such() -> None:
    server = Reviewer(lambda _: True)
    review_access(server, server.clock, [Grant("apps", "deployments/scale", "patch")])
    assert server.asked == [{"verb": "patch", "group": "apps", "resource": "deployments", "subresource": "scale"}]


def test_kinds_that_are_not_served_are_not_asked_for() -> None:
    server = Reviewer(lambda _: False)
    assert server.notices(plan(rule("watch: {apiVersion: example.com/v1, kind: Widget}"))) == []


def test_rules_that_are_off_are_not_asked_for() -> None:
    server = Reviewer(lambda _: False)
    assert server.notices(plan(rule("enabledIf: env.X == 'y'"))) == []
