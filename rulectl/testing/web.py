"""The other servers that `http` actions call, in memory: scripted answers, and what was asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from rulectl.action.egress import EgressPolicy
from rulectl.action.http.port import HttpRequest, HttpResponse
from rulectl.errors import Unreachable
from rulectl.testing.transport import Crash
from rulectl.value import Value, decode


@dataclass(frozen=True, slots=True)
class Refusal:
    """The request arrives and is answered with `status`, but nothing is done."""

    status: int


@dataclass(frozen=True, slots=True)
class CutOff:
    """The request takes effect, and the connection is cut before the answer."""


Script: TypeAlias = int | HttpResponse | Exception | Refusal | CutOff
"""One answer: a status, a whole answer, or what is raised instead; the request takes effect all the same.

Only with `Refusal`, and with `Unreachable` (which does not even arrive), it does not.
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One request that arrived; `body` is parsed where it is JSON."""

    method: str
    url: str
    body: Value
    key: str
    """Its Idempotency-Key."""


@dataclass(slots=True)
class FakeWeb:
    """Fulfils `HttpClient`: answers 200 unless `script` holds something else for the next request.

    `on_call` is told of each request that took effect, before the answer goes back.
    """

    calls: list[Call] = field(default_factory=list)
    script: deque[Script] = field(default_factory=deque)
    on_call: Callable[[Call], None] = lambda _call: None
    crash: Crash | None = None

    def send(
        self,
        request: HttpRequest,
        *,
        egress: EgressPolicy,  # noqa: ARG002 - everything is allowed here
        timeout_seconds: float,  # noqa: ARG002 - answers come at once
        max_bytes: int,  # noqa: ARG002 - scripted answers are short
    ) -> HttpResponse:
        """See `HttpClient.send`."""
        if self.crash is not None:
            self.crash.passing(f"before http {request.method}")
        answer = self.script.popleft() if self.script else 200
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(request.method, request.url, _body(request.body), headers.get("idempotency-key", ""))
        if isinstance(answer, Unreachable):
            raise answer
        self.calls.append(call)
        if isinstance(answer, Refusal):
            return HttpResponse(answer.status)
        self.on_call(call)
        if self.crash is not None:
            self.crash.passing(f"after http {request.method}")
        match answer:
            case CutOff():
                msg = f"{request.method} {request.url}: the connection was cut before the answer"
                raise Unreachable(msg)
            case Exception():
                raise answer
            case HttpResponse():
                return answer
            case status:
                return HttpResponse(status)


def _body(data: bytes | None) -> Value:
    if not data:
        return None
    try:
        return decode(data)
    except ValueError:
        return data.decode(errors="replace")
