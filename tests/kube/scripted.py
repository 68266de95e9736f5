"""A transport that answers from a table."""

from __future__ import annotations

from collections.abc import Mapping

from rulectl.kube.transport import Request, Response, Stream
from rulectl.value import Value, encode


class Scripted:
    """Answers by path; what is not in the table is a 404. Remembers what it was asked."""

    def __init__(self, answers: Mapping[str, Value | Response]) -> None:
        self.answers = dict(answers)
        self.requests: list[Request] = []

    def request(self, request: Request, *, timeout_seconds: float) -> Response:  # noqa: ARG002 - the port's
        self.requests.append(request)
        answer = self.answers.get(request.path)
        if isinstance(answer, Response):
            return answer
        if answer is None:
            return Response(404, encode({"kind": "Status", "message": "not found", "code": 404}))
        return Response(200, encode(answer))

    def open_stream(self, request: Request, *, timeout_seconds: float) -> Stream:
        raise NotImplementedError

    def close(self) -> None:
        pass
