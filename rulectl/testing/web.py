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

Script: TypeAlias = int | HttpResponse | Exception
"""One answer: a status, a whole answer, or what is raised instead."""


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
        self.on_call(call)
        if self.crash is not None:
            self.crash.passing(f"after http {request.method}")
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, HttpResponse) else HttpResponse(answer)


def _body(data: bytes | None) -> Value:
    if not data:
        return None
    try:
        return decode(data)
    except ValueError:
        return data.decode(errors="replace")
