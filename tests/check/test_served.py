"""The schemas that a cluster serves, against the API server in memory."""

from __future__ import annotations

import pytest

from rulectl.check.inspection import inspect
from rulectl.check.schemas import KindSchemas
from rulectl.check.served import ServedSchemas
from rulectl.clock import VirtualClock
from rulectl.errors import PermanentError, TransientError
from rulectl.kube.transport import Request, Response, Stream
from rulectl.plan.compiler import compile_text
from rulectl.resource import Kind
from tests.check.types.judged import schemas as packaged
from tests.rule.marked import rule


class Server:
    """Answers with the given bodies by path, with 404 where there is none; remembers what was asked."""

    def __init__(self, answers: dict[str, str | int]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def request(self, request: Request, *, timeout_seconds: float) -> Response:
        assert timeout_seconds > 0
        self.asked.append(f"{request.path} {dict(request.query)}" if request.query else request.path)
        answer = self.answers.get(request.path, 404)
        return Response(answer, b"") if isinstance(answer, int) else Response(200, answer.encode())

    def open_stream(self, request: Request, *, timeout_seconds: float) -> Stream:
        raise NotImplementedError

    def close(self) -> None:
        pass


INDEX = '{"paths": {"apis/acme.io/v1": {"serverRelativeURL": "/openapi/v3/apis/acme.io/v1?hash=AB12"}}}'
DOCUMENT = """{"components": {"schemas": {
  "io.acme.v1.Widget": {
    "type": "object",
    "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}},
    "x-kubernetes-group-version-kind": [{"group": "acme.io", "version": "v1", "kind": "Widget"}]}}}}"""
ALL: dict[str, str | int] = {"/openapi/v3": INDEX, "/openapi/v3/apis/acme.io/v1": DOCUMENT}
WIDGET = Kind("acme.io/v1", "Widget")


def served(server: Server) -> ServedSchemas:
    return ServedSchemas(server, VirtualClock())


def test_rules_are_checked_against_what_the_cluster_serves() -> None:
    text = rule("watch: {apiVersion: acme.io/v1, kind: Widget}\nwhen: [object.spec.sise]")
    problems = inspect(compile_text(text), KindSchemas((served(Server(ALL)), packaged())))
    assert [(problem.code, problem.hint) for problem in problems] == [("RC421", "did you mean 'size'?")]


def test_only_the_documents_that_are_needed_are_read_and_each_once() -> None:
    server = Server(ALL)
    source = served(server)
    assert [source(kind) is not None for kind in (WIDGET, WIDGET, Kind("acme.io/v1", "Other"))] == [True, True, False]
    assert server.asked == ["/openapi/v3", "/openapi/v3/apis/acme.io/v1 {'hash': 'AB12'}"]


def test_a_group_that_is_not_served_has_no_schemas() -> None:
    assert served(Server(ALL))(Kind("v1", "Pod")) is None


@pytest.mark.parametrize(("status", "error"), [(403, PermanentError), (500, TransientError), (404, PermanentError)])
def test_a_cluster_that_refuses_is_an_error(status: int, error: type[Exception]) -> None:
    with pytest.raises(error, match="reading the schemas of the cluster at /openapi/v3"):
        served(Server({"/openapi/v3": status}))(WIDGET)


def test_an_answer_that_is_no_json_is_an_error() -> None:
    with pytest.raises(PermanentError, match="is this an API server"):
        served(Server({"/openapi/v3": "<html>"}))(WIDGET)
